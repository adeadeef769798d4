"""The operator's chat as an instance's main group, in the store that its runtime reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from halo_engine import clock
from halo_engine.errors import Unavailable
from halo_engine.fleet.instance import Instance, Runtime, folder, layout
from halo_engine.fleet.presence.home import settle
from halo_engine.workspace import Workspace, writing

TABLES = """
CREATE TABLE IF NOT EXISTS chats (jid TEXT PRIMARY KEY, name TEXT, last_message_time TEXT, channel TEXT,
    is_group INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS registered_groups (jid TEXT PRIMARY KEY, name TEXT NOT NULL, folder TEXT NOT NULL UNIQUE,
    trigger_pattern TEXT NOT NULL, added_at TEXT NOT NULL, container_config TEXT, requires_trigger INTEGER DEFAULT 1,
    is_main INTEGER DEFAULT 0);
"""
"""As nanoclaw 1.2 makes them; it finds them there and keeps them."""


def register(workspace: Workspace, instance: Instance, chat: str, name: str) -> None:
    """Make a chat the main group. Nothing when it is so already.

    Raises Unavailable when the store cannot be written.
    """
    if instance.runtime is Runtime.HALO:
        from halo_engine.instance import chats

        chats.register(workspace, instance, chat, name)
        return
    path = folder(workspace, instance) / "store" / "messages.db"
    try:
        with writing(path), closing(sqlite3.connect(path, timeout=10)) as store, store:
            _write(store, chat, name, f"@{instance.name}")
    except sqlite3.Error as error:
        raise Unavailable(f"{path} cannot be written: {error}", "is the disk full, or failing?") from error
    settle(layout(workspace, instance))


def _write(store: sqlite3.Connection, chat: str, name: str, trigger: str) -> None:
    store.executescript(TABLES)
    store.execute("INSERT OR IGNORE INTO chats (jid, name, is_group) VALUES (?, ?, 0)", (chat, name))
    store.execute(
        "INSERT INTO registered_groups (jid, name, folder, trigger_pattern, added_at, requires_trigger, is_main) "
        "VALUES (?, ?, 'main', ?, ?, 0, 1) ON CONFLICT DO NOTHING",
        (chat, name, trigger, clock.stamp()),
    )
