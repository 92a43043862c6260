"""Puts finished parts together as a folder in Stanza's own format, and says what stands in one.

A pack has one or two packages. `kg` needs nothing but Stanza. `kg-context`, where the pack has an encoder, has other
models for tags, trees and names, which read the encoder; Stanza cannot find an encoder inside a pack by itself,
so that package is opened with `foundation_cache=kg.encoder.foundation(PACK / "it" / "encoder")`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import encoder
from kg.errors import PackError

PACKAGE = "kg"
CONTEXT = "kg-context"
"""The two packages: for plain Stanza, and with the encoder."""

PARTS = ("tokenize", "mwt", "pos", "lemma", "depparse", "ner", "pretrain")
PROCESSORS = PARTS[:-1]
WITH_VECTORS = frozenset({"pos", "depparse", "ner"})
WITH_ENCODER = ("pos", "depparse", "ner")
LARGEST_FILE = 70 * 10**6
LARGEST_PACK = 120 * 10**6
"""Bytes: what a repository and a package index take."""

_NO_VOCABULARY = ("delta", "word", "lemma")
"""Word lists that models save also where they read no word by its number."""

_SPECIAL = 4
"""Stanza's first numbers of every word list: padding, unknown, empty, root."""

_CONFIG_PATHS = ("_file", "_dir", "_gold", "save_name")
"""How the names of settings end that are places on the machine that trained."""

_ZIPPED = b"\x1f\x8b"
_ZIPPED_AT = slice(4, 8)
"""The first bytes of gzip, and where it keeps the hour: the same training gives the same bytes at any."""


@dataclass(frozen=True, slots=True)
class Part:
    """One model file of a pack: `size` in bytes, `intact` if its checksum is the listed one, `settings` as trained.

    The settings of a file that is not intact are not read.
    """

    name: str
    size: int
    intact: bool
    settings: Mapping[str, Any]


def part_file(pack: Path, part: str, package: str = PACKAGE) -> Path:
    """Where a part's model stands in a pack."""
    return pack / "it" / part / f"{package}.pt"


def has_context(pack: Path) -> bool:
    """Whether a pack has the second package; False where it is no pack."""
    return (encoder_folder(pack) / "config.json").is_file()


def encoder_folder(pack: Path) -> Path:
    """Where the encoder of a pack stands, if it has one."""
    return pack / "it" / "encoder"


@dataclass(frozen=True, slots=True)
class Context:
    """The second package: a folder as `kg.encoder.store` writes it, and a model file for each of WITH_ENCODER."""

    encoder: Path
    models: Mapping[str, Path]


def check(pack: Path) -> None:
    """Raises PackError where a part of the pack is not there."""
    missing = [part for part in PARTS if not part_file(pack, part).is_file()]
    if missing:
        raise PackError(f"{pack}: not a complete pack (no {', '.join(missing)})")


def context_of(pack: Path) -> Context | None:
    """The second package of a pack, if it has one."""
    if not has_context(pack):
        return None
    return Context(encoder_folder(pack), {part: part_file(pack, part, CONTEXT) for part in WITH_ENCODER})


def assemble(models: Mapping[str, Path], pack: Path, card: str, context: Context | None = None) -> None:
    """Writes a pack from one model file per part (all of PARTS), in half precision but for the vectors.

    `card` becomes its README.md. Raises PackError where a part is missing or the limits of size are passed.
    """
    missing = [part for part in PARTS if part not in models]
    missing += [f"{part} on the encoder" for part in WITH_ENCODER if context and part not in context.models]
    if missing:
        raise PackError(f"{pack}: no model for {', '.join(missing)}; train these parts or give --start")
    if (pack / "resources.json").is_file():
        shutil.rmtree(pack / "it", ignore_errors=True)  # an older pack may have parts that this one has not
    pack.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        _store(models[part], part_file(pack, part), halved=part != "pretrain")
    if context is not None:
        shutil.copytree(context.encoder, encoder_folder(pack), dirs_exist_ok=True)
        for part in WITH_ENCODER:
            _store(context.models[part], part_file(pack, part, CONTEXT), halved=True)
    (pack / "README.md").write_text(card, encoding="utf-8")
    packages = (PACKAGE,) if context is None else (PACKAGE, CONTEXT)
    (pack / "resources.json").write_text(json.dumps(_resources(pack, packages), indent=1) + "\n", encoding="utf-8")
    sizes = {file: file.stat().st_size for file in pack.rglob("*") if file.is_file()}
    for file, size in sizes.items():
        if size > LARGEST_FILE:
            raise PackError(f"{file}: larger than {LARGEST_FILE // 10**6} MB")
    if sum(sizes.values()) > LARGEST_PACK:
        raise PackError(f"{pack}: larger than {LARGEST_PACK // 10**6} MB in all")


