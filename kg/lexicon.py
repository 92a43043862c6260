"""The words by which news calls people and sides without naming them: loads `rules/roles.yaml`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kg.errors import RuleError

_FILE = Path(__file__).resolve().parent / "rules" / "roles.yaml"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists, all lower case.

    `roles` maps a noun (or a phrase of nouns) to the role it gives a person, `persons` are nouns of
    people without a role, `sides` maps nouns to `club` or `nationalteam`; the rest as in the file.
    """

    roles: dict[str, str]
    persons: frozenset[str]
    sides: dict[str, str]
    past: frozenset[str]
    unspecific: frozenset[str]
    belongings: frozenset[str]
    streets: frozenset[str]
    venues: frozenset[str]
    competitions: frozenset[str]
    youth: frozenset[str]
    joined: frozenset[str]
    bare: frozenset[str]
    not_names: frozenset[str]
    everyday: frozenset[str]
    colours: frozenset[str]
    of_sides: frozenset[str]
    champions: frozenset[str]
    national_coaches: frozenset[str]
    commissioners: frozenset[str]
    national_context: frozenset[str]
    outlet_cues: frozenset[str]

    def role(self, noun: str) -> str:
        """The role that a noun gives, or the empty string."""
        return self.roles.get(noun, "")


@functools.cache
def lexicon() -> Lexicon:
    """The word lists that come with kg; RuleError if the file is broken."""
    content: Any = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    try:
        plain = {
            name: frozenset(str(word) for word in content[name])
            for name in Lexicon.__dataclass_fields__
            if name not in ("roles", "sides")
        }
        roles = {str(noun): str(role) for role, nouns in content["people"].items() for noun in nouns}
        sides = {str(noun): str(kind) for kind, nouns in content["sides"].items() for noun in nouns}
    except (KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"{_FILE}: the word list {error} is missing or no list") from error
    return Lexicon(roles=roles, sides=sides, **plain)
