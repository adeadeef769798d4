"""Configuration files: every fault with its file, line and key, all of them at once, and never a traceback."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.configuration import load
from halo_engine.errors import BadConfig
from halo_engine.tasks.config import NightSettings
from halo_engine.workspace import Settings


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = "sqlite"
    ports: list[Annotated[int, msgspec.Meta(ge=1)]] = []


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    workers: Annotated[int, msgspec.Meta(ge=1)] = 2
    name: str | None = None
    bus: Inner = Inner()


def faults(text, model=Outer):
    with pytest.raises(BadConfig) as caught:
        load(text, model, "some.yaml")
    assert caught.value.exit_code == 6
    return caught.value.message.splitlines()


def test_what_is_right():
    text = "workers: 4  # a comment\nbus:\n  ports: [1, 2]\n"
    assert load(text, Outer, "some.yaml") == Outer(4, None, Inner(ports=[1, 2]))
    assert load("name: \nworkers: 3", Outer, "some.yaml") == Outer(3)


def test_an_unknown_key():
    assert faults("workers: 3\n\nwrokers: 4\n") == ["some.yaml:3: wrokers: no such setting"]


def test_an_unknown_key_further_in():
    assert faults("bus:\n  url: x\n  uri: y\n") == ["some.yaml:3: bus.uri: no such setting"]


def test_the_hint_names_what_there_is():
    with pytest.raises(BadConfig) as caught:
        load("x: 1", Outer, "/somewhere/some.yaml")
    assert caught.value.hint == "settings of some.yaml: workers, name, bus"


def test_a_bad_value():
    assert faults("name: x\nworkers: many\n") == ["some.yaml:2: workers: Expected `int`, got `str`"]
    assert faults("workers: 0") == ["some.yaml:1: workers: Expected `int` >= 1"]
    assert faults("bus:\n  ports:\n  - 1\n  - 0\n") == ["some.yaml:4: bus.ports.1: Expected `int` >= 1"]
    assert faults("bus: []") == ["some.yaml:1: bus: Expected `object`, got `array`"]


def test_all_faults_at_once():
    text = "workers: 0\nbus:\n  uri: x\n  ports: [0, 1, x]\ncolour: red\nname: [a]\n"
    found = faults(text)
    assert len(found) == 5
    for wanted in (
        "1: workers:",
        "3: bus.uri:",
        "4: bus.ports.0:",
        "5: colour:",
        "6: name:",
    ):
        assert any(line.startswith(f"some.yaml:{wanted}") for line in found), (wanted, found)


class Needed(msgspec.Struct, frozen=True):
    command: Annotated[str, msgspec.Meta(min_length=1)]
    when: list[int]
    size: int = 0


def test_what_is_wrong_is_not_missing_too():
    assert faults("command: ''\nwhen: [1]\n", Needed) == ["some.yaml:1: command: Expected `str` of length >= 1"]
    assert faults("command: x\nwhen: [x]\n", Needed) == ["some.yaml:2: when.0: Expected `int`, got `str`"]
    assert faults("size: x\nwhen: [1]\n", Needed) == [
        "some.yaml:1: size: Expected `int`, got `str`",
        "some.yaml:1: file: Object missing required field `command`",
    ]


def test_a_key_given_twice():
    assert faults("workers: 3\nname: x\nworkers: 4\n") == ["some.yaml:3: workers: given twice"]
    assert faults("bus:\n  url: x\n  url: y\n") == ["some.yaml:3: bus.url: given twice"]
    assert faults("workers: 3\nworkers: 3\ncolour: red\n") == [
        "some.yaml:2: workers: given twice",
        "some.yaml:3: colour: no such setting",
    ]


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words", "17", '"text"'])
def test_no_mapping(text):
    assert len(faults(text)) == 1
    assert faults(text)[0].startswith("some.yaml:1: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("workers: [1, 2\nname: x\n", 2),
        ("workers: 1\n\tname: x\n", 2),
        ("workers: 1\n name: x\n", 2),
        ("name: 'x\n", 2),
        ("name: @x\n", 1),
        ("a: b: c\n", 1),
        ("workers: 1\nname: *nowhere\n", 2),
        ("workers: 1\n--- \nworkers: 2\n", 2),
        ("name: !!python/object/apply:os.system [ls]\n", 1),
        ("workers: 1\nname: \0\n", 2),
        ("? [a, b]\n: c\n", 1),
        ("{a: b}: c", 1),
    ],
)
def test_no_yaml(text, line):
    (fault,) = faults(text)
    assert fault.startswith(f"some.yaml:{line}: "), fault


@pytest.mark.parametrize(
    "text",
    [
        "name: &a [*a]\n",
        "bus: &a {url: *a}\n",
        "bus: &a\n  url: *a\n",
        "a: &a [x, x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(22)),
        "name: " + "[" * 5000 + "]" * 5000,
        "name: " + "{a: " * 2000 + "1" + "}" * 2000,
        "workers: " + "9" * 5000,
        "1: x\n2.5: y\ntrue: z\nnull: n\n2026-01-01: d\n",
        "workers: .nan",
        "workers: 2026-01-01",
        "name: !!binary aGVsbG8=",
        "<<: {workers: 3}\n<<: {name: x}\n",
        "workers: 0x_",
        "name: 2026-99-99\n",
    ],
)
def test_what_is_meant_to_break_it(text):
    """Loops, bombs and strange types: a fault with a line, and soon."""
    assert all(fault.startswith("some.yaml:") for fault in faults(text))


def read_or_refused(text):
    try:
        return isinstance(load(text, Outer, "some.yaml"), Outer)
    except BadConfig as refused:
        return refused.message.startswith("some.yaml:")


@given(st.text())
def test_any_text_is_read_or_refused(text):
    assert read_or_refused(text)


yaml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["workers", "bus", "url", "x"]), inner),
)


@given(st.dictionaries(st.sampled_from(["workers", "name", "bus", "x"]), yaml_values))
def test_any_data_is_read_or_refused(data: Any):
    assert read_or_refused(yaml.safe_dump(data))


@pytest.mark.parametrize("model", [Settings, NightSettings])
def test_every_setting_may_be_left_out(model):
    assert load("{}", model, "some.yaml") == model()


# what comes of it on the command line


@pytest.mark.parametrize(
    ("name", "text", "line", "key"),
    [
        ("nightctl.yaml", "workers: 2\nwrokers: 3\n", 2, "wrokers"),
        ("nightctl.yaml", "workers: none\n", 1, "workers"),
        ("nightctl.yaml", "window: 25:00-26:00\n", 1, "window"),
        ("nightctl.yaml", "timeout: -1\n", 1, "timeout"),
        ("halo.yaml", "bus:\n  uri: sqlite\n", 2, "bus.uri"),
        ("halo.yaml", "llm:\n  timeout: long\n", 2, "llm.timeout"),
    ],
)
def test_a_fault_on_the_command_line(workspace, halo, name, text, line, key):
    (workspace.root / name).write_text(text)
    for words in (["config", "check"], ["config", "show"]):
        said = halo(*words, "--json")
        assert (said.code, said.error["kind"]) == (6, "bad_config")
        assert said.error["message"].startswith(f"{workspace.root / name}:{line}: {key}: ")
        assert said.error["hint"].startswith(f"settings of {name}: ")
    plain = halo("config", "check")
    assert (plain.code, plain.out) == (6, "")


def test_a_bad_night_does_not_keep_the_day_from_work(workspace, halo, nightctl):
    """Only what needs a file stops over it."""
    (workspace.root / "nightctl.yaml").write_text("workers: none\n")
    assert nightctl("add", "milk").code == 0
    assert nightctl("list").code == 0
    assert nightctl("run", "--now").code == 6
    doctor = halo("doctor", "--json")
    assert doctor.code == 1
    assert any("nightctl.yaml:1: workers" in check["evidence"] for check in doctor.data if check["state"] == "wrong")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"bus: \xe4\n", "timezone: ä\n".encode("utf-16")])
def test_a_file_that_is_no_utf_8(workspace, halo, content):
    (workspace.root / "halo.yaml").write_bytes(content)
    said = halo("status", "--json")
    assert (said.code, said.error["kind"]) == (6, "bad_config")
    assert "halo.yaml:1: " in said.error["message"]


def test_a_byte_order_mark_does_no_harm(workspace, halo):
    (workspace.root / "nightctl.yaml").write_bytes(b"\xef\xbb\xbfworkers: 3\n")
    assert halo("config", "show", "--json").data["nightctl.yaml"]["workers"] == 3


def test_a_folder_where_a_file_should_be(workspace, halo):
    (workspace.root / "nightctl.yaml").mkdir()
    said = halo("config", "check", "--json")
    assert said.code in {5, 6}
    assert "nightctl.yaml" in said.error["message"]


@pytest.mark.parametrize("text", ["", "\n\n", "# only words\n", "---\n", "---\n# words\n...\n"])
def test_an_empty_file_is_all_defaults(workspace, halo, text):
    (workspace.root / "nightctl.yaml").write_text(text)
    assert halo("config", "show", "--json").data["nightctl.yaml"] == msgspec.to_builtins(NightSettings())


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "/etc/localtime"])
def test_a_time_zone_that_is_none(workspace, nightctl, zone):
    (workspace.root / "halo.yaml").write_text(f"timezone: '{zone}'\n")
    said = nightctl("list", "--due", "tomorrow", "--json")
    assert said.code == (0 if not zone else 6), said
    assert not zone or zone in said.error["message"]
