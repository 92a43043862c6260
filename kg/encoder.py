"""The small encoder of a pack: stored in bytes, opened once, and asked once for each sentence.

Stanza's tagger, parser and name tagger each run the encoder they were trained with. Ours is the same for all three,
so what it said of a sentence is remembered and the next part has it for nothing.
"""

from __future__ import annotations

import json
import shutil
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from kg.errors import PackError

NAME = "kg-encoder"
"""What the models of a pack call their encoder (`bert_model` of their configuration)."""

_WEIGHTS = "encoder.safetensors"
_SCALE = ".scale"
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
_PIECES_AT_ONCE = 512
"""More at once do not fit the processor's cache: measured, 2,048 take 40 % longer."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """What an encoder says of a batch, under the name that Stanza reads: `hidden_states[-1]` is its last layer."""

    hidden_states: tuple[torch.Tensor, ...]


class RememberingEncoder(nn.Module):
    """A frozen BERT that remembers the last layer of the `most` sentences asked last (all of them: None).

    It stands where Stanza expects a `bert_model` of transformers; only the last layer is given. Vectors are kept
    in half precision, and given as such also the first time: the same sentence has the same vectors each time.
    """

    def __init__(self, bert: Any, most: int | None = 1024) -> None:
        super().__init__()
        self.bert = bert.eval()
        self.config = bert.config
        self._hf_peft_config_loaded = False
        self._most = most
        self._known: OrderedDict[bytes, torch.Tensor] = OrderedDict()
        for parameter in self.parameters():
            parameter.requires_grad = False

    def forget(self) -> None:
        """Forgets all sentences, so that what is asked next does not depend on what was asked before.

        Vectors differ in their last digits by what else was in a batch.
        """
        self._known.clear()

    def train(self, mode: bool = True) -> RememberingEncoder:
        """Stays in evaluation mode, whatever the network around it does."""
        del mode
        return self

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, output_hidden_states: bool = True
    ) -> Hidden:
        """Vectors of shape sentences x pieces x size; beyond a sentence's end they are zero."""
        del output_hidden_states
        lengths = attention_mask.sum(-1).tolist()
        rows = [ids[:length] for ids, length in zip(input_ids, lengths, strict=True)]
        keys = [row.to("cpu", torch.int32).numpy().tobytes() for row in rows]
        known = {key: self._known[key] for key in keys if key in self._known}
        fresh = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        known |= self._encode(fresh)
        for key in keys:
            self._known[key] = known[key]
            self._known.move_to_end(key)
        while self._most is not None and len(self._known) > self._most:
            self._known.popitem(last=False)
        hidden = torch.zeros(*input_ids.shape, self.config.hidden_size, device=input_ids.device)
        for place, key in enumerate(keys):
            hidden[place, : lengths[place]] = known[key].float()
        return Hidden((hidden,))

    def _encode(self, rows: dict[bytes, torch.Tensor]) -> dict[bytes, torch.Tensor]:
        """The vectors of new rows.

        Rows are laid end to end, each with positions of its own and blind to the others, instead of side by side and
        filled up to the longest: on a news article that fill is a third of the work (sequence packing, Krell et al.,
        «Efficient Sequence Packing without Cross-contamination», 2021).
        """
        found: dict[bytes, torch.Tensor] = {}
        ordered = sorted(rows.items(), key=lambda item: len(item[1]))
        while ordered:
            batch = [ordered.pop()]
            total = len(batch[0][1])
            while ordered and total + len(ordered[-1][1]) <= _PIECES_AT_ONCE:
                batch.append(ordered.pop())
                total += len(batch[-1][1])
            found |= zip((key for key, _ in batch), self._laid_end_to_end([row for _, row in batch]), strict=True)
        return found

    def _laid_end_to_end(self, rows: list[torch.Tensor]) -> list[torch.Tensor]:
        """The vectors of each row, (pieces, size) in half precision."""
        lengths = [len(row) for row in rows]
        positions = torch.cat([torch.arange(length, device=rows[0].device) for length in lengths])
        of = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor(lengths)).to(positions.device)
        apart = of[:, None] != of
        blind = torch.zeros(apart.shape, dtype=self.bert.dtype, device=apart.device)
        blind.masked_fill_(apart, torch.finfo(blind.dtype).min)
        with torch.no_grad():
            states = self.bert(
                input_ids=torch.cat(rows)[None], attention_mask=blind[None, None], position_ids=positions[None]
            )[0]
        return [part.clone() for part in states[0].half().split(lengths)]