def describe(pack: Path) -> tuple[Part, ...]:
    """The parts of a pack; raises PackError where it is not a complete one."""
    import torch

    try:
        listed = json.loads((pack / "resources.json").read_text(encoding="utf-8"))["it"]
        found = []
        for package in (PACKAGE, CONTEXT) if CONTEXT in listed["packages"] else (PACKAGE,):
            for name in PARTS if package == PACKAGE else WITH_ENCODER:
                file = part_file(pack, name, package)
                intact = listed[name][package]["md5"] == _md5(file)
                model = torch.load(file, map_location="cpu", weights_only=True) if intact else {}
                settings = dict(model.get("config") or {})
                shown = name if package == PACKAGE else f"{name} ({package})"
                found.append(Part(shown, file.stat().st_size, intact, settings))
    except FileNotFoundError as error:
        raise PackError(f"{pack}: not a complete pack (no {error.filename})") from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise PackError(f"{pack}: not a pack made by `kg models train` ({type(error).__name__})") from error
    return tuple(found)


def words(vectors: Path) -> tuple[str, ...]:
    """The words of a file of vectors, the most frequent first."""
    import torch

    listed: Sequence[str] = torch.load(vectors, map_location="cpu", weights_only=True)["vocab"]["_id2unit"]
    return tuple(listed[_SPECIAL:])


def _store(source: Path, target: Path, halved: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if halved:
        _store_halved(source, target)
    else:
        shutil.copyfile(source, target)


def _store_halved(source: Path, target: Path) -> None:
    """Copies a model with its floats in half precision and without paths of the machine that trained it."""
    import torch

    model = torch.load(source, map_location="cpu", weights_only=True)
    weights = model["model"]
    # the sequence models of lemmas and contractions may have no network (dictionary only)
    if weights is not None:
        model["model"] = {key: _halved(value) for key, value in weights.items()}
    for name, value in model.items():
        if isinstance(value, bytes) and value.startswith(_ZIPPED):
            model[name] = value[: _ZIPPED_AT.start] + bytes(4) + value[_ZIPPED_AT.stop :]
    config = model.get("config")
    if isinstance(config, dict):
        for name, value in config.items():
            if isinstance(value, str) and name.endswith(_CONFIG_PATHS):
                config[name] = Path(value).name
        if config.get("bert_model"):
            config["bert_model"] = encoder.NAME
            _drop_vocabulary(model, config)
    torch.save(model, target)  # Stanza's older format has addresses of memory in it: other bytes each time


def _drop_vocabulary(model: dict[str, Any], config: Mapping[str, Any]) -> None:
    """Empties the word lists of a model that reads words through the encoder alone."""
    if config.get("word_emb_dim") or config.get("pretrain"):
        return
    for name in _NO_VOCABULARY:
        words = model["vocab"].get(name)
        if words is not None:
            kept = words["_id2unit"][:_SPECIAL]
            words["_id2unit"] = kept
            words["_unit2id"] = {unit: number for number, unit in enumerate(kept)}


def _halved(value: Any) -> Any:
    import torch

    return value.half() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def _resources(pack: Path, packages: Sequence[str]) -> dict[str, Any]:
    """Stanza's index of a pack, as its downloads have it."""
    needs = [{"model": "pretrain", "package": PACKAGE}]
    listed: dict[str, Any] = {}
    for part in PARTS:
        entry: dict[str, Any] = {"md5": _md5(part_file(pack, part))}
        if part in WITH_VECTORS:
            entry["dependencies"] = needs
        listed[part] = {PACKAGE: entry}
        if CONTEXT in packages and part in WITH_ENCODER:
            listed[part][CONTEXT] = {"md5": _md5(part_file(pack, part, CONTEXT))}
    plain = dict.fromkeys(PROCESSORS, PACKAGE)
    named = {"default": plain, PACKAGE: plain}
    if CONTEXT in packages:
        named[CONTEXT] = plain | dict.fromkeys(WITH_ENCODER, CONTEXT)
    listed |= {
        "default_processors": plain,
        "default_dependencies": {part: needs for part in PROCESSORS if part in WITH_VECTORS},
        "default_md5": "",
        "lang_name": "Italian",
        "packages": named,
    }
    return {"it": listed, "italian": {"alias": "it"}}


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
