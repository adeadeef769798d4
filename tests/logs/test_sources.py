from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest

from halo_engine.errors import BadConfig, NotFound
from halo_engine.logs import queries
from halo_engine.logs.query import Query
from halo_engine.logs.reading import Reading
from halo_engine.logs.sources import Source, base_of

LINE = '{{"level":30,"time":{},"msg":"{}"}}\n'


def put(path, time, message="x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LINE.format(time, message))


@pytest.mark.parametrize(
    "name",
    [
        "app.log",
        "app.log.1",
        "app.log.12.gz",
        "app.log-20261120",
        "app.log.2026-11-20.zst",
        "app-2026-11-20.log",
        "app-20261120.log.gz",
        "app.log.2026-11-20_14-02-11",
    ],
)
def test_the_name_that_a_file_was_rotated_from(name):
    assert base_of(Path("/var/log") / name) == Path("/var/log/app.log")


@pytest.mark.parametrize(
    "name", ["app.log", "v2.log", "2026.log", "a1.jsonl", "noext", "app-b.log", "worker-1.log", "worker.2.log"]
)
def test_a_name_that_was_not_rotated_is_its_own(name):
    assert base_of(Path(name)) == Path(name)


def test_found_in_the_workspace_and_its_instances(workspace):
    put(workspace.logs / "halo.log", 1_795_222_890)
    put(workspace.logs / "runs" / "T-1.log", 1_795_222_890)
    put(workspace.logs / "sessions" / "dad" / "1.jsonl", 1_795_222_890)
    put(workspace.root / "instances" / "dad" / "logs" / "agent.jsonl", 1_795_222_891)
    put(workspace.root / "instances" / "dad" / "logs" / "agent.jsonl.1", 1_795_222_880)
    (workspace.root / "FLEET.yaml").write_text(
        "instances:\n- name: dad\n  path: instances/dad\n  status: active\n- name: gone\n"
    )
    found = queries.sources(workspace)
    assert [(source.name, source.instance, len(source.files)) for source in found] == [
        ("halo.log", "", 1),
        ("dad/agent.jsonl", "dad", 2),
    ]
    assert queries.search(found, Reading(Query(instances=("dad",)))).count == 2
    assert [path.name for path in found[1].in_order()] == ["agent.jsonl.1", "agent.jsonl"]


def test_configured_with_format_instance_zone_and_keys(workspace, tmp_path):
    (tmp_path / "odd.log").write_text('{"sev":"E","when":"2026-11-21 03:01:30","say":"broken","level":"err"}\n')
    (workspace.root / "logctl.yaml").write_text(
        f"sources:\n  odd:\n    path: {tmp_path}/odd.log\n    instance: mum\n    timezone: Europe/Riga\n"
        "keys:\n  time: [when]\n  message: [say]\nfleet: false\n"
    )
    put(workspace.logs / "halo.log", 1_795_222_890)
    (found,) = queries.stream(queries.sources(workspace), Reading())
    assert (found.record.instance, found.record.message) == ("mum", "broken")
    assert found.record.time == 1_795_222_890 * 10**9


def test_a_pattern_takes_what_it_matches(workspace, tmp_path):
    put(tmp_path / "x" / "b.log", 1_795_222_892, "second")
    (tmp_path / "x" / "a.log.gz").write_bytes(gzip.compress(LINE.format(1_795_222_893, "third").encode()))
    put(tmp_path / "x" / "y" / "c.log", 1_795_222_891, "first")
    (workspace.root / "logctl.yaml").write_text(f"sources:\n  all:\n    path: {tmp_path}/x/**/*.log*\n")
    found = queries.stream(queries.sources(workspace), Reading())
    assert [entry.record.message for entry in found] == ["first", "second", "third"]


def test_a_file_named_twice_is_read_once(workspace, written):
    path = written(b'{"msg":"1"}')
    assert queries.search(queries.sources(workspace, [path, path]), Reading()).count == 1


def test_what_is_not_there_is_said(workspace, tmp_path):
    with pytest.raises(NotFound, match="no file"):
        queries.sources(workspace, [tmp_path / "no.log"])
    with pytest.raises(NotFound, match="no source nope"):
        queries.sources(workspace, names=["nope"])
    (workspace.root / "FLEET.yaml").write_text("instances: {[")
    with pytest.raises(BadConfig, match=r"FLEET\.yaml"):
        queries.sources(workspace)


def test_a_wrong_setting_is_named(workspace):
    (workspace.root / "logctl.yaml").write_text("sources:\n  a:\n    path: x\n    format: xml\nslak: 3\n")
    with pytest.raises(BadConfig) as caught:
        queries.sources(workspace)
    assert "logctl.yaml:4: sources.a.format" in caught.value.message
    assert "logctl.yaml:5: slak" in caught.value.message


def test_packed_files_outside_of_the_window_are_not_unpacked(workspace, tmp_path, monkeypatch):
    for name, time in (("app.log.3.gz", 100), ("app.log.2.gz", 200), ("app.log.1.gz", 300), ("app.log", 400)):
        text = "".join(LINE.format(1_795_000_000 + time + n, name) for n in range(0, 100, 10)).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        os.utime(path, (1_795_000_090 + time, 1_795_000_090 + time))
    (workspace.root / "logctl.yaml").write_text(f"slack: 5\nsources:\n  app:\n    path: {tmp_path}/app.log\n")
    (source,) = queries.sources(workspace)

    def read(since, until):
        query = Query(since=since and (1_795_000_000 + since) * 10**9, until=until and (1_795_000_000 + until) * 10**9)
        reading = Reading(query)
        return [file.path.name for file in reading.files(source)], queries.search([source], reading).count

    assert read(None, None) == (["app.log.3.gz", "app.log.2.gz", "app.log.1.gz", "app.log"], 40)
    assert read(310, None) == (["app.log.1.gz", "app.log"], 19)
    assert read(None, 250) == (["app.log.3.gz", "app.log.2.gz", "app.log"], 16)
    assert read(210, 290) == (["app.log.2.gz", "app.log"], 9)


def test_what_may_not_be_read_is_passed_over_with_a_word(workspace, monkeypatch, capsys):
    put(workspace.logs / "a.log", 1_795_222_890)
    put(workspace.logs / "b.log", 1_795_222_890)
    opened = Source.opened

    def refusing(self, path):
        if path.name == "a.log":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(self, path)

    monkeypatch.setattr(Source, "opened", refusing)
    assert queries.search(queries.sources(workspace), Reading()).count == 1
    assert "a.log: not readable, passed over" in capsys.readouterr().err
    with pytest.raises(PermissionError):
        queries.search(queries.sources(workspace, [workspace.logs / "a.log"]), Reading())


def test_a_pipe_is_read_as_a_file(workspace, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b'{"msg":"1"}\n{"msg":"2"}\n',))
    writer.start()
    assert queries.search(queries.sources(workspace, [pipe]), Reading()).count == 2
    writer.join()
