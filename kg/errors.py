"""What can go wrong, in words for the person at the terminal.

KgError                 any failure that kg explains in one line
├── InputError          an article, folder or stream that cannot be read as one
├── GazetteerError      a row of the gazetteer that is not well formed (names file and line)
├── PackError           a Stanza pack that is missing, broken or incomplete
├── RuleError           a row of `rules/*.yaml` that is not well formed (names file and rule)
├── GoldError           an annotated article that does not follow the gold format
└── GraphError          a graph, store or query that cannot be opened, read or answered
"""

from __future__ import annotations


class KgError(Exception):
    """A failure with a one-line explanation: what, where, and what to do about it."""


class InputError(KgError):
    """An article, folder or stream that cannot be read as one."""


class GazetteerError(KgError):
    """A row of the gazetteer that is not well formed; the message names file and line."""


class PackError(KgError):
    """A Stanza pack that is missing, broken or incomplete."""


class RuleError(KgError):
    """A row of a rule file that is not well formed; the message names file and rule."""


class GoldError(KgError):
    """An annotated article that does not follow the gold format."""


class GraphError(KgError):
    """A graph, store or query that cannot be opened, read or answered."""
