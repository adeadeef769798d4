"""Every fact is told in words, by the module that it happened in."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from halo_engine.errors import BadData
from halo_engine.events.model import Event
from halo_engine.events.sentences import says, sentence
from tests.golden.make import EVENTS, ours

FILES = sorted(EVENTS.glob("*.json"))
assert ours()
"""They are declared now."""


def event(name: str, schema: int, payload: bytes) -> Event:
    given = {"type": name, "schema": schema, "payload": payload}
    return Event(**{field: given.get(field, "") for field in Event.__struct_fields__})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fact_has_its_words(file):
    golden = msgspec.json.decode(file.read_bytes())
    said = sentence(event(golden["type"], golden["schema"], msgspec.json.encode(golden["payload"])))
    assert said is not None
    assert "{" not in said
    assert "\n" not in said


def test_what_this_halo_does_not_know_is_told_as_it_is():
    unknown = event("space.ship.landed", 1, b'{"on":"the moon"}')
    assert sentence(unknown) is None
    assert says(unknown) == '{"on":"the moon"}'


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadData):
        sentence(event("task.item.added", 1, b'{"title":7}'))


def test_a_reader_of_the_whole_log_knows_every_type():
    asked = "from halo_engine import events, modules; modules.facts(); print(*events.model.declared())"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert set(ours()) <= set(found)
