"""FLEET.yaml is the operator's: what they wrote stays, what is wrong is named, and the last right one goes on."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadConfig, HaloError, NotFound, Unavailable
from halo_engine.events.model import New
from halo_engine.fleet import manifest, queries, syncing
from halo_engine.fleet.events import InstanceAdopted
from halo_engine.fleet.instance import Instance, Status, Template
from halo_engine.workspace import Workspace

BY_HAND = """\
# my fleet
instances:
  # the first one
  - name: dad            # The Captain
    path: fleet/dad
    telegram_bot_token_env: MICROHAL_DAD_BOT_TOKEN
    personality: 'dad'
    services:
      - gh
    created: '2026-03-17T20:37:53Z'
    status: active
# the end
"""


@pytest.fixture
def file(workspace):
    path = manifest.path(workspace)
    path.write_text(BY_HAND)
    return path


def one(name, **fields):
    return Instance(**{"name": name, "path": f"fleet/{name}", "created": "2026-03-17T20:37:53Z", **fields})


def test_the_seeds_entry_reads_as_it_is(workspace, file):
    dad = manifest.entry(workspace, "dad")
    assert (dad.personality, dad.services, dad.status, dad.supervisor) == ("dad", ["gh"], "active", "process")
    with pytest.raises(NotFound):
        manifest.entry(workspace, "mum")


def test_comments_and_order_survive(workspace, file):
    dad = manifest.entry(workspace, "dad")
    manifest.put(workspace, msgspec.structs.replace(dad, status=Status.FROZEN, template=Template(3, "f" * 64)))
    assert manifest.entry(workspace, "dad").template.version == 3
    for line in BY_HAND.replace("status: active", "status: frozen").splitlines():
        assert line in file.read_text().splitlines()
    manifest.put(workspace, one("mum", budget=2.0))
    assert [each.name for each in manifest.checked(workspace).instances] == ["dad", "mum"]
    manifest.remove(workspace, "mum")
    assert "# The Captain" in file.read_text()
    before = file.stat().st_mtime_ns
    manifest.put(workspace, manifest.entry(workspace, "dad"))
    manifest.remove(workspace, "nobody")
    assert file.stat().st_mtime_ns == before, "nothing changed, nothing is written"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("instances:\n\t- name: dad\n", "2: not valid YAML"),
        ("instances:\n- name: dad\n  path: x\n  statis: active\n", "4: instances.0.statis: no such setting"),
        ("instances:\n- name: dad\n  name: mum\n  path: x\n", "3: instances.0.name: given twice"),
        ("instances:\n- name: Dad\n  path: x\n", "2: instances.0.name"),
        ("instances:\n- name: dad\n  path: x\n  status: fried\n", "status: an entry is one of"),
        ("instances:\n- name: dad\n  path: x\n- name: dad\n  path: y\n", "4: name dad is of dad and of dad"),
        ("instances:\n- name: dad\n  path: x\n- name: mum\n  path: x\n", "path x is of dad and of mum"),
        ("instances:\n- name: dad\n  path: x\n  ports: {http: 80}\n", "4: instances.0.ports"),
        (
            "instances:\n- {name: a, path: x, ports: {http: 4100}}\n- {name: b, path: y, ports: {http: 4100}}\n",
            "port 4100",
        ),
        ("instances:\n- name: dad\n  path: x\n  telegram_bot_token_env: 812:abc\n", "4: instances.0.telegram"),
        ("a: &a [x, x]\nb: &b [*a, *a]\ninstances: *b\n", "an alias; write the value out"),
        ("instances:\n- name: dad\n  path: [x\n", "not valid YAML"),
        ("{" * 5000, "1: "),
        ("just text", "expected `key: value`"),
    ],
)
def test_what_is_wrong_is_named_and_the_last_right_one_goes_on(workspace, file, halo, text, said):
    assert len(manifest.read(workspace).instances) == 1
    file.write_text(text)
    with pytest.raises(BadConfig) as wrong:
        manifest.checked(workspace)
    assert said in wrong.value.message
    assert "FLEET.yaml" in wrong.value.message
    listed = halo("fleet", "list", "--json")
    assert (listed.code, [row["name"] for row in listed.data]) == (0, ["dad"])
    assert "as it was when the file was right" in listed.err
    for words in (["freeze", "dad"], ["create", "--name", "mum"], ["push", "--all"]):
        assert halo("fleet", *words).code in {3, 6}
    assert file.read_text() == text, "it is the operator's to mend"


def test_not_text_and_not_a_file(workspace, file, tmp_path):
    file.write_bytes(b"instances:\n- name: \xff\n")
    with pytest.raises(BadConfig, match=":2: not UTF-8"):
        manifest.checked(workspace)
    file.unlink()
    (tmp_path / "elsewhere").write_text(BY_HAND)
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadConfig, match="symbolic link"):
        manifest.checked(workspace)
    file.unlink()
    file.mkdir()
    with pytest.raises(BadConfig, match="cannot be read"):
        manifest.checked(workspace)
    file.rmdir()
    assert manifest.checked(workspace).instances == []


def test_a_disk_that_refuses_leaves_the_old_file(workspace, file, monkeypatch):
    def full(path, text):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(manifest, "replace", full)
    with pytest.raises(Unavailable, match="No space left"):
        manifest.put(workspace, one("mum"))
    assert file.read_text() == BY_HAND
    monkeypatch.undo()
    manifest.put(workspace, one("mum"))
    assert len(manifest.checked(workspace).instances) == 2


def _put(root, name):
    manifest.put(Workspace(root), one(name))


def test_many_writers_lose_nothing(workspace, file):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_put, [(workspace.root, f"i{number}") for number in range(12)])
    assert len(manifest.checked(workspace).instances) == 13
    assert "# The Captain" in file.read_text()


def test_edits_by_hand_become_events(workspace, file, halo):
    assert syncing.sync(workspace) == ["dad is new"]
    assert syncing.sync(workspace) == []
    file.write_text(BY_HAND.replace("status: active", "status: active\n    budget: 2.5"))
    assert syncing.sync(workspace) == ["dad: budget 2.5"]
    assert queries.record(workspace, "dad").entry["budget"] == 2.5
    file.write_text("instances: []\n")
    assert syncing.sync(workspace) == ["dad is not in the fleet any more; its folder is left alone"]
    assert queries.table(workspace) == []
    types = [event.type.rpartition(".")[2] for event in queries.history(workspace, "dad")]
    assert types == ["adopted", "edited", "forgotten"]
    file.write_text(BY_HAND)
    said = halo("fleet", "list", "--json")
    assert "taken in from FLEET.yaml: dad is new" in said.err
    assert [row["name"] for row in said.data] == ["dad"]
    assert halo("events", "verify").code == 0


def test_a_setting_that_is_newer_than_the_history_is_no_edit(workspace, file):
    old = {"name": "dad", "path": "fleet/dad", "personality": "dad", "services": ["gh"]}
    old |= {"telegram_bot_token_env": "MICROHAL_DAD_BOT_TOKEN", "created": "2026-03-17T20:37:53Z", "status": "active"}
    workspace.log.append([New("fleet/dad", "fleet.instance.adopted", InstanceAdopted(old))])
    assert syncing.sync(workspace) == []
    file.write_text(BY_HAND.replace("status: active", "status: active\n    onboarding: false"))
    assert syncing.sync(workspace) == ["dad: onboarding False"]


def test_what_the_history_decides_is_put_right(fleet, wanted):
    from halo_engine.fleet.provisioning import saga

    saga.create(fleet, wanted)
    path = manifest.path(fleet)
    path.write_text(path.read_text().replace("version: 1", "version: 9"))
    assert syncing.sync(fleet) == []
    assert manifest.entry(fleet, "dad").template.version == 1


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "replace")))
def test_any_text_reads_or_is_refused(text):
    assert "FLEET.yaml" in refusal(text.encode("utf-8", "surrogatepass"))


def refusal(raw):
    """What is said about bytes that are no manifest; the file's name alone when nothing is."""
    try:
        manifest.parsed(raw, "FLEET.yaml")
    except HaloError as error:
        return error.message
    return "FLEET.yaml"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@given(
    st.lists(
        st.fixed_dictionaries({"name": WORDS | st.just("dad"), "path": WORDS}, optional={"status": WORDS}), max_size=3
    )
)
def test_any_entries_read_or_are_refused(entries):
    assert "FLEET.yaml" in refusal(yaml.safe_dump({"instances": entries}).encode())


