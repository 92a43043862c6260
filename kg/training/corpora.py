"""Reads the files that models are trained and judged on: trees in CoNLL-U, names in columns."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.training.errors import TrainingError

NAME_TYPES = ("PER", "ORG", "LOC")

_TOKEN_LINE = re.compile(r"\d+(-\d+)?\t")
_EMPTY_NODE = re.compile(r"\d+\.\d+\t")
_PARAGRAPH = re.compile(r"# new(doc|par)\b")


@dataclass(frozen=True, slots=True)
class Tree:
    """One sentence of a treebank: `text` as printed, `lines` of its CoNLL-U block without empty nodes."""

    text: str
    lines: tuple[str, ...]

    @property
    def key(self) -> str:
        """The letters and digits of the text, lower-cased: what makes two sentences the same."""
        return "".join(letter for letter in self.text.lower() if letter.isalnum())

    @property
    def words(self) -> list[list[str]]:
        """The ten columns of each of its words, without the lines of contractions."""
        rows = (line.split("\t") for line in self.lines if not line.startswith("#"))
        return [row for row in rows if row[0].isdecimal()]

    @property
    def starts_paragraph(self) -> bool:
        """Whether the treebank marks a new document or paragraph here."""
        return any(_PARAGRAPH.match(line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class NamedSentence:
    """A sentence with names: `tags` are BIO over `tokens`; `text` is the raw sentence where the file has it."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    text: str | None = None

    @property
    def key(self) -> str:
        """The letters and digits of the sentence, lower-cased: what makes two sentences the same."""
        return "".join(letter for token in self.tokens for letter in token.lower() if letter.isalnum())

    def spans(self) -> tuple[tuple[int, int, str], ...]:
        """The names as (first token, token after the last, type), in their order."""
        found: list[tuple[int, int, str]] = []
        for place, tag in enumerate((*self.tags, "O")):
            if found and found[-1][1] == -1 and not tag.startswith("I-"):
                found[-1] = (found[-1][0], place, found[-1][2])
            if tag.startswith("B-"):
                found.append((place, -1, tag[2:]))
        return tuple(found)


def read_trees(file: Path) -> Iterator[Tree]:
    """The sentences of a CoNLL-U file; raises TrainingError, naming file and line, on a file that is none."""
    for number, block in _blocks(file):
        lines = []
        for offset, line in enumerate(block):
            if not _EMPTY_NODE.match(line):
                if not line.startswith("#"):
                    _check_columns(line, f"{file}, line {number + offset}")
                lines.append(line)
        words = [line.split("\t") for line in lines if _TOKEN_LINE.match(line)]
        if not words:
            raise TrainingError(f"{file}, line {number}: a sentence without a word")
        _check_heads([row for row in words if row[0].isdecimal()], f"{file}, line {number}")
        texts = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
        yield Tree(texts[0] if texts else " ".join(row[1] for row in words), tuple(lines))


def _check_columns(line: str, place: str) -> None:
    columns = line.split("\t")
    if not _TOKEN_LINE.match(line) or len(columns) != 10:
        raise TrainingError(f"{place}: not a word of CoNLL-U (a number, then nine more columns, parted by tabs)")
    if not all(columns[1:]):
        raise TrainingError(f"{place}: an empty column; CoNLL-U has «_» where there is nothing")


def _check_heads(rows: Sequence[Sequence[str]], place: str) -> None:
    if [row[0] for row in rows] != [str(number) for number in range(1, len(rows) + 1)]:
        raise TrainingError(f"{place}: the words of this sentence are not numbered 1, 2, 3, …")
    for row in rows:
        if not row[6].isdecimal() or int(row[6]) > len(rows):
            raise TrainingError(f"{place}: the head of word {row[0]} («{row[6]}») is no word of this sentence")
    if not any(row[6] == "0" for row in rows):
        raise TrainingError(f"{place}: no word of this sentence is its root")


def without(trees: Iterable[Tree], held_out: Iterable[Tree]) -> tuple[Tree, ...]:
    """The trees whose text is not among `held_out`, each text once."""
    seen = {tree.key for tree in held_out}
    kept = []
    for tree in trees:
        if tree.key not in seen:
            seen.add(tree.key)
            kept.append(tree)
    return tuple(kept)


