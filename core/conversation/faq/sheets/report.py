"""What became of a sheet that was taken in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about one row, as the sheet's program counts rows; 0: about the whole sheet."""

    row: int
    what: str
    entry: str = ""

    def __str__(self) -> str:
        return f"row {self.row}: {self.what}" if self.row else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``added``, ``changed`` and ``same`` are ids of entries. ``notes`` say what was taken otherwise than it was
    written, ``skipped`` which rows were not taken at all, and why.
    """

    name: str
    rows: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    skipped: tuple[Note, ...] = ()

    def __str__(self) -> str:
        """In one line."""
        counts = {
            "added": len(self.added),
            "changed": len(self.changed),
            "as before": len(self.same),
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items())
        return f"{self.name}: {self.rows} rows; entries: {told}; {len(self.skipped)} rows skipped"
