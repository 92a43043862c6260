"""Articles by the thousand: packed files, crawlers' archives, Parquet, and files at addresses."""

from __future__ import annotations

import datetime
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from kg import articles
from kg.model import Article
from kg.records import Refused

HEADLINE = "Roma, Ranieri resta dirigente"
BODY = "Claudio Ranieri resterà alla Roma come dirigente: lo ha detto il tecnico dopo la vittoria di Lecce."
MORE = "La società giallorossa cerca adesso il nuovo allenatore, e il favorito della piazza è Gian Piero Gasperini."
PAGE = f"""<!doctype html><html lang="it"><head><meta charset="utf-8"><title>{HEADLINE}</title>
<script>var a = "the and of with for from";</script></head><body><nav><a href="/">Home</a></nav>
<article><h1>{HEADLINE}</h1><p>{BODY}</p><p>{MORE}</p></article></body></html>"""
ENGLISH = """<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Roma sack coach</title></head><body>
<article><h1>Roma sack their coach</h1><p>Roma have sacked their coach after the defeat at Lecce, and Claudio Ranieri
is the man who will replace him at the club until the end of the season.</p></article></body></html>"""


def read(*inputs: object) -> list[Article | Refused]:
    return list(articles.read([str(one) for one in inputs], None))


def ids(found: list[Article | Refused]) -> list[str]:
    return [item.id if isinstance(item, Article) else f"! {item.source}: {item.reason}" for item in found]


def record(number: int, **more: object) -> dict[str, object]:
    return {"id": f"r{number}", "text": f"{BODY} È la giornata numero {number}.", **more}


# Packed by gzip ------------------------------------------------------------------------------------------


def test_packed_files_are_read_as_those_inside_them(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(record(number)) for number in range(3))
    for name, content in (
        ("roma.ranieri.txt.gz", f"{HEADLINE}\n{BODY}"),
        ("pagina.html.gz", PAGE),
        ("lista.JSON.GZ", json.dumps([record(7)])),
        ("righe.jsonl.gz", lines),
        ("other.csv.gz", "a,b"),
    ):
        (tmp_path / name).write_bytes(gzip.compress(content.encode()))
    found = read(tmp_path)
    assert ids(found) == ["r7", "pagina", "r0", "r1", "r2", "roma.ranieri"]
    assert found[2].source == f"{tmp_path / 'righe.jsonl.gz'}:1"
    assert "kind of file" in ids(read(tmp_path / "other.csv.gz"))[0]


def test_a_packed_file_that_is_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    lines = "".join(json.dumps(record(number, title=f"{number * 7919 % 10007:x}" * 9)) + "\n" for number in range(900))
    packed = gzip.compress(lines.encode())
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    *before, last = read(tmp_path)
    assert len(before) > 300
    assert all(isinstance(item, Article) for item in before)
    assert isinstance(last, Refused)
    assert "damaged" in last.reason


def test_what_is_not_packed_or_unpacks_without_end_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_text(BODY)
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b" " * 200_000_000))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(bytes(200_000_000)))
    not_packed, spaces, zeros = ids(read(tmp_path))
    assert "not compressed" in not_packed
    assert "200,000 characters" in spaces
    assert "line" in zeros or "binary" in zeros


# Archives of crawlers ------------------------------------------------------------------------------------


def archive(file: Path, *pages: tuple[str, bytes], status: str = "200 OK", packed: bool = True) -> list[int]:
    """Writes an archive of pages (address, bytes) as crawlers do; returns where each record begins."""
    offsets = []
    with file.open("wb") as stream:
        for number, (address, body) in enumerate(pages):
            answer = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".encode() + body
            head = (
                "WARC/1.0\r\nWARC-Type: response\r\n"
                f"WARC-Record-ID: <urn:uuid:12345678-feb0-11e6-8f83-68a86d1772{number:02}>\r\n"
                f"WARC-Target-URI: {address}\r\nWARC-Date: 2025-03-31T10:00:00Z\r\n"
                f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
            )
            record = head.encode() + answer + b"\r\n\r\n"
            offsets.append(stream.tell())
            stream.write(gzip.compress(record) if packed else record)
    return offsets


def page(number: int) -> tuple[str, bytes]:
    return f"https://calcio.example/{number}", PAGE.replace("Lecce", f"Lecce, giornata {number}").encode()


def test_the_italian_pages_of_an_archive_are_read_and_others_passed_over(tmp_path: Path) -> None:
    english = ("https://football.example/1", ENGLISH.encode())
    gallery = ("https://calcio.example/foto", b"<html><head><title>Foto</title></head><body></body></html>")
    for packed, name in ((True, "a.warc.gz"), (False, "b.warc")):
        archive(tmp_path / name, page(1), english, gallery, page(2), page(1), packed=packed)
        found = read(tmp_path / name)
        assert [item.url for item in found if isinstance(item, Article)] == [page(1)[0], page(2)[0]]
        assert len(found) == 2
        assert found[0].title == HEADLINE
        assert "giornata 1" in found[0].text
        assert found[0].source.startswith(f"{tmp_path / name}:")
    archive(tmp_path / "c.warc.gz", page(1), status="404 Not Found")
    assert read(tmp_path / "c.warc.gz") == []


@pytest.mark.parametrize("packed", [True, False])
def test_a_broken_record_is_named_and_the_next_is_read(tmp_path: Path, packed: bool) -> None:
    file = tmp_path / ("a.warc.gz" if packed else "a.warc")
    offsets = archive(file, page(1), page(2), page(3), packed=packed)
    data = bytearray(file.read_bytes())
    torn = b"\xff" * 60 if packed else b"WARC/9.9 no such thing\r\n" + b"x" * 36
    data[offsets[1] + (30 if packed else 0) : offsets[1] + (90 if packed else 60)] = torn
    file.write_bytes(data)
    first, broken, third = read(file)
    assert isinstance(first, Article)
    assert isinstance(broken, Refused)
    assert broken.source.startswith(f"{file}:")
    assert "broken record" in broken.reason
    assert isinstance(third, Article)
    assert "giornata 3" in third.text


