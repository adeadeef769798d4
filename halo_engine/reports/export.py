"""The days themselves, for other programs: one row a day, one column a measure."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Literal

import msgspec

from halo_engine.digest import Days, Measure
from halo_engine.errors import Unavailable, Usage

Format = Literal["csv", "json", "parquet"]
Table = list[dict[str, Any]]


def table(days: Days, measures: list[Measure]) -> Table:
    """One row a day: `date`, and each measure by name; None where a ratio has nothing to stand on."""
    return [
        {"date": day.isoformat()} | {each.name: _plain(each.over(place, place + 1)) for each in measures}
        for place, day in enumerate(days.dates)
    ]


def _plain(value: float | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 6)


def as_csv(rows: Table) -> str:
    """With a line of headers; what has no value is empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(rows: Table) -> str:
    """One list of objects."""
    return msgspec.json.format(msgspec.json.encode(rows), indent=1).decode() + "\n"


def to_parquet(rows: Table, path: Path) -> None:
    """A file with the same rows: `date` a date, all else 64-bit floats.

    Raises Unavailable when pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise Unavailable(
            "writing parquet needs pyarrow", "pip install 'halo-workstation[parquet]', or --format csv"
        ) from error
    from datetime import date

    columns: dict[str, Any] = {"date": pa.array([date.fromisoformat(row["date"]) for row in rows])}
    for name in list(rows[0])[1:]:
        columns[name] = pa.array([row[name] for row in rows], pa.float64())
    draft = path.with_name(f".{path.name}.new")
    try:
        parquet.write_table(pa.table(columns), draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def refuse_without_file(form: Format, output: Path | None) -> None:
    """Parquet is not text: it goes to a file."""
    if form == "parquet" and output is None:
        raise Usage("parquet needs a file to go to", "--output usage.parquet")
