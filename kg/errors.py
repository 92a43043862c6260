"""What can go wrong, in words for the person at the terminal.

KgError                 any failure that kg explains in one line
├── InputError          an article, folder or stream that cannot be read as one
├── GazetteerError      a row of the gazetteer that is not well formed (names file and line)
├── PackError           a Stanza pack that is missing, broken or incomplete
├── RuleError           a row of `rules/*.yaml` that is not well formed (names file and rule)
├── GoldError           an annotated article that does not follow the gold format
├── WorkerError         a process or cluster that reads for us and cannot
└── GraphError          a graph, store or query that cannot be opened, read or answered
    └── QueryError      a query that is not well formed, or asks for what it may not (names line and column)
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


class WorkerError(KgError):
    """A process or cluster that reads for us and cannot."""


class GraphError(KgError):
    """A graph, store or query that cannot be opened, read or answered."""


class QueryError(GraphError):
    """A query that is not well formed, or asks for what it may not.

    `line` and `column` are 1-based places in the query's text, 0 where the place is not known; the message names them.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