@pytest.mark.parametrize("size", [0, 1, 10])
def test_a_file_that_was_emptied_takes_nobody_out(workspace, file, halo, size):
    manifest.put(workspace, one("mum", ports={"http": 4100, "proxy": 4101}))
    right = file.read_text()
    syncing.sync(workspace)
    file.write_bytes(b" \n"[:1] * size)
    with pytest.raises(BadConfig, match="is empty, and was the fleet of 2") as wrong:
        manifest.checked(workspace)
    assert str(workspace.store / "FLEET.yaml") in wrong.value.hint
    listed = halo("fleet", "list", "--json")
    assert [row["name"] for row in listed.data] == ["dad", "mum"]
    assert (workspace.store / "FLEET.yaml").read_text() == right
    file.unlink()
    with pytest.raises(BadConfig, match="is gone"):
        manifest.checked(workspace)
    assert halo("fleet", "create", "--name", "sis").code == 6
    file.write_text(right)
    assert syncing.sync(workspace) == []
    file.write_text("instances: []\n")
    assert len(syncing.sync(workspace)) == 2, "said in so many words, they are out"


def test_a_file_that_is_cut_anywhere_changes_no_instance(workspace, file):
    """A cut between two entries is a file that somebody may have meant; whoever is left in it is as before."""
    manifest.put(workspace, one("mum", ports={"http": 4100, "proxy": 4101}, personality="mum", budget=2.0))
    raw, right = file.read_bytes(), manifest.checked(workspace)
    decided = ("name", "path", "created", "ports")
    for end in range(len(raw)):
        file.write_bytes(raw[:end])
        try:
            found = manifest.checked(workspace)
        except BadConfig:
            continue
        for each in found.instances:
            was = right.find(each.name)
            assert [getattr(each, key) for key in decided] == [getattr(was, key) for key in decided], raw[:end][-30:]
        file.write_bytes(raw)
        manifest.checked(workspace)


