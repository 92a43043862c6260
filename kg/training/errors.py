"""What can go wrong in training and judging models."""

from __future__ import annotations

from kg.errors import KgError


class TrainingError(KgError):
    """Material that models cannot be trained or judged on; the message names file and line."""
