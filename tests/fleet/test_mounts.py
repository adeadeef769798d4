"""What an instance may see of the machine: the rules, and the last look from within."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from halo_engine.errors import BadConfig, HaloError, NotAllowed, Usage
from halo_engine.fleet import manifest, mounting, queries, sample, syncing
from halo_engine.fleet.governing import drifting
from halo_engine.fleet.instance import Instance, Mount, Supervision
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.smoke.folder import credentials
from halo_engine.fleet.smoke.subject import Subject
from halo_engine.workspace import Workspace
from tests.fleet.conftest import left_over


@pytest.fixture
def shared(tmp_path):
    """A folder of the operator's, below which everything may be seen."""
    place = tmp_path / "shared"
    (place / "books").mkdir(parents=True)
    (place / "books" / "one.txt").write_text("a book")
    return place


@pytest.fixture
def allowed(fleet, shared):
    """A workspace that allows it."""
    settings = fleet.root / "halctl.yaml"
    settings.write_text(settings.read_text() + f"mount_roots: ['{shared}']\n")
    return fleet


def seeing(*sources: object, supervisor: Supervision = Supervision.SYSTEMD) -> Instance:
    mounts = [Mount(str(source), f"m{number}") for number, source in enumerate(sources)]
    return Instance(name="dad", path="fleet/dad", supervisor=supervisor, mounts=mounts)


def refusal(workspace, *sources: object) -> str:
    with pytest.raises(NotAllowed) as caught:
        mounting.checked(workspace, seeing(*sources))
    assert caught.value.hint
    return caught.value.message


def test_nothing_may_be_seen_by_default(fleet, shared):
    assert "below no allowed root (there are none)" in refusal(fleet, shared / "books")
    assert mounting.checked(fleet, seeing()) == []


def test_a_root_and_what_is_below_it_may_be_seen(allowed, shared):
    for place in (shared, shared / "books"):
        [bound] = mounting.checked(allowed, seeing(place))
        assert bound.identity == (place.stat().st_dev, place.stat().st_ino)
        assert (bound.source, bound.write) == (place, False)


@pytest.mark.parametrize("name", [".ssh", ".gnupg", ".AWS", ".config", "keyrings", ".docker", "id_rsa", ".env"])
def test_what_is_named_like_credentials_is_refused_at_any_depth(allowed, shared, name):
    (shared / "home" / name / "inside").mkdir(parents=True)
    assert "where credentials are" in refusal(allowed, shared / "home" / name)
    assert "where credentials are" in refusal(allowed, shared / "home" / name / "inside")


def test_links_are_refused_wherever_they_stand(allowed, shared, tmp_path):
    (tmp_path / "secret").mkdir()
    (shared / "link").symlink_to(tmp_path / "secret")
    (shared / "loop").symlink_to(shared)
    assert f"{shared / 'link'} is a link" in refusal(allowed, shared / "link")
    assert "is a link" in refusal(allowed, shared / "loop" / "books")
    (allowed.root / "halctl.yaml").write_text(f"mount_roots: ['{shared / 'loop'}']\n")
    assert "is a link" in refusal(allowed, shared / "loop" / "books")


def test_what_is_no_folder_is_refused(allowed, shared):
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(shared / "docker.sock"))
        assert "is a socket" in refusal(allowed, shared / "docker.sock")
    assert "is no folder" in refusal(allowed, shared / "books" / "one.txt")
    os.mkfifo(shared / "pipe")
    assert "is no folder" in refusal(allowed, shared / "pipe")
    assert "No such file" in refusal(allowed, shared / "none")


@pytest.mark.parametrize(
    "text", ["{}/../precious", "{}/books/..", "books", "", "{}/a:b", "{}/a,b", "{}/a\nb", "/", "//", "~x"]
)
def test_what_is_no_plain_path_is_refused(allowed, shared, text):
    (shared / "a:b").mkdir()
    assert refusal(allowed, text.format(shared))


@pytest.mark.parametrize("place", ["/proc", "/proc/self/root", "/sys", "/dev", "/dev/shm", "/run", "/etc", "/var/run"])
def test_what_is_the_systems_is_refused_even_where_a_root_allows_it(allowed, place):
    (allowed.root / "halctl.yaml").write_text("mount_roots: [/proc, /sys, /dev, /run, /etc, /var]\n")
    said = refusal(allowed, place)
    assert "no instance may see" in said or "the kernel's" in said or "is a link" in said


def test_the_whole_machine_is_refused_as_a_root_too(allowed, shared):
    (allowed.root / "halctl.yaml").write_text("mount_roots: [/]\n")
    assert "whole machine" in refusal(allowed, shared)