def test_what_is_no_archive_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_text(BODY)
    (tmp_path / "b.warc.gz").write_bytes(gzip.compress(BODY.encode()))
    (tmp_path / "c.warc").write_bytes(b"")
    found = ids(read(tmp_path))
    assert len(found) == 3
    assert all("no archive" in line for line in found[:2])
    assert "empty" in found[2]


# Parquet -------------------------------------------------------------------------------------------------


def table(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows)


def test_the_rows_of_a_parquet_file_are_records(tmp_path: Path) -> None:
    day, moment = datetime.date(2025, 3, 31), datetime.datetime(2025, 3, 31, 18, 30)
    dated = [record(1, date=day, views=3), record(2, date=None), record(3)]
    parquet.write_table(table(dated), tmp_path / "a.parquet")
    parquet.write_table(table([record(4, date=moment, outlet="Il Foglio")]), tmp_path / "b.parquet")
    found = read(tmp_path)
    assert ids(found) == ["r1", "r2", "r3", "r4"]
    assert [item.date for item in found] == ["2025-03-31", "", "", "2025-03-31T18:30:00"]
    assert found[3].outlet == "Il Foglio"
    assert found[1].source == f"{tmp_path / 'a.parquet'}[2]"


def test_a_broken_group_of_rows_is_named_and_the_next_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    rows = [record(number, title=f"{number}" * 30) for number in range(30)]
    parquet.write_table(table(rows), file, row_group_size=10, compression="gzip", use_dictionary=False)
    column = parquet.ParquetFile(file).metadata.row_group(1).column(1)
    data = bytearray(file.read_bytes())
    data[column.data_page_offset : column.data_page_offset + column.total_compressed_size] = bytes(
        column.total_compressed_size
    )
    file.write_bytes(data)
    found = read(file)
    left_out = [item for item in found if isinstance(item, Refused)]
    assert ids(found)[:10] == [f"r{number}" for number in range(10)]
    assert ids(found)[-10:] == [f"r{number}" for number in range(20, 30)]
    assert [item.source for item in left_out] == [f"{file}[11-20]"]


def test_a_parquet_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text(BODY)
    parquet.write_table(table([{"body": BODY}]), tmp_path / "b.parquet")
    parquet.write_table(table([record(1)]).slice(0, 0), tmp_path / "c.parquet")
    parquet.write_table(table([record(1), {"id": "x", "text": None}]), tmp_path / "d.parquet")
    no_file, no_text, empty, first, second = ids(read(tmp_path))
    assert "no Parquet file" in no_file
    assert 'column "text"' in no_text
    assert "empty" in empty
    assert (first, 'without "text"' in second) == ("r1", True)


# Addresses -----------------------------------------------------------------------------------------------


@pytest.fixture
def bucket() -> Iterator[str]:
    """A store that is no file system, with a few files."""
    store = fsspec.filesystem("memory")
    lines = "\n".join(json.dumps(record(number)) for number in range(3))
    store.pipe("/calcio/2025/a.jsonl.gz", gzip.compress(lines.encode()))
    store.pipe("/calcio/2025/roma.txt", f"{HEADLINE}\n{BODY}".encode())
    store.pipe("/calcio/.hidden/b.txt", BODY.encode())
    store.pipe("/calcio/notes.md", BODY.encode())
    yield "memory://calcio"
    store.rm("/calcio", recursive=True)


def test_files_at_addresses_are_read_by_name(bucket: str, tmp_path: Path) -> None:
    assert ids(read(bucket)) == ["r0", "r1", "r2", "roma"]
    assert ids(read(f"{bucket}/2025/*.txt")) == ["roma"]
    [roma] = read(f"{bucket}/2025/roma.txt")
    assert roma.source == "memory:///calcio/2025/roma.txt"
    archive(tmp_path / "a.warc.gz", page(1))
    parquet.write_table(table([record(1)]), tmp_path / "b.parquet")
    assert ids(read(tmp_path.as_uri()))[1] == "r1"
    assert len(read(tmp_path.as_uri())) == 2


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("memory://calcio/2025/nothing.txt", "no such file"),
        ("memory://calcio/notes.md", "kind of file"),
        ("memory://calcio/2025/*.html", "no article"),
        ("nonsuch://calcio", "reach"),
        ("s3://calcio/a.txt", "install"),
    ],
)
def test_addresses_that_lead_nowhere_are_one_line(bucket: str, address: str, reason: str) -> None:
    [left_out] = read(address)
    assert isinstance(left_out, Refused)
    assert left_out.source.replace(":///", "://") == address
    assert reason in left_out.reason


# Many ----------------------------------------------------------------------------------------------------

MEMORY = """
import sys
from kg import articles
count = sum(1 for item in articles.read([sys.argv[1]], None))
# not ru_maxrss: a child has that of the process that started it
most = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(count, int(most) // 1024)
"""


@pytest.mark.slow
def test_a_hundred_thousand_articles_are_read_in_little_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.jsonl.gz", "wt", compresslevel=1) as stream:
        for number in range(100_000):
            stream.write(json.dumps(record(number)) + "\n")
    done = subprocess.run([sys.executable, "-c", MEMORY, str(tmp_path)], capture_output=True, text=True, check=True)
    count, megabytes = map(int, done.stdout.split())
    assert count == 100_000
    assert megabytes < 500
