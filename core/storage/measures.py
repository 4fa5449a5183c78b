"""How sure a FAQ says one may be, kept between starts: asking it takes half a second, reading it nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import structlog

from core.conversation.faq.confidence import CAUTIONS, Confidence, measured
from core.conversation.faq.index import Index

log = structlog.get_logger()

_RULES = 4
"""To be raised with every change of how a FAQ is asked."""
_KEPT = 20
"""Revisions whose measures are kept."""


class KeptMeasures:
    """For many threads and processes; the files may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def measured(self, index: Index) -> Confidence:
        """Of this very FAQ, else by asking it."""
        file = self._folder / f"measured-{_RULES}-{index.fingerprint()}.json"
        try:
            return _confidence(json.loads(file.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):  # none yet, or not whole
            made = measured(index)
        try:
            self._keep(file, made)
        except OSError as error:
            log.warning("how sure the FAQ is can't be kept", reason=str(error))
        return made

    def _keep(self, file: Path, made: Confidence) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        told = {"usual": made.usual, "curve": made.curve, "bars": dict(made.bars), "least": made.least}
        with NamedTemporaryFile("w", dir=self._folder, prefix="measuring-", delete=False) as writing:
            json.dump(told, writing)
        Path(writing.name).replace(file)
        others = sorted(self._folder.glob("measured-*.json"), key=lambda one: one.stat().st_mtime)
        for old in others[:-_KEPT]:
            old.unlink(missing_ok=True)


def _confidence(told: Mapping[str, Any]) -> Confidence:
    first, lead, rest = map(float, told["curve"])
    return Confidence(
        usual=float(told["usual"]),
        curve=(first, lead, rest),
        bars={caution: float(told["bars"][caution]) for caution in CAUTIONS},
        least=float(told["least"]),
    )