def test_the_workspace_and_every_instance_are_refused_and_what_holds_them(tmp_path):
    workspace = Workspace(tmp_path / "some" / "workspace")
    other, base = tmp_path / "elsewhere" / "mum", tmp_path / "base"
    for place in (base / "ann", other, workspace.root / "memory"):
        place.mkdir(parents=True)
    (workspace.root / "halctl.yaml").write_text(f"mount_roots: ['{tmp_path}']\nbase: {base}\n")
    manifest.put(workspace, Instance(name="mum", path=str(other)))
    for place in (workspace.root, workspace.root / "memory", base, base / "ann", other):
        assert "lies in" in refusal(workspace, place)
    for place in (tmp_path, tmp_path / "elsewhere", tmp_path / "some"):
        assert "holds" in refusal(workspace, place)


def test_the_home_that_holds_credentials_is_refused(allowed, tmp_path, monkeypatch):
    home = tmp_path / "ann"
    (home / ".ssh").mkdir(parents=True)
    (home / "books").mkdir()
    monkeypatch.setenv("HOME", str(home))
    (allowed.root / "halctl.yaml").write_text("mount_roots: ['~']\n")
    assert f"holds {home / '.ssh'}" in refusal(allowed, "~")
    assert len(mounting.checked(allowed, seeing("~/books"))) == 1


@pytest.mark.parametrize("supervisor", ["process", "pm2"])
def test_supervisors_that_cannot_mount_say_so_and_make_nothing(allowed, shared, halctl, supervisor):
    said = halctl("create", "--name", "dad", "--supervisor", supervisor, "--mount", f"{shared}/books")
    assert (said.code, f"{supervisor} can mount nothing" in said.err) == (4, True)
    assert "supervisor: systemd" in said.err
    assert left_over(allowed)["folders"] == []


def test_a_mount_that_is_written_in_by_hand_keeps_it_from_starting(allowed, shared, halctl):
    """Under a supervisor that cannot mount it, or for a source that may not be, nothing is stopped for a push."""
    assert halctl("create", "--name", "ann").code == 0
    path = manifest.path(allowed)
    path.write_text(path.read_text().replace("  supervisor:", "  mounts:\n  - {source: /proc, name: p}\n  supervisor:"))
    assert halctl("push", "ann").code == 4
    assert halctl("list", "--json").data[0]["running"] is True
    assert halctl("verify", "ann").code == 1
    assert "can mount nothing" in halctl("smoke", "ann").out
    assert halctl("freeze", "ann").code == 0
    assert halctl("reset", "ann").code == 4
    assert halctl("list", "--json").data[0]["status"] == "frozen"


def test_the_manifest_keeps_mounts_as_they_are_written(allowed, shared):
    path = manifest.path(allowed)
    text = (
        f"instances:\n- name: dad\n  path: fleet/dad\n  mounts:\n  - source: {shared}/books   # mine\n    name: books\n"
    )
    path.write_text(text)
    dad = manifest.entry(allowed, "dad")
    assert dad.mounts == [Mount(f"{shared}/books", "books")]
    manifest.put(allowed, msgspec.structs.replace(dad, personality="dad"))
    assert "# mine" in path.read_text()
    path.write_text(text + f"  - source: {shared}\n    name: books\n")
    with pytest.raises(BadConfig, match="two of one name"):
        manifest.checked(allowed)
    path.write_text(text.replace("name: books", "name: ../books"))
    with pytest.raises(BadConfig, match=r":6: instances.0.mounts.0.name"):
        manifest.checked(allowed)


def test_what_is_asked_for_on_the_command_line():
    assert mounting.asked("/srv/books") == Mount("/srv/books", "books")
    assert mounting.asked("/srv/Books:b:rw") == Mount("/srv/Books", "b", write=True)
    for wrong in ("/srv/Books", "/", "/a:b:c", "/a:b:rw:x", "/a:../b", ""):
        with pytest.raises(Usage):
            mounting.asked(wrong)


@given(some.text(max_size=40))
def test_whatever_is_asked_for_is_a_mount_or_refused(text):
    try:
        found = mounting.asked(text)
    except Usage:
        return
    assert "/" not in found.name


@given(some.text(some.characters(codec="utf-8"), max_size=30))
def test_whatever_the_path_it_is_refused_or_a_folder_below_a_root(text):
    try:
        place = mounting._plain(f"/srv/{text}", "mount")
    except HaloError:
        return
    assert place.is_absolute()
    assert ".." not in place.parts
    assert os.path.normpath(place) == str(place)


