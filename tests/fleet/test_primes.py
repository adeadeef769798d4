"""Five assistants from an empty machine: from our prime, and from a Node tree that npm builds and the real pm2 runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing

import msgspec
import pytest

from halo_engine.fleet import queries
from halo_engine.fleet.instance import Status, Supervision
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.supervisors import pm2
from tests.fleet.test_pm2 import installed

NAMES = ("ben", "dad", "mum", "gains", "money")
PERSONALITIES = ("default", "dad", "mum", "coach", "clerk")
PRIME = """\
name: nanoclaw
version: 1.2.15
runtime: nanoclaw
start: [node, dist/index.js]
build: [npm ci --no-audit --no-fund, npm run build]
needs:
  - {command: [node, --version], least: '18', below: '99'}
exclude: [docs]
lock: [CLAUDE.md, .claude, src, prime.yaml]
mirrors: [groups/main/CLAUDE.md]
probe: {http: /health}
"""
BUILD = """\
const fs = require("fs");
fs.mkdirSync("dist", { recursive: true });
fs.copyFileSync("src/index.js", "dist/index.js");
"""
SERVE = """\
const http = require("http");
const port = Number(process.env.HALO_PORT_HTTP);
http.createServer((_, answer) => answer.end(process.env.ASSISTANT_NAME)).listen(port, "127.0.0.1");
"""


@pytest.fixture
def node_tree(tmp_path):
    """What a nanoclaw tree looks like from outside: locked packages, a build, state that is not to be copied."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    place = tmp_path / "nanoclaw"
    for name in (".claude/skills", "src", "store", "groups/main", "node_modules/left", "docs/store"):
        (place / name).mkdir(parents=True)
    package = {"name": "claw", "version": "1.2.15", "private": True, "scripts": {"build": "node build.js"}}
    lock = {
        "name": "claw",
        "version": "1.2.15",
        "lockfileVersion": 3,
        "packages": {"": {"name": "claw", "version": "1.2.15"}},
    }
    files = {
        "prime.yaml": PRIME,
        "package.json": msgspec.json.encode(package).decode(),
        "package-lock.json": msgspec.json.encode(lock).decode(),
        "build.js": BUILD,
        "src/index.js": SERVE,
        ".claude/settings.json": "{}",
        ".env": "ANTHROPIC_API_KEY=sk-secret",
        "store/messages.db": "private",
        "groups/main/CLAUDE.md": "private",
        "docs/store/page.md": "long",
    }
    for name, text in files.items():
        (place / name).write_text(text)
    return place


@pytest.fixture
def real_pm2(memory_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{installed()}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PM2_HOME", str(memory_path / "pm2"))
    yield pm2.SUPERVISOR
    subprocess.run(["pm2", "kill"], capture_output=True, check=False)


def test_five_of_ours_in_one_script(fleet, halctl):
    assert halctl("list", "--json").data == []
    for number, (name, personality) in enumerate(zip(NAMES, PERSONALITIES, strict=True), 1):
        assert halctl("create", "--name", name, "--personality", personality).code == 0
        rows = halctl("list", "--json").data
        assert [row["name"] for row in rows] == list(NAMES[:number])
        assert {(row["status"], row["running"], row["governance"]) for row in rows} == {("active", True, "locked")}
    assert len({port for row in rows for port in row["ports"].values()}) == 10
    assert halctl("verify").code == 0
    assert halctl("push", "--all").code == 0


def test_a_nanoclaw_tree_is_built_governed_and_run(fleet, node_tree):
    wanted = Wanted("dad", personality="dad", prime=str(node_tree))
    saga.create(fleet, wanted)
    root = fleet.root / "fleet" / "dad"
    assert (root / "dist" / "index.js").read_text() == SERVE
    assert "The Captain" in (root / "groups" / "main" / "CLAUDE.md").read_text()
    assert not (root / ".env").exists()
    assert not (root / "docs").exists()
    assert not (root / "node_modules" / "left").exists()
    with closing(sqlite3.connect(root / "store" / "messages.db")) as store:
        assert store.execute("SELECT jid, folder, requires_trigger, is_main FROM registered_groups").fetchall() == [
            ("console:operator", "main", 0, 1)
        ]
    (row,) = queries.table(fleet)
    assert (row.runtime, row.status, row.governance) == ("nanoclaw", Status.ACTIVE, "locked")


def test_a_push_builds_anew_and_a_build_that_breaks_is_nothing(fleet, node_tree, halctl):
    saga.create(fleet, Wanted("dad", prime=str(node_tree)))
    root = fleet.root / "fleet" / "dad"
    (node_tree / "src" / "index.js").write_text(f"{SERVE}// two\n")
    (node_tree / "build.js").write_text("process.exit(3)")
    before = (root / "dist" / "index.js").stat().st_mtime_ns
    said = halctl("push", "dad")
    assert said.code == 1
    assert "npm run build" in said.err
    assert (root / "dist" / "index.js").stat().st_mtime_ns == before
    assert halctl("status", "dad").code == 0
    (node_tree / "build.js").write_text(BUILD)
    assert halctl("push", "dad").code == 0
    assert (root / "dist" / "index.js").read_text().endswith("// two\n")
    assert halctl("verify", "dad").code == 0


def test_five_node_trees_run_by_the_real_pm2(real_pm2, fleet, node_tree, halctl):
    for name in NAMES:
        saga.create(fleet, Wanted(name, prime=str(node_tree), supervisor=Supervision.PM2))
    rows = queries.table(fleet)
    assert [row.name for row in rows] == list(NAMES)
    for row in rows:
        assert real_pm2.status(fleet, queries.record(fleet, row.name).instance).state == "running"
    assert halctl("freeze", "mum").code == halctl("fry", "dad", "--confirm").code == 0
    assert real_pm2.status(fleet, queries.record(fleet, "mum").instance).state == "stopped"
    assert halctl("reset", "mum").code == 0
