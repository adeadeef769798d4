"""The rows that the fleet keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row
from halo_engine.fleet.instance import Instance, Status


class Record(Row, frozen=True):
    """An instance as the history has it. FLEET.yaml says what the operator wants; this, what was done."""

    table: ClassVar = "instance"
    indexes: ClassVar = ("status",)

    name: str
    status: Status
    version: int
    """Version of its stream."""
    entry: dict[str, Any]
    """Its entry in FLEET.yaml as last known."""
    begun: Timestamp
    changed: Timestamp
    changed_by: str
    operation: str = ""
    """The verb that is under way, or was when it was killed."""
    operation_data: dict[str, Any] = {}
    steps: tuple[str, ...] = ()
    """Steps of `create` that are done and not undone."""
    reason: str = ""
    """Why its `create` failed."""
    template: int = 0
    """Version of its governance; 0 before it has one."""
    last_template: int = 0
    """The highest there ever was."""
    template_hash: str = ""
    files: dict[str, str] = {}
    """Governed path -> SHA-256."""
    supervised: dict[str, str] = {}
    """The same of the supervisor's files."""
    items: tuple[str, ...] = ()
    """What the next push takes the place of."""
    archive: str = ""
    archive_hash: str = ""

    @property
    def instance(self) -> Instance:
        return msgspec.convert(self.entry, Instance)


class Governance(Row, frozen=True):
    """One governance that an instance had."""

    table: ClassVar = "governance"
    indexes: ClassVar = ("instance, version",)

    key: str
    """`dad/3`."""
    instance: str
    version: int
    hash: str
    files: dict[str, str]
    since: Timestamp
    """When it came into force last."""
    by: str
    cause: str
    personality: str = ""
