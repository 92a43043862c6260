"""Finds and opens the Stanza models for Italian: the shipped pack, Stanza's official one, or any other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import PackError

WITHOUT_NAMES = "tokenize,mwt,pos,lemma,depparse"
PROCESSORS = f"{WITHOUT_NAMES},ner"
OFFICIAL = "stanza"
"""The value of `--models` that stands for Stanza's own Italian package."""

ON_WORDS = "kg_on_words"
"""The setting of a tagger of names that was trained on words (`kg.parse.named_in`), in its own file."""
_CONTEXT = "kg-context"
"""The package of a pack whose models read the pack's encoder; see `kg.training.pack`."""

SHIPPED = Path(__file__).parent / "models" / "it"
"""The pack that comes with kg."""


def _nothing() -> None:
    """What a pack has to forget that remembers nothing."""


@dataclass(frozen=True, slots=True)
class Pack:
    """An opened pack.

    `name` says which, `fingerprint` is a digest of its files (equal packs give equal documents), and
    `pipeline` is a `stanza.Pipeline` with all processors. `forget` is to be called between articles, so that
    the parse of one does not depend on those before it. `names_on_words`: the tagger of names was trained on words,
    not on tokens.
    """

    name: str
    fingerprint: str
    pipeline: Any
    forget: Callable[[], None] = _nothing
    names_on_words: bool = False


def open_pack(models: str | None = None, *, half: bool = False) -> Pack:
    """Opens the shipped pack (None), Stanza's official Italian package (`stanza`) or a folder.

    `half`: the encoder of a pack that has one computes in half precision.

    Only the official package may use the network: Stanza downloads what is missing, with its own
    progress bar. Raises PackError where the pack is missing, incomplete or cannot be downloaded.
    """
    from kg.trees import take_best_heads  # here, since a query need not wait for numpy

    _use_one_thread()
    take_best_heads()
    if models == OFFICIAL:
        return _official()
    folder = Path(models) if models else SHIPPED
    return _local(folder, half)


def fingerprint(models: str | None = None) -> str:
    """The fingerprint of the pack that `open_pack` would open, without loading it; PackError if there is none."""
    if models == OFFICIAL:
        return _official().fingerprint  # may have to be downloaded first
    folder = Path(models) if models else SHIPPED
    _package_name(folder)
    return _fingerprint(folder)


def _use_one_thread() -> None:
    """Sets torch to one thread a process.

    A second one gains nothing on networks of this size and loses much on a busy machine, where the two
    wait for each other; one thread also adds in the same order on every machine.
    """
    import torch

    torch.set_num_threads(1)


def _local(folder: Path, half: bool) -> Pack:
    package = _package_name(folder)
    options: dict[str, Any] = {}
    forget: Callable[[], None] = _nothing
    if package == _CONTEXT:
        from kg.encoder import NAME, foundation

        options["foundation_cache"] = foundation(folder / "it" / "encoder", half=half)
        forget = options["foundation_cache"].bert[NAME].model.forget
    import stanza  # here, since importing torch takes seconds that other commands need not wait for

    try:
        pipeline = stanza.Pipeline(
            "it",
            dir=str(folder),
            package=package,
            processors=PROCESSORS,
            download_method=None,
            use_gpu=False,
            verbose=False,
            **options,
        )
    except (OSError, RuntimeError, ValueError, KeyError, EOFError) as error:
        raise PackError(
            f"{folder}: not a complete Italian Stanza pack ({_first_line(error)}); "
            f"use the shipped pack (no --models) or name another folder"
        ) from error
    on_words = any(tagger.args.get(ON_WORDS) for tagger in pipeline.processors["ner"].trainers)
    return Pack(f"{package}@{folder.name}", _fingerprint(folder), pipeline, forget, names_on_words=on_words)


def _fingerprint(folder: Path) -> str:
    """SHA-256 of the names and contents of a pack's files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".pt", ".json", ".safetensors")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _package_name(folder: Path) -> str:
    """The package of a pack's folder: ours with the encoder, ours without, or the first that is listed."""
    resources = folder / "resources.json"
    try:
        packages = json.loads(resources.read_text(encoding="utf-8"))["it"]["packages"]
    except FileNotFoundError as error:
        raise PackError(
            f"{folder}: no Stanza pack here (resources.json is missing); leave --models out to use that of kg"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackError(f"{resources}: not the resources.json of an Italian Stanza pack") from error
    named = [name for name in packages if name != "default"]
    if not named:
        raise PackError(f"{resources}: lists no package for Italian")
    return next((ours for ours in (_CONTEXT, "kg") if ours in named), str(named[0]))


def _official() -> Pack:
    import requests
    import stanza

    try:
        stanza.download("it", processors=PROCESSORS, verbose=True)
        pipeline = stanza.Pipeline("it", processors=PROCESSORS, download_method=None, use_gpu=False, verbose=False)
    except (OSError, requests.RequestException, RuntimeError, ValueError) as error:
        raise PackError(
            f"Stanza's official Italian package could not be downloaded ({_first_line(error)}): "
            "leave --models out to use the shipped pack, or copy the package to this machine "
            "and give its folder with --models PATH"
        ) from error
    folder = Path(stanza.resources.common.DEFAULT_MODEL_DIR) / "it"
    return Pack(name="stanza official", fingerprint=_fingerprint(folder), pipeline=pipeline)


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return (text.splitlines()[0] if text else type(error).__name__)[:160]
