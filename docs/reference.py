"""The command line as sphinx-argparse shows it: kg's own parser, with its examples as blocks of reStructuredText."""

import argparse

from kg import cli


def parser() -> argparse.ArgumentParser:
    """The parser of kg for the page of commands."""
    return _with_blocks(cli.parser())


def _with_blocks(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    head, _, lines = (one.epilog or "").partition("\n")
    if lines:
        one.epilog = f"{head.capitalize()}:\n\n{lines}"
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _with_blocks(inner)
    return one
