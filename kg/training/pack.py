"""Puts finished parts together as a folder in Stanza's own format, and says what stands in one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import PackError

PACKAGE = "kg"
PARTS = ("tokenize", "mwt", "pos", "lemma", "depparse", "ner", "pretrain")
PROCESSORS = PARTS[:-1]
WITH_VECTORS = frozenset({"pos", "depparse", "ner"})
LARGEST_FILE = 70 * 10**6
LARGEST_PACK = 120 * 10**6
"""Bytes: what a repository and a package index take."""

_CONFIG_PATHS = ("train_file", "eval_file", "data_dir", "save_dir", "wordvec_dir", "wordvec_file")


@dataclass(frozen=True, slots=True)
class Part:
    """One model file of a pack: `size` in bytes, `intact` if its checksum is the listed one, `settings` as trained."""

    name: str
    size: int
    intact: bool
    settings: Mapping[str, Any]


def part_file(pack: Path, part: str) -> Path:
    """Where a part's model stands in a pack."""
    return pack / "it" / part / f"{PACKAGE}.pt"


def assemble(models: Mapping[str, Path], pack: Path, card: str) -> None:
    """Writes a pack from one model file per part (all of PARTS), in half precision but for the vectors.

    `card` becomes its README.md. Raises PackError where a part is missing or the limits of size are passed.
    """
    missing = [part for part in PARTS if part not in models]
    if missing:
        raise PackError(f"{pack}: no model for {', '.join(missing)}; train these parts or give --start")
    for part in PARTS:
        target = part_file(pack, part)
        target.parent.mkdir(parents=True, exist_ok=True)
        if part == "pretrain":
            shutil.copyfile(models[part], target)
        else:
            _store_halved(models[part], target)
        if target.stat().st_size > LARGEST_FILE:
            raise PackError(f"{target}: larger than {LARGEST_FILE // 10**6} MB")
    if sum(part_file(pack, part).stat().st_size for part in PARTS) > LARGEST_PACK:
        raise PackError(f"{pack}: larger than {LARGEST_PACK // 10**6} MB in all")
    (pack / "README.md").write_text(card, encoding="utf-8")
    (pack / "resources.json").write_text(json.dumps(_resources(pack), indent=1) + "\n", encoding="utf-8")


def describe(pack: Path) -> tuple[Part, ...]:
    """The parts of a pack; raises PackError where it is not a complete one."""
    import torch

    try:
        listed = json.loads((pack / "resources.json").read_text(encoding="utf-8"))["it"]
        found = []
        for name in PARTS:
            file = part_file(pack, name)
            model = torch.load(file, map_location="cpu", weights_only=True)
            intact = listed[name][PACKAGE]["md5"] == _md5(file)
            settings = dict(model.get("config") or {})
            found.append(Part(name, file.stat().st_size, intact, settings))
    except FileNotFoundError as error:
        raise PackError(f"{pack}: not a complete pack (no {error.filename})") from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise PackError(f"{pack}: not a pack made by `kg models train` ({type(error).__name__})") from error
    return tuple(found)


def _store_halved(source: Path, target: Path) -> None:
    """Copies a model with its floats in half precision and without paths of the machine that trained it."""
    import torch

    model = torch.load(source, map_location="cpu", weights_only=True)
    weights = model["model"]
    # the sequence models of lemmas and contractions may have no network (dictionary only)
    if weights is not None:
        model["model"] = {key: _halved(value) for key, value in weights.items()}
    config = model.get("config")
    for name in _CONFIG_PATHS:
        if isinstance(config, dict) and isinstance(config.get(name), str):
            config[name] = Path(config[name]).name
    torch.save(model, target, _use_new_zipfile_serialization=False)


def _halved(value: Any) -> Any:
    import torch

    return value.half() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def _resources(pack: Path) -> dict[str, Any]:
    """Stanza's index of a pack, as its downloads have it."""
    needs = [{"model": "pretrain", "package": PACKAGE}]
    listed: dict[str, Any] = {}
    for part in PARTS:
        entry: dict[str, Any] = {"md5": _md5(part_file(pack, part))}
        if part in WITH_VECTORS:
            entry["dependencies"] = needs
        listed[part] = {PACKAGE: entry}
    package = dict.fromkeys(PROCESSORS, PACKAGE)
    listed |= {
        "default_processors": package,
        "default_dependencies": {part: needs for part in PROCESSORS if part in WITH_VECTORS},
        "default_md5": "",
        "lang_name": "Italian",
        "packages": {"default": package, PACKAGE: package},
    }
    return {"it": listed, "italian": {"alias": "it"}}


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
