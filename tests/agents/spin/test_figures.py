"""The figures that are promised, on made-up sessions of all kinds."""

from __future__ import annotations

import json

import pytest

from benchmarks.spin.generate import generate
from benchmarks.spin.lots import NAMES, lot


@pytest.mark.parametrize("which", NAMES)
def test_the_bars(which, tmp_path, agentctl):
    said = agentctl("evaluate", str(generate(tmp_path, seed=11, each=2, which=which)), "--json")
    assert said.code == 0
    overall = said.data["overall"]
    assert overall["precision"] >= 0.9
    assert overall["recall"] >= 0.75
    assert overall["specificity"] >= 0.95
    assert overall["onset_error"] <= 4
    stuck, working = lot(which)
    assert set(said.data["kinds"]) == {*stuck, *working}


def test_the_table_names_what_is_wrong(tmp_path, agentctl):
    labels = generate(tmp_path, seed=3, each=1)
    told = json.loads(labels.read_text())
    name = next(name for name, label in told.items() if label["kind"] == "research")
    told[name]["stuck"] = True
    labels.write_text(json.dumps(told))
    said = agentctl("evaluate", str(labels))
    assert "overall" in said.out
    assert "rule repeat" in said.out
    assert f"false_negative {told[name]['path']} (research)" in said.out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("no json", 7),
        ('{"a": {"stuck": "maybe"}}', 7),
        ('{"a": {"stuck": true, "path": "gone.jsonl"}}', 3),
        (None, 3),
    ],
)
def test_bad_labels_say_so(tmp_path, agentctl, content, code):
    labels = tmp_path / "labels.json"
    if content is not None:
        labels.write_text(content)
    assert agentctl("evaluate", str(labels)).code == code