def test_what_is_taken_out_on_purpose_is_out(workspace, file):
    """Of the last entry it may also have been cut off: there the operator must say that it was meant."""
    manifest.put(workspace, one("mum", ports={"http": 4100}), one("sis", ports={"http": 4102}))
    file.write_text(file.read_text().replace("http: 4100", "proxy: 4100"))
    assert manifest.entry(workspace, "mum").ports == {"proxy": 4100}
    file.write_text(file.read_text().replace("http: 4102", "proxy: 4102"))
    with pytest.raises(BadConfig, match=r"sis has lost ports\.http") as wrong:
        manifest.checked(workspace)
    command, place = wrong.value.hint.rpartition("if it was meant: ")[2].split()
    assert command == "rm"
    Path(place).unlink()
    assert manifest.entry(workspace, "sis").ports == {"proxy": 4102}
    file.write_text(BY_HAND)
    assert len(manifest.checked(workspace).instances) == 1


def test_a_pipe_and_a_file_of_somebody_else_are_refused(workspace, file, halo):
    file.chmod(0o666)
    with pytest.raises(BadConfig, match="can be written by anybody") as wrong:
        manifest.checked(workspace)
    assert wrong.value.hint == f"chmod o-w {file}"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(BadConfig, match="no plain file"):
        manifest.checked(workspace)
    assert halo("fleet", "create", "--name", "mum").code == 6


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_whoever_owns_the_workspace_may_own_its_fleet(workspace, file):
    os.chown(file, 12_345, -1)
    with pytest.raises(BadConfig, match="belongs to user 12345"):
        manifest.checked(workspace)
    os.chown(workspace.root, 12_345, -1)
    assert len(manifest.checked(workspace).instances) == 1


def test_one_that_is_taken_out_and_put_back_is_governed_as_before(fleet, wanted):
    from halo_engine.fleet.provisioning import saga

    saga.create(fleet, wanted)
    path = manifest.path(fleet)
    text = path.read_text()
    path.write_text("instances: []\n")
    syncing.sync(fleet)
    path.write_text(text)
    assert syncing.sync(fleet) == ["dad is new"]
    (row,) = queries.table(fleet)
    assert (row.governance, row.version, row.running) == ("locked", 1, None)
