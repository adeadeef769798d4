"""Loggers run for real, and their files read: pino, pino-pretty, python-json-logger, Docker's json-file driver."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.programs import NPM, Docker, docker, needs_docker, npm

PINO = """
const pino = require('pino')
const log = pino({ level: 'trace', base: { pid: 1, instance: 'dad' } }, pino.destination({ dest: 1, sync: true }))
log.trace('traced')
log.info({ chat: 812, nested: { a: { b: 'c' } } }, 'reply sent')
log.warn('slow "quoted" \\n second line')
log.error(new TypeError('cannot read'), 'send failed')
log.child({ trace_id: 'abc-1' }).fatal({ big: 2 ** 53, none: null }, 'gone')
log.info({ body: 'x'.repeat(70000) }, 'long')
"""
PYTHON = """
import logging, sys
from pythonjsonlogger.json import JsonFormatter
handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
log = logging.getLogger("worker")
log.addHandler(handler)
log.setLevel("DEBUG")
log.debug("traced")
log.info("reply sent", extra={"chat": 812, "ratio": float("nan")})
log.warning("slow")
try:
    {}["chat"]
except KeyError:
    log.exception("send failed")
log.critical("gone", extra={"trace_id": "abc-1"})
"""
EMIT = """#!/bin/busybox sh
echo '{"level":30,"time":1790000000000,"instance":"dad","msg":"first"}'
echo 'plain words'
echo '{"level":"error","msg":"on stderr","trace_id":"abc-1"}' >&2
x=$(/bin/busybox head -c 50000 /dev/zero | /bin/busybox tr '\\0' x)
echo "{\\"level\\":40,\\"msg\\":\\"long\\",\\"body\\":\\"$x\\"}"
/bin/busybox usleep 50000
/bin/busybox printf 'half a line'
"""
MANY = """#!/bin/busybox sh
i=0
while [ $i -lt 1500 ]; do
  echo "{\\"level\\":$((30 + i % 3 * 10)),\\"msg\\":\\"number $i\\",\\"n\\":$i}"
  i=$((i + 1))
done
"""


def records(logctl: Any, *words: Any) -> list[dict[str, Any]]:
    said = logctl("search", *words, "--limit", "0", "--json")
    assert said.code == 0, said.err
    found: list[dict[str, Any]] = said.data
    return found


def ran(command: list[str], to: Path) -> Path:
    with to.open("wb") as file:
        subprocess.run(command, stdout=file, check=True, timeout=60)
    return to


@npm("pino")
def test_pino(logctl: Any, tmp_path: Path) -> None:
    script = tmp_path / "emit.js"
    script.write_text(PINO.replace("'pino'", json.dumps(str(NPM / "pino"))))
    path = ran(["node", str(script)], tmp_path / "app.log")
    found = records(logctl, path)
    assert [each["level"] for each in found] == ["trace", "info", "warn", "error", "fatal", "info"]
    assert {each["instance"] for each in found} == {"dad"}
    assert found[1]["fields"]["nested"] == {"a": {"b": "c"}}
    assert found[2]["message"] == 'slow "quoted" \n second line'
    assert found[3]["fields"]["err"]["type"] == "TypeError"
    assert len(found[5]["fields"]["body"]) == 70_000
    assert [each["message"] for each in records(logctl, path, "--where", "nested.a.b=c")] == ["reply sent"]
    assert [each["message"] for each in records(logctl, path, "--level", "error")] == ["send failed", "gone"]
    assert [each["message"] for each in logctl("trace", "abc-1", path, "--json").data] == ["gone"]


@npm("pino-pretty")
def test_pino_pretty_says_what_pino_said(logctl: Any, tmp_path: Path) -> None:
    script = tmp_path / "emit.js"
    script.write_text(PINO.replace("'pino'", json.dumps(str(NPM / "pino"))))
    plain = ran(["node", str(script)], tmp_path / "app.log")
    pretty = tmp_path / "pretty.log"
    words = [
        "node",
        str(NPM / "pino-pretty" / "bin.js"),
        "--colorize",
        "--translateTime",
        "UTC:yyyy-mm-dd HH:MM:ss.l o",
    ]
    with plain.open("rb") as given, pretty.open("wb") as file:
        subprocess.run(words, stdin=given, stdout=file, check=True, timeout=60)
    one, other = records(logctl, plain), records(logctl, pretty)
    assert [each["time"] for each in one] == [each["time"] for each in other]
    assert [each["level"] for each in one] == [each["level"] for each in other]
    assert [each["message"].partition("\n")[0].strip() for each in one] == [
        each["message"].partition("\n")[0].strip() for each in other
    ]


def test_python_json_logger(logctl: Any, tmp_path: Path) -> None:
    path = ran([sys.executable, "-c", PYTHON], tmp_path / "app.log")
    found = records(logctl, path)
    assert [each["level"] for each in found] == ["debug", "info", "warn", "error", "fatal"]
    assert found[1]["fields"]["chat"] == 812
    assert "KeyError" in found[3]["fields"]["exc_info"]
    assert all(each["time"] for each in found)
    assert [each["message"] for each in logctl("trace", "abc-1", path, "--json").data] == ["gone"]


@pytest.fixture(scope="module")
def daemon() -> Generator[Docker]:
    with docker() as made:
        made.image("halo-emit", emit=EMIT, many=MANY)
        yield made


@needs_docker
@pytest.mark.docker
def test_what_docker_writes(daemon: Docker, logctl: Any, tmp_path: Path) -> None:
    daemon("run", "--network", "none", "--name", "one", "halo-emit", "/bin/busybox", "sh", "/bin/emit")
    path = daemon.logs("one", tmp_path / "logs")
    assert max(map(len, path.read_bytes().splitlines())) < 20_000, "Docker cuts long lines"
    found = records(logctl, path)
    told = {each["message"]: each for each in found}
    assert set(told) == {"first", "plain words", "on stderr", "long", "half a line"}
    assert len(told["long"]["fields"]["body"]) == 50_000
    assert told["on stderr"]["fields"]["stream"] == "stderr"
    assert told["first"]["instance"] == "dad"
    assert told["half a line"]["time"]
    stats = logctl("stats", path, "--json").data
    assert stats["lines"] == path.read_bytes().count(b"\n")
    assert stats["records"] + stats["continued"] == stats["lines"]
    assert stats["malformed"] == 0
    assert [each["message"] for each in records(logctl, path, "--level", "warn")] in (
        ["on stderr", "long"],
        ["long", "on stderr"],
    )


@needs_docker
@pytest.mark.docker
def test_what_docker_has_rotated_and_packed(daemon: Docker, logctl: Any, tmp_path: Path) -> None:
    options = [f"--log-opt={each}" for each in ("max-size=30k", "max-file=9", "compress=true")]
    daemon("run", "--network", "none", "--name", "many", *options, "halo-emit", "/bin/busybox", "sh", "/bin/many")
    path = daemon.logs("many", tmp_path / "logs")
    names = sorted(each.name.removeprefix(path.name) for each in path.parent.glob(f"{path.name}*"))
    assert len(names) >= 4
    assert any(name.endswith(".gz") for name in names)
    found = records(logctl, *path.parent.glob(f"{path.name}*"))
    assert [each["fields"]["n"] for each in found] == list(range(1500))
    assert sum(each["level"] == "error" for each in found) == 500
