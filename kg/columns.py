"""Article records in the columns of a Parquet file; the only file beside `tables.py` that knows pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

from kg import records
from kg.errors import InputError
from kg.records import Raw, Refused

_FIELDS = ("id", "text", "title", "url", "date", "outlet")
_ROWS, _BYTES = 64, 1_048_576
"""What is read at once: rows that are handed on, bytes of a column. Files hold millions of rows in one group."""


def rows(stream: BinaryIO, source: str) -> Iterator[Raw | Refused]:
    """The records of a file: its columns that are named as the fields of a record (`records.py`), others left alone.

    Raises InputError where it is no Parquet file or has no column `text`. A group of rows that is broken is refused
    and the next one read.
    """
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError("a Parquet file; pip install 'kg[parquet]' to read it") from error
    try:
        file: Any = ParquetFile(stream, buffer_size=_BYTES)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"no Parquet file ({_said(error)})") from error
    columns = [name for name in _FIELDS if name in file.schema_arrow.names]
    if "text" not in columns:
        raise InputError('a Parquet file without a column "text"; name the column of the articles so')
    if not file.metadata.num_rows:
        raise InputError("empty; there is nothing to read")
    first = 1
    for group in range(file.metadata.num_row_groups):
        number = first
        try:
            for batch in file.iter_batches(_ROWS, row_groups=[group], columns=columns):
                for record in batch.to_pylist():
                    yield _record(record, f"{source}[{number}]")
                    number += 1
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            last = first + file.metadata.row_group(group).num_rows - 1
            yield Refused(f"{source}[{number}-{last}]", f"broken rows ({_said(error)}); they were passed over")
        first += file.metadata.row_group(group).num_rows


def _record(record: dict[str, Any], source: str) -> Raw | Refused:
    value = record.get("date")
    if isinstance(value, date):  # a datetime is one, too
        record["date"] = value.isoformat()
    try:
        return records.raw(record, source)
    except InputError as error:
        return Refused(source, str(error))


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
