"""Short sessions as records, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from halo_engine import clock
from halo_engine.agents.records import AnyRecord, Call, Change, Mark, Prompt, Result, Said, Spent, Thought, Tokens
from halo_engine.agents.spin.detector import Detector, Verdict
from halo_engine.agents.spin.settings import SpinSettings

BEGIN = datetime(2026, 11, 20, 10, tzinfo=UTC)


class Session:
    """Grows by one record a line, five seconds apart."""

    def __init__(self, settings: SpinSettings | None = None) -> None:
        self.records: list[AnyRecord] = []
        self.detector = Detector(settings)
        self.time = BEGIN

    def add(self, kind: type[Any], **given: Any) -> None:
        self.time += timedelta(seconds=5)
        record = kind(line=len(self.records) + 1, time=clock.stamp(self.time), **given)
        self.records.append(record)
        self.detector.feed(record)

    def prompt(self, text: str = "Please mend it") -> None:
        self.add(Prompt, text=text)

    def think(self, text: str) -> None:
        self.add(Thought, text=text)

    def say(self, text: str) -> None:
        self.add(Said, text=text)

    def spend(self, output: int, message: str = "") -> None:
        self.add(Spent, message=message, model="m", tokens=Tokens(output=output))

    def mark(self, what: str) -> None:
        self.add(Mark, what=what)

    def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def call(
        self, tool: str, result: str, *, failed: bool = False, changes: tuple[Change, ...] = (), **arguments: Any
    ) -> None:
        number = f"c{len(self.records)}"
        self.add(Call, id=number, tool=tool, arguments=arguments)
        self.add(Result, call=number, text=result, failed=failed, changes=changes)

    def run(self, command: str, result: str, *, failed: bool = False) -> None:
        self.call("Bash", result, failed=failed, command=command, description=f"Take {len(self.records)}")

    def edit(self, path: str, old: str, new: str) -> None:
        change = Change(path, tuple(old.splitlines()), tuple(new.splitlines()))
        self.call("Edit", "updated", changes=(change,), file_path=path, old_string=old, new_string=new)

    @property
    def verdict(self) -> Verdict:
        return self.detector.verdict()

    @property
    def rules(self) -> dict[str, float]:
        return {finding.rule: finding.part for finding in self.verdict.findings}
