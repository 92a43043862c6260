"""Pooling of rows that belong to the same thing: mentions to a node, rows to a pair."""

from __future__ import annotations

import torch
from torch import Tensor


def sums(values: Tensor, of: Tensor, count: int) -> Tensor:
    """Sums rows by the number that they belong to: (R, …), (R) → (count, …)."""
    return values.new_zeros(count, *values.shape[1:]).index_add(0, of, values)


def logsumexp(values: Tensor, of: Tensor, count: int) -> Tensor:
    """Log-sum-exp over the rows that belong to each number: (R, L), (R) → (count, L)."""
    index = of[:, None].expand_as(values)
    top = values.detach().new_full((count, values.shape[1]), -1e4).scatter_reduce(0, index, values.detach(), "amax")
    return torch.log(sums(torch.exp(values - top[of]), of, count).clamp(min=1e-30)) + top
