"""Files, folders and streams → cleaned articles.

What is read:

- `.txt`: UTF-8; the first line is the headline, if more follows and it has no more than 300 characters.
- `.html`, `.htm`: the main text of a saved page, with title, date, outlet and address from its metadata;
  UTF-8, or the Western character set that the page declares.
- `.json`: one record or a list of them; `.jsonl`: one record a line (see `records.py`).
- the same packed by gzip: `.txt.gz`, `.html.gz`, `.json.gz`, `.jsonl.gz`.
- `.warc`, `.warc.gz`: the archives of web crawlers. Pages in Italian with a main text are read, others passed over
  without a word; one that was crawled twice is one article.
- `.parquet`: the columns `text`, `id`, `url`, `title`, `date`, `outlet` of each row.
- folders: all such files in them and below, by name; hidden files and folders are left out, and links are
  followed, but never round in a circle.
- addresses (`s3://bucket/folder`, `gs://…`, `https://…`): files, folders, and `*` for parts of names, by fsspec.
- `-`: standard input: records if it looks like JSON, a page if it looks like HTML, else text.

An article's id is its file's name without suffix, or its record's id; what has neither is called by the
first 16 digits of the SHA-256 of its cleaned text. Ids are one line of at most 200 characters. One id is
one article: the same text again is passed over in silence, another text under the same id is refused
(within a run; a later run with another text puts the new one in the old one's place).

Only Italian articles are read, of up to 200,000 characters (a long one has 10,000), with a blank or a
line end after at most 5,000 characters without the end of a sentence: parsers do not come to an end on
what is no prose. Whatever cannot be read is `Refused`, each with one reason, and the rest is read.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from kg.cleaning import clean, one_line
from kg.errors import InputError
from kg.inputs import found_in
from kg.language import ITALIAN, language
from kg.model import Article
from kg.records import MOST_TEXT, Raw, Refused

__all__ = ["MOST_TEXT", "MOST_UNBROKEN", "Refused", "read"]

MOST_UNBROKEN = 5_000
"""Characters of one article without the end of a sentence or line."""
_LONGEST_HEADLINE, _LONGEST_ID = 300, 200
_SENTENCE_END = re.compile("\n|(?<=[.!?…:;»”\"'’)]) ")


def read(inputs: Iterable[str], stdin: BinaryIO | None) -> Iterator[Article | Refused]:
    """The articles of files, folders and (`-`) standard input, in order, with what was refused among them."""
    known: dict[str, tuple[str, str]] = {}
    for found in itertools.chain.from_iterable(found_in(name, stdin) for name in inputs):
        article = _article(found) if isinstance(found, Raw) else found
        if isinstance(article, Refused):
            yield article
        elif article.id not in known:
            known[article.id] = article.digest, article.source
            yield article
        elif known[article.id][0] != article.digest:
            first = known[article.id][1]
            reason = f"another text than {first}, under the same id «{article.id}»; rename the file or change the id"
            yield Refused(article.source, reason)


# From what was found to an article -----------------------------------------------------------------------


def _article(raw: Raw) -> Article | Refused:
    try:
        return _cleaned(raw)
    except InputError as error:
        return Refused(raw.source, str(error))


def _cleaned(raw: Raw) -> Article:
    if len(raw.text) > MOST_TEXT:
        raise InputError(f"more than {MOST_TEXT:,} characters; split it into articles")
    title, body = _headline(clean(raw.text)) if raw.headline_first else (_title(raw.title), clean(raw.text))
    if title and body.startswith(title + "\n"):  # pages and feeds often say it twice
        body = body.removeprefix(title).lstrip("\n")
    if not any(map(str.isalpha, body)):
        raise InputError("no text in it, or nothing but boilerplate; give the article's sentences")
    text = f"{title}\n\n{body}" if title else body
    longest = max(map(len, _SENTENCE_END.split(text)))
    if longest > MOST_UNBROKEN:
        raise InputError(f"{longest:,} characters without the end of a sentence; is it an article?")
    tongue = language(text)
    if tongue != ITALIAN:
        raise InputError(f"in {tongue}; kg reads Italian articles only")
    return Article(
        id=_identifier(raw.id) or hashlib.sha256(text.encode()).hexdigest()[:16],
        text=text,
        title=title,
        url=raw.url,
        outlet=one_line(raw.outlet),
        date=raw.date,
        source=raw.source,
    )


def _headline(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    body = rest.lstrip("\n")
    return (first, body) if body and len(first) <= _LONGEST_HEADLINE else ("", text)


def _title(title: str) -> str:
    return clean(one_line(title))


def _identifier(text: str) -> str:
    """The text on one line; what is too long keeps its beginning and gets a digest of the whole."""
    text = one_line(text)
    if len(text) <= _LONGEST_ID:
        return text
    return f"{text[: _LONGEST_ID - 17].rstrip()}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