class TestFromWithin:
    @pytest.fixture
    def inside(self, tmp_path):
        """An instance's folder, in which `books` is what is mounted."""
        (tmp_path / "dad" / "mounts" / "books").mkdir(parents=True)
        return tmp_path / "dad"

    def enter(self, inside, witness: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-c", mounting.BOOT, str(mounting.HOME), witness, "--", "echo", "started"]
        return subprocess.run(command, cwd=inside, capture_output=True, text=True, check=False)

    def witness(self, place: Path, mode: str) -> str:
        return mounting.Bound("books", place, mode == "rw", mounting._identity(place.stat())).witness()

    def test_what_was_checked_is_entered(self, inside):
        done = self.enter(inside, self.witness(inside / "mounts" / "books", "rw"))
        assert (done.returncode, done.stdout) == (0, "started\n")

    @pytest.mark.parametrize("change", ["another", "link", "file", "gone", "above", "writable"])
    def test_what_was_not_is_refused(self, inside, change):
        books = inside / "mounts" / "books"
        witness = self.witness(books, "ro" if change == "writable" else "rw")
        kept = books.rename(inside / "kept") if change not in {"writable", "above"} else books
        if change == "another":
            books.mkdir()
        elif change == "link":
            books.symlink_to(kept)
        elif change == "file":
            books.write_text("")
        elif change == "above":
            (inside / "mounts").rename(inside / "other")
            (inside / "mounts").symlink_to("other")
        done = self.enter(inside, witness)
        assert (done.returncode, done.stdout) == (NotAllowed.exit_code, "")
        assert "mounts/books is" in done.stderr
        assert "was not started" in done.stderr


def test_points_are_made_and_nothing_is_followed(allowed, shared):
    root = allowed.root / "fleet" / "dad"
    root.mkdir(parents=True)
    mounting.make_points(allowed, seeing(shared))
    assert [each.name for each in (root / "mounts").iterdir()] == ["m0"]
    (root / "mounts" / "m0").rmdir()
    (root / "mounts" / "m0").symlink_to("/etc")
    with pytest.raises(NotAllowed, match="is no folder"):
        mounting.make_points(allowed, seeing(shared))
    (root / "mounts" / "m0").unlink()
    (root / "mounts").rmdir()
    (root / "mounts").symlink_to("/nowhere")
    with pytest.raises(NotAllowed, match="is no folder"):
        mounting.make_points(allowed, seeing(shared))


@pytest.fixture
def silent(allowed, shared, halctl, tmp_path, monkeypatch):
    """Three instances that see a folder under a systemd that does not answer; what it was asked, as a file."""
    program, said = tmp_path / "bin" / "systemctl", tmp_path / "said"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {said}; echo no bus >&2; exit 1\n')
    program.chmod(0o755)
    made = [sample.made(allowed, Wanted(name), number).instance for number, name in enumerate(("ann", "bob", "dad"))]
    sees = {"supervisor": Supervision.SYSTEMD, "mounts": [Mount(f"{shared}/books", "books")]}
    manifest.put(allowed, *(msgspec.structs.replace(each, **sees) for each in made))
    syncing.sync(allowed)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    yield said
    manifest.put(allowed, *(msgspec.structs.replace(each, mounts=[]) for each in made))
    syncing.sync(allowed)


def test_a_supervisor_that_does_not_answer_is_asked_once_and_hides_nothing(allowed, silent, halctl):
    said = halctl("verify", "--json")
    assert [(each["name"], each["state"]) for each in said.data] == [(name, "locked") for name in ("ann", "bob", "dad")]
    assert said.code == 0
    assert len(silent.read_text().splitlines()) == 1
    assert halctl("verify", "dad").code == 0


def test_the_places_that_nobody_may_see_are_looked_at_once_for_many(allowed, silent, monkeypatch):
    seen, look = [], mounting._keeping
    monkeypatch.setattr(mounting, "_keeping", lambda place: (seen.append(place), look(place))[1])
    for every in (drifting.verify_all, queries.statuses):
        seen.clear()
        assert len(every(allowed)) == 3
        assert len(set(seen)) == len(seen) > 0


def test_create_refuses_before_anything_is_made(allowed, shared, halctl, monkeypatch):
    from halo_engine.fleet.supervisors import systemd

    monkeypatch.setattr(systemd.SUPERVISOR, "missing", lambda: "")
    (shared / "link").symlink_to("/root")
    for source in (shared / "link", "/proc", shared / "x" / ".ssh", "/var/run/docker.sock"):
        said = halctl("create", "--name", "dad", "--supervisor", "systemd", "--mount", f"{source}:it")
        assert said.code == 4, said.err
    assert left_over(allowed) == {"folders": [], "entries": [], "processes": []}
    assert Wanted("dad").mounts == ()


@pytest.mark.parametrize("planted", ["nothing", ".env", "socket", "secret"])
def test_smoke_looks_through_what_is_seen(allowed, shared, monkeypatch, planted):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-a-secret-of-the-operator")
    (allowed.root / "fleet" / "dad").mkdir(parents=True)
    deep = shared / "books" / "deep"
    deep.mkdir()
    with socket.socket(socket.AF_UNIX) as line:
        if planted == "socket":
            line.bind(str(deep / "s"))
        elif planted != "nothing":
            (deep / (".env" if planted == ".env" else "notes.txt")).write_text("sk-a-secret-of-the-operator")
        found = credentials(Subject(allowed, seeing(shared / "books")))
    assert found.state == ("ok" if planted == "nothing" else "wrong"), found
    said = {
        ".env": "like a credential",
        "socket": "is a socket",
        "secret": "holds a secret",
        "nothing": "none in 1 file",
    }
    assert said[planted] in found.evidence
