"""Files, folders and standard input become articles; what cannot be read is one clear line, and the rest is read."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from kg import articles, inputs
from kg.articles import Refused
from kg.model import Article

SEED = Path(__file__).parent.parent / "seeds" / "articles" / "000_7d2c0793b6e4c6e0.txt"
BODY = "La Roma ha esonerato il tecnico dopo la sconfitta di Lecce. Al suo posto arriva Claudio Ranieri."
HEADLINE = "Roma, torna Ranieri"
RECORD = {
    "id": "r-1", "url": "https://example.org/roma?a=1", "title": HEADLINE, "text": BODY,
    "date": "2025-03-31", "outlet": "Calcio Oggi", "author": "ignored",
}  # fmt: skip
PAGE = f"""<!doctype html><html lang="it"><head><meta charset="utf-8"><title>{HEADLINE} - Calcio Oggi</title>
<meta property="og:title" content="{HEADLINE}"><meta property="og:site_name" content="Calcio Oggi">
<link rel="canonical" href="https://www.example.org/roma-ranieri">
<meta property="article:published_time" content="2025-03-31T10:00:00+02:00"></head>
<body><nav><a href="/">Home</a> <a href="/serie-a">Serie A</a></nav><article><h1>{HEADLINE}</h1>
<p>{BODY}</p><p>Il presidente è soddisfatto: «È l'uomo giusto», ha detto però ai cronisti, e la città è con lui.</p>
<p>LEGGI ANCHE: Lazio, Sarri resta</p></article><footer>Privacy policy</footer></body></html>"""


def read(*names: str | Path, stdin: bytes = b"") -> list[Article | Refused]:
    return list(articles.read(map(str, names), io.BytesIO(stdin)))


def one(*names: str | Path, stdin: bytes = b"") -> Article:
    (article,) = read(*names, stdin=stdin)
    assert isinstance(article, Article), article
    return article


def refused(*names: str | Path, stdin: bytes = b"") -> str:
    (left_out,) = read(*names, stdin=stdin)
    assert isinstance(left_out, Refused), left_out
    assert "\n" not in left_out.reason
    return f"{left_out.source}: {left_out.reason}"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def ids(found: Iterable[Article | Refused]) -> list[str]:
    return [item.id if isinstance(item, Article) else item.source for item in found]


# What is read --------------------------------------------------------------------------------------------


def test_the_seed_article_is_called_by_its_file_and_keeps_its_text() -> None:
    article = one(SEED)
    headline, body = SEED.read_text(encoding="utf-8").split("\n", 1)
    assert article.id == SEED.stem
    assert article.title == headline
    assert article.text == f"{headline}\n\n{body.rstrip()}"
    assert article.source == str(SEED)
    assert one(SEED.parent) == article


def test_a_text_file(tmp_path: Path) -> None:
    file = write(tmp_path / "roma.ranieri.TXT", f"\ufeff\r\n{HEADLINE}\r\n\r\n\r\n{BODY}\r\nLEGGI ANCHE: Lazio ko\r\n")
    assert one(file) == Article("roma.ranieri", f"{HEADLINE}\n\n{BODY}", title=HEADLINE, source=str(file))


def test_a_text_without_headline(tmp_path: Path) -> None:
    assert one(write(tmp_path / "a.txt", BODY)).title == ""
    long_line = f"{BODY} " * 4
    article = one(write(tmp_path / "b.txt", f"{long_line}\n{BODY}"))
    assert article.title == ""
    assert article.text == f"{long_line.strip()}\n{BODY}"


def test_a_page(tmp_path: Path) -> None:
    article = one(write(tmp_path / "pagina.html", PAGE))
    assert article.id == "pagina"
    assert article.title == HEADLINE
    assert article.text.startswith(f"{HEADLINE}\n\n{BODY}\n")
    assert "Serie A" not in article.text
    assert "Sarri" not in article.text
    assert "Privacy" not in article.text
    assert (article.date, article.outlet) == ("2025-03-31", "Calcio Oggi")
    assert article.url == "https://www.example.org/roma-ranieri"


def test_a_page_in_an_older_character_set(tmp_path: Path) -> None:
    page = PAGE.replace('charset="utf-8"', 'charset="iso-8859-1"').encode("cp1252")
    assert "è soddisfatto: «È l'uomo giusto»" in one(write(tmp_path / "pagina.htm", page)).text


def test_a_page_does_not_open_files_or_addresses(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", "segretissimo")
    doctype = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]>'
    page = PAGE.replace("<!doctype html>", doctype).replace(BODY, f"{BODY} &x;")
    assert "segretissimo" not in one(write(tmp_path / "a.html", page)).text


def test_a_record(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", json.dumps(RECORD))
    text = f"{HEADLINE}\n\n{BODY}"
    url = str(RECORD["url"])
    assert one(file) == Article("r-1", text, HEADLINE, url, "Calcio Oggi", "2025-03-31", source=f"{file}")


def test_a_list_of_records_and_a_record_a_line(tmp_path: Path) -> None:
    records = [{"id": 7, "text": BODY}, {"id": "b", "text": f"{BODY} Oggi."}]
    as_list = write(tmp_path / "list.json", json.dumps(records, indent=1))
    by_line = write(tmp_path / "lines.jsonl", lines(records[0]) + "\n" + lines(records[1]))
    misnamed = write(tmp_path / "lines.json", by_line.read_bytes())
    for file in (as_list, by_line, misnamed):
        assert ids(read(file)) == ["7", "b"]
    assert [item.source for item in read(by_line)] == [f"{by_line}:1", f"{by_line}:3"]
    assert [item.source for item in read(as_list)] == [f"{as_list}[1]", f"{as_list}[2]"]


def test_a_record_without_id_is_called_by_its_text() -> None:
    article = one("-", stdin=json.dumps({"text": BODY}).encode())
    assert article.id == hashlib.sha256(BODY.encode()).hexdigest()[:16]


def test_a_headline_that_the_text_repeats_is_there_once() -> None:
    record = {"title": HEADLINE, "text": f"{HEADLINE}\n{BODY}"}
    assert one("-", stdin=json.dumps(record).encode()).text == f"{HEADLINE}\n\n{BODY}"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "file:///etc/passwd", "ftp://example.org/a", "https://", "http://[", "example.org",
        "https://example.org/a b", "https://example.org/<b>", "https://u:p@example.org/", "https://example.org/\u202ea",
        "https://example.org/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_only_web_addresses_are_kept(url: str) -> None:
    assert one("-", stdin=json.dumps({"text": BODY, "url": url}).encode()).url == ""


@pytest.mark.parametrize(
    ("date", "kept"),
    [("2025-03-31", "2025-03-31"), ("2025-03-31 18:30", "2025-03-31T18:30:00"), ("", ""), (None, ""),
     ("2025-03-31T18:30:00Z", "2025-03-31T18:30:00+00:00")],
)  # fmt: skip
def test_dates(date: str | None, kept: str) -> None:
    assert one("-", stdin=json.dumps({"text": BODY, "date": date}).encode()).date == kept


def test_standard_input_is_text_records_or_a_page() -> None:
    assert one("-", stdin=f"\n{HEADLINE}\n{BODY}".encode()).title == HEADLINE
    assert one("-", stdin=f"[ANSA] {HEADLINE}\n{BODY}".encode()).title == f"[ANSA] {HEADLINE}"
    assert one("-", stdin=json.dumps(RECORD, indent=2).encode()).id == "r-1"
    assert one("-", stdin=b"\xef\xbb\xbf" + json.dumps([RECORD]).encode()).id == "r-1"
    assert ids(read("-", stdin=lines(RECORD, RECORD | {"id": "r-2"}).encode())) == ["r-1", "r-2"]
    assert one("-", stdin=PAGE.encode()).outlet == "Calcio Oggi"


def test_a_folder_is_read_by_name_with_what_is_below_it(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/c/d.json", "c.jsonl", ".hidden.txt", ".git/e.txt", "README.md"):
        content = json.dumps({"id": Path(name).stem, "text": BODY}) if "json" in name else f"{name} – {BODY}"
        write(tmp_path / name, content)
    assert ids(read(tmp_path)) == ["d", "z", "b", "c"]


def test_a_folder_that_links_to_itself_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "a" / "roma.txt", BODY)
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    found = read(tmp_path)
    assert ids(found) == ["roma", str(tmp_path / "self.txt")]


def test_a_very_deep_folder_is_read(tmp_path: Path) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1_200):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(before)
    write(tmp_path / "e.txt", BODY)
    assert "e" in ids(read(tmp_path))


# Ids -----------------------------------------------------------------------------------------------------


def test_the_same_article_twice_is_read_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", BODY)
    assert ids(read(file, tmp_path, file)) == ["a"]


def test_another_text_under_the_same_id_is_refused_and_both_places_named(tmp_path: Path) -> None:
    first, second = write(tmp_path / "1" / "a.txt", BODY), write(tmp_path / "2" / "a.txt", f"{BODY} Oggi.")
    article, left_out = read(tmp_path)
    assert isinstance(article, Article)
    assert isinstance(left_out, Refused)
    assert left_out.source == str(second)
    assert str(first) in left_out.reason


def test_ids_are_short_lines(tmp_path: Path) -> None:
    wild = {"id": "a\x1b[2J\nb\u202e \ud800c", "text": BODY}
    assert one("-", stdin=json.dumps(wild).encode()).id == "a[2J b c"
    long_ids = [json.dumps({"id": "x" * 900 + end, "text": BODY}).encode() for end in "ab"]
    first, second = (one("-", stdin=record).id for record in long_ids)
    assert len(first) <= 200
    assert first != second


def test_a_file_name_that_is_not_utf8_gives_an_id_that_is(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/caff\xe8\x1b.txt"
    write(Path(os.fsdecode(file)), BODY)
    article = one(os.fsdecode(file))
    assert article.id == "caff\ufffd"
    article.source.encode()
    assert "\x1b" not in article.source


# What is refused -----------------------------------------------------------------------------------------


def test_empty_and_blank(tmp_path: Path) -> None:
    assert "empty" in refused(write(tmp_path / "a.txt", ""))
    assert "empty" in refused(write(tmp_path / "a.jsonl", "\n\n"))
    assert "empty" in refused(write(tmp_path / "a.json", ""))
    assert "empty list" in refused(write(tmp_path / "b.json", "[]"))
    assert "no text" in refused(write(tmp_path / "b.txt", " \n\u00a0\n"))
    assert "boilerplate" in refused(write(tmp_path / "c.txt", "RIPRODUZIONE RISERVATA\n"))
    assert "no main text" in refused(write(tmp_path / "a.html", "<html><body></body></html>"))
    assert "standard input: empty" in refused("-")


def test_binary_files(tmp_path: Path) -> None:
    for suffix in ("txt", "html", "json", "jsonl"):
        assert "binary" in refused(write(tmp_path / f"a.{suffix}", b"\x7fELF\x02\x01\x00\x00" * 400))
    assert "binary" in refused(write(tmp_path / "b.txt", bytes(range(1, 32)) * 9))
    assert "UTF-16" in refused(write(tmp_path / "c.txt", BODY.encode("utf-16")))


def test_too_much_text_is_refused_at_once(tmp_path: Path) -> None:
    for text in ("a" * 5_000_000, "La Roma vince. " * 350_000):
        assert "200,000 characters" in refused(write(tmp_path / "a.txt", text))
        assert "200,000 characters" in refused(write(tmp_path / "a.json", json.dumps({"text": text})))
        assert "line" in refused(write(tmp_path / "a.jsonl", json.dumps({"text": text})))
        assert "bytes" in refused(write(tmp_path / "a.html", f"<html><body><p>{text}</p></body></html>"))
    assert "200,000 characters" in refused("-", stdin=b"La Roma vince. " * 350_000)


def test_what_is_no_prose_is_refused(tmp_path: Path) -> None:
    assert "end of a sentence" in refused(write(tmp_path / "a.txt", "gol " * 2_000))
    assert "end of a sentence" in refused(write(tmp_path / "a.txt", "a" * 100_000))


def test_a_page_made_to_keep_us_busy_is_refused(tmp_path: Path) -> None:
    attributes = " ".join(f'a{number}=">"' for number in range(100_000))
    assert "too long" in refused(write(tmp_path / "a.html", f"<html><body {attributes}><p>{BODY}</p></body></html>"))
    assert "too long" in refused(write(tmp_path / "a.html", "<html><body>" + "<div>" * 300_000))


def test_invalid_utf8_is_told_by_byte(tmp_path: Path) -> None:
    assert "byte 28, 0xe8, in line 2" in refused(
        write(tmp_path / "a.txt", HEADLINE.encode() + b"\nCitt\xc3\xa0 \xe8 qui")
    )
    assert "0xe8" in refused(write(tmp_path / "a.html", "<html><body><p>è".encode("cp1252")))
    assert "a.jsonl:1: not UTF-8" in refused(write(tmp_path / "a.jsonl", b'{"text": "\xe8"}\n'))


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.txt")
    assert "no article in this folder" in refused(tmp_path)
    assert "kind of file" in refused(write(tmp_path / "article.docx", BODY))
    os.mkfifo(tmp_path / "pipe.txt")
    assert "neither a file nor a folder" in refused(tmp_path / "pipe.txt")
    assert "cannot be read" in refused(tmp_path / ("a" * 300 + ".txt"))


def test_an_unreadable_file_is_refused_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", BODY)
    locked = write(tmp_path / "b.txt", f"{BODY} Oggi.")
    write(tmp_path / "c.txt", f"{BODY} Ieri.")
    if os.geteuid() == 0:  # root may read everything: the system's answer is put in its place
        opened = Path.open

        def refuse(path: Path, *arguments: str) -> object:
            if path == locked:
                raise PermissionError(13, "Permission denied", str(path))
            return opened(path, *arguments)

        monkeypatch.setattr(Path, "open", refuse)
    else:
        locked.chmod(0)
    found = read(tmp_path)
    assert ids(found) == ["a", str(locked), "c"]
    assert isinstance(found[1], Refused)
    assert "may not be read" in found[1].reason


def test_a_broken_line_is_told_by_number_and_the_others_are_read(tmp_path: Path) -> None:
    content = lines(RECORD) + '{"text": "La Roma"\n' + "[1]\n" + '{"title": "Roma"}\n' + lines(RECORD | {"id": "r-2"})
    file = write(tmp_path / "a.jsonl", content)
    found = read(file)
    assert ids(found) == ["r-1", f"{file}:2", f"{file}:3", f"{file}:4", "r-2"]
    reasons = [item.reason for item in found if isinstance(item, Refused)]
    assert "column 19" in reasons[0]
    assert "a list" in reasons[1]
    assert '"text"' in reasons[2]


def test_a_line_without_end_is_passed_over_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MOST_LINE", 1_000)
    file = write(tmp_path / "a.jsonl", json.dumps({"text": "a" * 5_000}) + "\n" + lines(RECORD))
    assert ids(read(file)) == [f"{file}:1", "r-1"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"text": 7}, '"text" is a number'),
        ({"text": BODY, "title": ["a"]}, '"title" is a list'),
        ({"text": BODY, "id": True}, '"id" is true or false'),
        ({"text": BODY, "url": {}}, '"url" is an object'),
        ({"text": BODY, "date": "31/03/2025"}, "ISO 8601"),
        ({"text": BODY, "date": "2025-02-30"}, "ISO 8601"),
        ({"text": BODY, "title": "a" * 1_001}, "1,000 characters"),
        ({"text": None}, 'without "text"'),
        ("La Roma", "no valid JSON"),
    ],
)
def test_records_that_are_wrong(tmp_path: Path, record: object, reason: str) -> None:
    content = record if isinstance(record, str) else json.dumps(record)
    assert reason in refused(write(tmp_path / "a.json", content))


def test_json_that_is_nested_without_end(tmp_path: Path) -> None:
    assert "nested too deeply" in refused(write(tmp_path / "a.json", "[" * 200_000))
    assert "nested too deeply" in refused(write(tmp_path / "a.jsonl", '{"a":' * 200_000))
    assert "number too long" in refused(write(tmp_path / "b.json", f'{{"id": {"9" * 5_000}, "text": "a"}}'))


def test_an_english_article_is_refused_in_one_line(tmp_path: Path) -> None:
    text = "Roma have sacked their coach after the defeat at Lecce. Claudio Ranieri is the man who will replace him."
    assert "in English; kg reads Italian articles only" in refused(write(tmp_path / "a.txt", text))


def test_closed_standard_input_is_told() -> None:
    (left_out,) = articles.read(["-"], None)
    assert isinstance(left_out, Refused)
    assert left_out.source == "standard input"
