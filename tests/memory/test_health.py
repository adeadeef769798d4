"""Figures, and what wants a hand."""

from __future__ import annotations

import pytest

from halo_engine.memory import commands, health
from halo_engine.memory.commands import Draft
from halo_engine.memory.contradictions import contradictions
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace


def against(workspace: Workspace, *claims: str) -> list[str]:
    """Why the claims contradict each other."""
    for claim in claims:
        commands.new(workspace, Draft(title=claim), force=True)
    with looked(workspace) as index:
        return [each.why for each in contradictions(index)]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        (("Ben prefers tea", "Ben prefers strong coffee"), ["value"]),
        (("Mum lives in Riga", "Mum lives in Cardiff"), ["value"]),
        (("The staging port is 8080", "The staging port is 9090"), ["number"]),
        (("The lease of the flat ends on 2026-12-01", "The lease of the flat ends on 2027-03-01"), ["number"]),
        (("Backups run on Sunday", "Backups do not run on Sunday"), ["negation"]),
        (("Ben's phone is blue", "Ben's phone is red"), ["value"]),
        (("Mum's favourite flower is the peony", "Mum's favourite flower is the rose"), ["value"]),
        (("The deadline is Friday", "The deadline is Monday"), ["value"]),
        (("The deadline is Friday", "The deadline is not Friday"), ["negation"]),
        (("Ben's car is red", "Ben's car is old"), []),
        (("Ben is tall", "Ben is kind"), []),
        (("The address is in the drawer", "The phone is in the drawer"), []),
        (("Ben prefers tea", "ben prefers  Tea."), []),
        (("Ben likes tea", "Ben likes coffee"), []),
        (("Ben prefers tea", "Ann prefers coffee"), []),
        (("Chapter 3", "Chapter 4"), []),
        (("2026-11-20", "2026-11-21"), []),
        (("Lecture 3 on the theory of sets", "Lecture 4 on the theory of sets"), []),
        (("Weekly signal collection — 2026-05-01 08:00", "Weekly signal collection — 2026-05-08 08:00"), []),
        (("Sprint 12 has 5 open tickets", "Sprint 13 has 5 open tickets"), []),
        (("Sprint 12 has 5 open tickets", "Sprint 12 has 6 open tickets"), ["number"]),
        (("Ben's weight was 81 kg on 3 May", "Ben's weight was 82 kg on 9 May"), []),
        (("The flat costs 900 euros a month", "The flat costs 950 euros a month"), ["number"]),
        (("Die Miete der Wohnung beträgt 900 Euro", "Die Miete der Wohnung beträgt 950 Euro"), ["number"]),
        (("Daily stand-up is at 9:30", "Daily stand-up is at 10:00"), ["number"]),
        (tuple(f"The house counter is at {reading}" for reading in (510, 522, 540, 561)), []),
        (
            ("The port is identified by the address of a host and its protocol", "The port is a place where ships lie"),
            [],
        ),
        (("He lives in Riga", "He lives in Cardiff"), []),
        (("A fifth is 7 notes above its root", "A fifth is 8 notes above its root"), []),
        (("Ben prefers tea", "Mail from Ben about the tea that he prefers"), []),
    ],
)
def test_only_claims_that_cannot_both_hold_are_listed(
    workspace: Workspace, claims: tuple[str, str], why: list[str]
) -> None:
    assert against(workspace, *claims) == why


def test_the_first_sentence_counts_where_it_names_what_the_title_does(workspace: Workspace, write) -> None:
    write("springfield.md", "The population was 5970 at the last census.")
    write("shelbyville.md", "The population was 4100 at the last census.")
    write("rent.md", "The rent of the flat is 900 euros.")
    write("flat.md", "The rent of the flat is 950 euros.")
    write("one.md", "![[Pasted image one 20230906161209.png]]")
    write("two.md", "![[Pasted image two 20240717224104.png]] is at 5")
    with looked(workspace) as index:
        assert [(each.one, each.other) for each in contradictions(index)] == [("flat", "rent")]


def test_what_is_superseded_contradicts_nothing(workspace: Workspace) -> None:
    assert against(workspace, "Ben prefers tea", "Ben prefers coffee") == ["value"]
    commands.supersede(workspace, "note-1", "note-2")
    assert against(workspace) == []


def test_doctor_lists_links_duplicates_and_contradictions(workspace: Workspace, write, memctl) -> None:
    write("a.md", "See [[Not there yet]] and [the plan](gone/plan.md).")
    write("b.md", "The boiler in the cellar is serviced each October by the firm in Mill Lane.")
    write("c.md", "The boiler in the cellar is serviced each October by the firm in Mill Lane.")
    write("d.md", "# Ben prefers tea\n")
    write("e.md", "# Ben prefers coffee\n")
    found = {check.name: check for check in health.doctor(workspace)}
    assert "Not there yet (in a)" in found["notes to come"].evidence
    assert "gone/plan.md" in found["broken links"].evidence
    assert "b c (1.00)" in found["duplicates"].evidence
    assert "d “Ben prefers tea” but e" in found["contradictions"].evidence
    assert (found["files"].state, found["index"].state) == ("ok", "ok")
    assert memctl("doctor").code == 0
    write("f.md", "<<<<<<< ours\none\n=======\ntwo\n>>>>>>> theirs\n")
    assert memctl("doctor").code == 1


def test_a_healthy_memory_says_so(workspace: Workspace) -> None:
    commands.new(workspace, Draft(title="Ben prefers tea"))
    assert {check.state for check in health.doctor(workspace)} == {"ok"}


def test_stats_count_what_is_there(workspace: Workspace, memctl) -> None:
    first = commands.new(workspace, Draft(title="Hub")).note.id
    for number in range(3):
        commands.new(workspace, Draft(title=f"Spoke {number}", links=(first,), type="person"))
    commands.new(workspace, Draft(title="Alone"))
    found = health.stats(workspace)
    assert (found.notes, found.links, found.orphans, found.hubs) == (5, 3, 1, {first: 3})
    assert found.types == {"fact": 2, "person": 3}
    assert sum(found.decay) == 5
    assert sum(found.growth.values()) == 5
    assert memctl("stats").code == 0
    assert memctl("stats", "--json").data["orphans"] == 1


def test_a_link_to_a_file_that_is_there_is_no_note_to_come(workspace: Workspace, write) -> None:
    write("a.md", "[[paper.pdf#page=3]] [[files/Board.canvas]] [[gone.pdf]]")
    write("files/paper.pdf", "")
    write("files/board.canvas", "")
    found = {check.name: check for check in health.doctor(workspace)}
    assert found["notes to come"].evidence == "1: gone.pdf (in a)"
