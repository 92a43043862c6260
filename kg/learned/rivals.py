"""Each pair of nodes among its rivals: those that share its subject or its object.

All pairs of a window lie on a grid, nodes by nodes; a cell looks along its row and along its column (axial attention
on the matrix of entity pairs, as in KD-DocRE: Tan et al., Findings of ACL 2022), and what it sees there raises or
lowers the labels of its pair. A cell knows both directions of its pair: what is said of a person and a side is told
from what is said of the side and the person.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from kg.learned.pooling import logsumexp


class Rivals(nn.Module):
    """What the pairs of a window make of each other; says nothing before it is trained."""

    def __init__(self, row: int, labels: int, width: int = 96, heads: int = 4) -> None:
        super().__init__()
        self.width, self.heads = width, heads
        self.enter = nn.Linear(row, 2 * width)
        self.norm = nn.LayerNorm(width)
        self.along = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(2))
        self.join = nn.Linear(3 * width, 2 * width)
        self.leave = nn.Linear(2 * width, labels)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, rows: Tensor, of: Tensor, cells: Tensor) -> Tensor:
        """What is added to the logits of the pairs, (P, L).

        `rows` are vectors of the looks at pairs (R, row), `of` the pair of each (R); `cells` has for each pair its
        window and its two nodes, as places on the window's grid (P, 3).
        """
        window, subject, target = cells.unbind(-1)
        count, side = int(window.max()) + 1, int(cells[:, 1:].max()) + 1
        straight, turned = logsumexp(self.enter(rows), of, len(cells)).chunk(2, -1)
        both = torch.cat([(window * side + subject) * side + target, (window * side + target) * side + subject])
        flat = straight.new_zeros(count * side * side, self.width).index_add(0, both, torch.cat([straight, turned]))
        taken = torch.zeros(len(flat), dtype=torch.bool, device=flat.device)
        taken[both] = True
        grid, taken = self.norm(flat).view(count, side, side, -1), taken.view(count, side, side)
        across = self._attend(grid, taken, 0)
        down = self._attend(grid.transpose(-3, -2), taken.transpose(-2, -1), 1).transpose(-3, -2)
        seen = torch.cat([grid, across, down], -1)[window, subject, target]
        added: Tensor = self.leave(torch.relu(self.join(seen)))
        return added

    def _attend(self, grid: Tensor, taken: Tensor, axis: int) -> Tensor:
        """What each cell sees of the cells of its row: (…, N, N, width), which of them hold a pair (…, N, N)."""
        heads = (self.heads, self.width // self.heads)
        parts = self.along[axis](grid).chunk(3, -1)
        query, key, value = (part.unflatten(-1, heads).transpose(-3, -2) for part in parts)
        scores = query @ key.transpose(-1, -2) / heads[1] ** 0.5
        scores = scores.masked_fill(~taken[..., :, None, None, :], -1e4)
        seen: Tensor = (torch.softmax(scores, -1) @ value).transpose(-3, -2).flatten(-2)
        return seen


def places(pairs: Tensor) -> Tensor:
    """The nodes of a window's pairs as places on its grid, (P, 2): it has no room for nodes without a pair."""
    found: Tensor = torch.unique(pairs, return_inverse=True)[1]
    return found
