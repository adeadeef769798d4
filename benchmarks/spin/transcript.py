"""A made-up session, written as Claude Code writes its transcripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

BEGIN = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


class Transcript:
    """Lines in the order in which they are said. `mark` says where the unproductive part starts."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.clock = BEGIN + timedelta(minutes=random.randrange(40_000))
        self.session = f"{random.getrandbits(32):08x}-0000-4000-8000-{random.getrandbits(48):012x}"
        self.files: dict[str, str] = {}
        self.stuck_from: int | None = None
        self.calls = 0

    def mark(self) -> None:
        """From here on nothing moves."""
        self.stuck_from = len(self.lines)

    def pause(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)

    def prompt(self, text: str) -> None:
        self.pause(self.random.uniform(5, 40))
        self._line("user", {"role": "user", "content": text})

    def think(self, text: str) -> None:
        self._reply({"type": "thinking", "thinking": text, "signature": f"{self.random.getrandbits(256):x}"}, text)

    def say(self, text: str) -> None:
        self._reply({"type": "text", "text": text}, text)

    def call(self, tool: str, arguments: dict[str, Any], result: str, *, failed: bool = False, took: float = 2.0,
             extra: Any = None) -> None:  # fmt: skip
        """A call and its result."""
        self.calls += 1
        use = f"toolu_{self.random.getrandbits(80):020x}"
        self._reply({"type": "tool_use", "id": use, "name": tool, "input": arguments}, json.dumps(arguments))
        self.pause(self.random.uniform(0.3, 1.0) * took)
        block = {"tool_use_id": use, "type": "tool_result", "content": result} | ({"is_error": True} if failed else {})
        more = {"toolUseResult": extra if extra is not None else (f"Error: {result}" if failed else {"stdout": result})}
        self._line("user", {"role": "user", "content": [block]}, **more)

    def run(self, command: str, result: str, *, failed: bool = False, took: float = 2.0) -> None:
        words = self.random.choice(["Run", "Execute", "Try", "Check with", "Use"])
        arguments = {
            "command": command,
            "description": f"{words} {command.split(maxsplit=1)[0]} {self.random.randrange(9)}",
        }
        self.call("Bash", arguments, result, failed=failed, took=took)

    def read(self, path: str, start: int = 0, count: int = 400) -> None:
        lines = self.files[path].splitlines()[start : start + count]
        shown = "\n".join(f"{place:>6}→{line}" for place, line in enumerate(lines, start + 1))
        arguments: dict[str, Any] = {"file_path": path}
        if start or count != 400:
            arguments |= {"offset": start, "limit": count}
        extra = {"type": "text", "file": {"filePath": path, "content": "\n".join(lines)}}
        self.call("Read", arguments, shown, extra=extra)

    def edit(self, path: str, old: str, new: str) -> None:
        before = self.files[path]
        self.files[path] = before.replace(old, new, 1)
        rows = [f"-{line}" for line in old.splitlines()] + [f"+{line}" for line in new.splitlines()]
        patch = [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": rows}]
        extra = {"filePath": path, "oldString": old, "newString": new, "originalFile": before, "structuredPatch": patch}
        arguments = {"file_path": path, "old_string": old, "new_string": new}
        self.call("Edit", arguments, f"The file {path} has been updated.", extra=extra)

    def write(self, path: str, content: str) -> None:
        before = self.files.get(path)
        self.files[path] = content
        rows = [f"-{line}" for line in (before or "").splitlines()] + [f"+{line}" for line in content.splitlines()]
        patch = [] if before is None else [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": rows}]
        extra = {"type": "create" if before is None else "update", "filePath": path, "content": content,
                 "structuredPatch": patch, "originalFile": before}  # fmt: skip
        done = f"File created successfully at: {path}" if before is None else f"The file {path} has been updated."
        self.call("Write", {"file_path": path, "content": content}, done, extra=extra)

    def compact(self) -> None:
        self._line(
            "system", None, subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 155_000}
        )

    def save(self, folder: Path) -> str:
        """Write it below `projects/`; returns its path relative to the folder."""
        place = Path("projects") / "-home-kit-code" / f"{self.session}.jsonl"
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return str(place)

    def _reply(self, block: dict[str, Any], text: str) -> None:
        self.pause(self.random.uniform(2, 9))
        number = f"{self.random.getrandbits(80):020x}"
        usage = {"input_tokens": 4, "cache_creation_input_tokens": self.random.randrange(100, 900),
                 "cache_read_input_tokens": 300 * len(self.lines), "output_tokens": len(text) // 4 + 3}  # fmt: skip
        message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
                   "content": [block], "stop_reason": None, "usage": usage}  # fmt: skip
        self._line("assistant", message, requestId=f"req_{number}")

    def _line(self, kind: str, message: dict[str, Any] | None, **more: Any) -> None:
        number = f"{self.random.getrandbits(128):032x}"
        entry = {"parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/home/kit/code",
                 "sessionId": self.session, "version": "2.0.31", "type": kind, "uuid": number,
                 "timestamp": self.clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")}  # fmt: skip
        if message is not None:
            entry["message"] = message
        self.lines.append(json.dumps(entry | more, ensure_ascii=False))


Kind = Callable[[Transcript, Random], None]
"""Makes a session of its kind; its name is the kind's, its docstring the reason of the label."""