def store(source: Path, folder: Path) -> None:
    """Writes the encoder in `source` (a folder of transformers) as a folder of a pack: eight bits a weight.

    Each row of a matrix has its own scale; vectors (biases, norms) stay in single precision.
    """
    from safetensors.torch import load_file, save_file

    folder.mkdir(parents=True, exist_ok=True)
    stored: dict[str, torch.Tensor] = {}
    for name, weight in load_file(str(source / "model.safetensors")).items():
        if name.startswith("pooler."):
            continue
        exact = weight.float()
        if exact.dim() == 2:
            scale = exact.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
            stored[name] = (exact / scale).round().to(torch.int8)
            stored[name + _SCALE] = scale
        else:
            stored[name] = exact
    save_file(stored, str(folder / _WEIGHTS))
    (folder / _WEIGHTS).chmod(0o644)  # safetensors writes for the owner alone, and packages copy the mode
    shutil.copyfile(source / "config.json", folder / "config.json")
    for name in _TOKENIZER:
        shutil.copyfile(source / name, folder / name)


def is_stored(folder: Path) -> bool:
    """Whether a folder holds an encoder as `store` writes it."""
    return (folder / _WEIGHTS).is_file()


def unpack(folder: Path, target: Path) -> None:
    """Writes the stored encoder in `folder` as a folder that transformers (and Stanza's trainers) read."""
    bert, tokenizer = load(folder)
    bert.save_pretrained(target)
    tokenizer.save_pretrained(target)


def load(folder: Path) -> tuple[Any, Any]:
    """The encoder stored in `folder` and its tokenizer; raises PackError where it is not whole."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file
    from transformers import AutoTokenizer
    from transformers.models.bert import BertConfig, BertModel

    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        stored = load_file(str(folder / _WEIGHTS))
        weights = {
            name: weight.float() * stored[name + _SCALE] if weight.dtype == torch.int8 else weight
            for name, weight in stored.items()
            if not name.endswith(_SCALE)
        }
        with torch.device("meta"):  # no time is spent on numbers that are replaced at once
            bert: Any = BertModel(BertConfig(**settings), add_pooling_layer=False)
        bert.load_state_dict(weights, assign=True)
        # what is counted and not learned lies in no file
        positions = torch.arange(bert.config.max_position_embeddings)[None]
        bert.embeddings.position_ids, bert.embeddings.token_type_ids = positions, torch.zeros_like(positions)
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise PackError(f"{folder}: not the encoder of a pack ({type(error).__name__})") from error
    return bert.eval(), tokenizer


def embeddings(folder: Path) -> dict[str, torch.Tensor]:
    """The embeddings of the encoder stored in `folder`, by name; OSError or ValueError where it is damaged."""
    from safetensors import SafetensorError, safe_open

    start = "embeddings."
    try:
        with safe_open(str(folder / _WEIGHTS), framework="pt") as stored:
            names = [name for name in stored.keys() if name.startswith(start) and not name.endswith(_SCALE)]  # noqa: SIM118 - no mapping
            found = {name: stored.get_tensor(name) for name in names}
            scales = {name: stored.get_tensor(name + _SCALE) for name in names if found[name].dtype == torch.int8}
    except SafetensorError as error:
        raise ValueError(f"{folder / _WEIGHTS}: {error}") from error
    return {
        name.removeprefix(start): weight.float() * scales[name] if name in scales else weight
        for name, weight in found.items()
    }


def foundation(folder: Path, most: int | None = 1024, *, half: bool = False) -> Any:
    """Stanza's `foundation_cache` with the encoder of a pack in it: what `stanza.Pipeline` must be given to use it.

    With `half` it computes in bfloat16, which processors that have it in their wiring do in less than half the time.
    """
    from stanza.models.common.foundation_cache import BertRecord, FoundationCache

    bert, tokenizer = load(folder)
    if half:
        bert = bert.bfloat16()
    cache = FoundationCache(local_files_only=True)
    cache.bert[NAME] = BertRecord(RememberingEncoder(bert, most), tokenizer, {})
    return cache


@cache
def in_training(folder: Path, device: str = "cpu") -> RememberingEncoder:
    """The encoder in a folder of transformers, one for all parts that this process trains; it remembers everything."""
    from transformers import AutoModel

    bert = AutoModel.from_pretrained(str(folder), local_files_only=True).float().to(device)
    return RememberingEncoder(bert, most=None)
