"""Text → word pieces with character offsets, in windows that the encoder can take."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST = 510
"""Word pieces in a window, beside the two that open and close it."""
_OVERLAP = 120
"""Word pieces that a window shares with the one before it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of an article as the encoder reads it: ids of pieces and their character offsets.

    The first and last piece are the encoder's own marks and have the offsets (0, 0).
    """

    ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(start for start, _ in self.offsets))
        object.__setattr__(self, "_ends", tuple(end for _, end in self.offsets))

    def touched(self, start: int, end: int) -> range:
        """The pieces that touch a stretch of characters (half-open), marks aside."""
        last = len(self.offsets) - 1
        first = bisect_right(self._ends, start, 1, last)
        return range(first, max(first, bisect_left(self._starts, end, first, last)))


class Tokenizer:
    """The encoder's word pieces, read from a `tokenizer.json`."""

    def __init__(self, file: Path) -> None:
        from tokenizers import Tokenizer as Pieces

        self._pieces: Any = Pieces.from_file(str(file))
        # Stanza's trainers save theirs with a length to cut at
        self._pieces.no_truncation()
        self._pieces.no_padding()
        marks: Any = self._pieces
        known = [marks.token_to_id(piece) for piece in ("<mask>", "<unk>")]
        self.mask = next(int(number) for number in known if number is not None)
        self._open, self._close = int(marks.token_to_id("<s>")), int(marks.token_to_id("</s>"))

    def windows(self, text: str, breaks: Sequence[int] = ()) -> tuple[Window, ...]:
        """The windows of a text, in order; `breaks` are offsets (of sentences) at which a new one may begin."""
        encoded = self._pieces.encode(text, add_special_tokens=False)
        ids, offsets = list(encoded.ids), list(encoded.offsets)
        windows = []
        first = 0
        while True:
            last = min(len(ids), first + LONGEST)
            if last < len(ids):
                last = self._break(offsets, breaks, first, last)
            inside = slice(first, last)
            windows.append(
                Window(
                    (self._open, *ids[inside], self._close),
                    ((0, 0), *offsets[inside], (0, 0)),
                )
            )
            if last >= len(ids):
                return tuple(windows)
            first = max(first + 1, self._break(offsets, breaks, first, last - _OVERLAP, least=last - 2 * _OVERLAP))

    @staticmethod
    def _break(
        offsets: list[tuple[int, int]], breaks: Sequence[int], first: int, last: int, *, least: int | None = None
    ) -> int:
        """The last sentence boundary at or before a piece, or the piece itself where none is near."""
        near = max(first + LONGEST // 2, 0) if least is None else max(least, first + 1)
        # a piece may take in the blank before it
        starts = {start - before for start in breaks for before in (0, 1)}
        for index in range(last, near, -1):
            if offsets[index][0] in starts:
                return index
        return max(last, first + 1)


def same_pieces(one: Path, other: Path) -> bool:
    """Whether two `tokenizer.json` cut text alike: all but how they pad and shorten, which is not used here."""
    kept = [json.loads(file.read_text(encoding="utf-8")) for file in (one, other)]
    for settings in kept:
        settings.pop("padding", None)
        settings.pop("truncation", None)
    return bool(kept[0] == kept[1])
