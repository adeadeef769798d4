"""Whatever an older Halo wrote is read as it was meant, for ever."""

from __future__ import annotations

import msgspec
import pytest

from halo_engine.errors import BadData
from halo_engine.events import model
from halo_engine.events.model import Payload, decode, fact, lift
from halo_engine.events.projection import Fold, Projection
from halo_engine.events.table import Row
from tests.events.contract import seen
from tests.golden.make import EVENTS, ROWS, STORY, ours, path, rows

FILES = sorted(EVENTS.glob("*.json"))


@pytest.mark.parametrize(("name", "schema"), [(name, schema) for name, (_, schema) in ours().items()])
def test_every_type_has_a_golden_file(name, schema):
    assert path(name, schema).exists(), "python -m tests.golden.make writes it"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_old_event_reads_as_it_was_meant(file):
    golden = msgspec.json.decode(file.read_bytes())
    name, schema = golden["type"], golden["schema"]
    assert file == path(name, schema)
    assert name in ours(), "a type that was written once stays declared"
    data = decode(name, schema, msgspec.json.encode(golden["payload"]))
    assert data is not None
    if schema == ours()[name][1]:
        now = msgspec.to_builtins(msgspec.structs.asdict(data), str_keys=True)
        assert msgspec.json.decode(msgspec.json.encode(now)) | golden["read"] == msgspec.json.decode(
            msgspec.json.encode(now)
        )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_fields_that_a_later_halo_adds_do_no_harm(file):
    golden = msgspec.json.decode(file.read_bytes())
    payload = msgspec.json.encode(golden["payload"] | {"invented_later": [1, 2, 3]})
    assert decode(golden["type"], golden["schema"], payload) is not None


def test_the_story_is_told_again(workspace, halo):
    """Every kind of fact, as commands left them once, makes the rows that it made then."""
    said = halo("events", "import", str(STORY), "--json")
    assert said.code == 0
    assert halo("events", "verify").code == 0
    then, now = msgspec.json.decode(ROWS.read_bytes()), rows(workspace)
    for table, lines in then.items():
        assert len(now[table]) == len(lines)
        for before, after in zip(lines, now[table], strict=True):
            assert {name: after[name] for name in before} == before


def test_the_story_leaves_nothing_out():
    told = {msgspec.json.decode(line)["type"] for line in STORY.read_text(encoding="utf-8").splitlines()}
    assert told == {name for name in ours() if name.startswith("task.")} - {"task.item.cancelled"}


@pytest.fixture
def parcels(monkeypatch):
    """A type at its third schema, with the way from the first."""
    monkeypatch.setattr(model, "_facts", dict(model._facts))
    monkeypatch.setattr(model, "_lifts", dict(model._lifts))

    @fact("probe.parcel.sent", schema=3)
    class ParcelSent(Payload, frozen=True, omit_defaults=True):
        to: str
        grams: int

    @lift("probe.parcel.sent", 1)
    def _(data):
        return {"to": data["address"], "kilos": data["kilos"]}

    @lift("probe.parcel.sent", 2)
    def _(data):
        return {"to": data["to"], "grams": round(data["kilos"] * 1000)}

    return ParcelSent


def test_lifts_are_a_chain(parcels):
    expected = parcels("Rīga", 1500)
    assert decode("probe.parcel.sent", 1, '{"address":"Rīga","kilos":1.5}'.encode()) == expected
    assert decode("probe.parcel.sent", 2, '{"to":"Rīga","kilos":1.5}'.encode()) == expected
    assert decode("probe.parcel.sent", 3, '{"to":"Rīga","grams":1500}'.encode()) == expected


def test_a_schema_from_the_future_is_skipped(parcels):
    assert decode("probe.parcel.sent", 4, b'{"what":"ever"}') is None


def test_a_payload_that_does_not_fit(parcels):
    with pytest.raises(BadData, match=r"probe\.parcel\.sent event does not fit its schema 3"):
        decode("probe.parcel.sent", 3, b'{"to":"Riga","grams":"many"}')
    with pytest.raises(BadData, match="schema 2"):
        decode("probe.parcel.sent", 2, b"no JSON")
    with pytest.raises(BadData, match="schema 1"):
        decode("probe.parcel.sent", 1, b'{"addres":"Riga"}')


class Parcel(Row):
    table = "parcel"
    stream: str
    grams: int = 0


def test_a_projection_lifts_and_skips(parcels, workspace):
    projection = Projection("parcels", module="probe", main=Parcel, key=str)

    @projection.on(parcels)
    def sent(row, data, event):
        return Parcel(event.stream, (row.grams if row else 0) + data.grams)

    workspace.log.append([seen("probe/p"), seen("probe/p"), seen("probe/p"), seen("probe/p")])
    first, second, third, fourth = workspace.log.read()
    change = msgspec.structs.replace
    fold = Fold(projection, lambda *_: None)
    fold.apply(
        [
            change(first, type="probe.parcel.sent", schema=1, payload=b'{"address":"a","kilos":1}'),
            change(second, type="probe.parcel.eaten", schema=1, payload=b"{}"),
            change(third, type="probe.parcel.sent", schema=9, payload=b"{}"),
            change(fourth, type="probe.parcel.sent", schema=3, payload=b'{"to":"a","grams":5}'),
        ]
    )
    assert fold.row("probe/p") == Parcel("probe/p", 1005)