def without_names(sentences: Iterable[NamedSentence], held_out: Iterable[NamedSentence]) -> tuple[NamedSentence, ...]:
    """The sentences whose words are not among `held_out`; what is said twice stays twice, as a corpus has it."""
    seen = {sentence.key for sentence in held_out}
    return tuple(sentence for sentence in sentences if sentence.key not in seen)


def numbered(tree: Tree, number: int) -> Tree:
    """The tree with a number and a stop before its first word, as laws and lists have it: «907. Distanza …».

    Both hang on the root.
    """
    root = next(int(row[0]) for row in tree.words if row[6] == "0")
    opening = [
        f"1\t{number}\t{number}\tNUM\tN\tNumType=Card\t{root + 2}\tnummod\t_\tSpaceAfter=No",
        "2\t.\t.\tPUNCT\tFF\t_\t1\tpunct\t_\t_",
    ]
    text = f"{number}. {tree.text}"
    shifted = [_shifted(line, len(opening)) for line in tree.lines if not line.startswith("#")]
    return Tree(text, (f"# text = {text}", *opening, *shifted))


def _shifted(line: str, by: int) -> str:
    """A line of CoNLL-U, `by` words further on; enhanced relations are left out."""
    columns = line.split("\t")
    columns[0] = "-".join(str(int(place) + by) for place in columns[0].split("-"))
    if columns[6] not in ("0", "_"):
        columns[6] = str(int(columns[6]) + by)
    columns[8] = "_"
    return "\t".join(columns)


def write_trees(file: Path, trees: Iterable[Tree]) -> None:
    """Writes a CoNLL-U file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join("\n".join(tree.lines) + "\n\n" for tree in trees), encoding="utf-8")


def raw_text(trees: Sequence[Tree]) -> str:
    """The running text of a treebank: sentences parted by a blank, paragraphs by an empty line."""
    text = ""
    for tree in trees:
        gap = "" if not text else "\n\n" if tree.starts_paragraph else " "
        text += gap + tree.text
    return text + "\n"


def read_names(file: Path) -> Iterator[NamedSentence]:
    """The sentences of a file with a token and its BIO tag in the last two columns, parted by empty lines.

    A comment `# text = …` gives the raw sentence. Types other than PER, ORG and LOC become O; an I- without its
    B- becomes B-. Raises TrainingError on any other line.
    """
    for number, block in _blocks(file):
        texts = [line.removeprefix("# text = ") for line in block if line.startswith("# text = ")]
        tokens: list[str] = []
        tags: list[str] = []
        for offset, line in enumerate(block):
            columns = line.split("\t")
            if len(columns) == 1 and line.startswith("# "):
                continue
            if len(columns) < 2 or not re.fullmatch(r"O|[BI]-[A-Z]+", columns[-1]):
                raise TrainingError(f"{file}, line {number + offset}: not a token and its tag, parted by a tab")
            token = unicodedata.normalize("NFC", columns[-2]).strip()
            if token:
                tokens.append(token)
                tags.append(_known(columns[-1], tags[-1] if tags else "O"))
        if tokens:
            yield NamedSentence(tuple(tokens), tuple(tags), texts[0] if texts else None)


def write_names(file: Path, sentences: Iterable[NamedSentence]) -> None:
    """Writes the JSON that Stanza's name tagger is trained on."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        [{"text": token, "ner": tag} for token, tag in zip(sentence.tokens, sentence.tags, strict=True)]
        for sentence in sentences
    ]
    file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def read_written_names(file: Path) -> Iterator[NamedSentence]:
    """The sentences of a file that `write_names` wrote."""
    for row in json.loads(file.read_text(encoding="utf-8")):
        yield NamedSentence(tuple(token["text"] for token in row), tuple(token["ner"] for token in row))


def _known(tag: str, before: str) -> str:
    if tag[2:] not in NAME_TYPES:
        return "O"
    return f"B-{tag[2:]}" if tag.startswith("I-") and before[2:] != tag[2:] else tag


def _blocks(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The runs of lines between empty lines, each with the number of its first line."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise TrainingError(f"{file}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{file}: cannot be read as UTF-8 text ({type(error).__name__})") from error
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []
