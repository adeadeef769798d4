"""A briefing's words: by the language model where a key is set, else by a plain rule. The facts stand beneath both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from halo_engine import console, llm
from halo_engine.digest import Section
from halo_engine.errors import HaloError
from halo_engine.resources import folder
from halo_engine.workspace import Workspace

LONGEST = 700
"""Tokens that the model may write."""
SPOKEN = 90
"""Characters of a thing that the plain words name."""
NAMED = 3
"""Things that the plain words name; the rest is counted."""


def prose(
    workspace: Workspace, facts: str, sections: Sequence[Section], local: datetime, *, ai: bool
) -> tuple[str, str]:
    """What the briefing says above its facts, and the model that said it (empty: none was asked, or none answered)."""
    settings = workspace.settings.llm
    if ai and llm.configured(settings):
        system = (folder("templates") / "briefing_prompt.md").read_text(encoding="utf-8")
        try:
            said = llm.ask(settings, system, facts, LONGEST).strip()
            if said:
                return said, settings.model
        except HaloError as error:
            console.note(f"the briefing is in plain words: {error.message}")
    return plain(sections, local), ""


def plain(sections: Sequence[Section], local: datetime) -> str:
    """The same by rule: what needs the operator, what is worth a look, what could not be had."""
    greeting = "Good morning." if local.hour < 12 else "Good afternoon." if local.hour < 18 else "Good evening."
    wrong = [point.text for each in sections for point in each.points if point.state == "wrong"]
    notes = sum(point.state == "note" for each in sections for point in each.points)
    missing = [each.title for each in sections if each.missing]
    said = [greeting, _needs(wrong) if wrong else "Nothing needs you."]
    if notes:
        said.append(f"{_many(notes, 'thing is', 'things are')} worth a look.")
    if missing:
        said.append(f"{listed(missing)} could not be had; see below.")
    if not wrong and not notes and not missing:
        said.append("All is quiet." if all(each.is_quiet for each in sections) else "The rest is below.")
    return " ".join(said)


def _needs(wrong: list[str]) -> str:
    more = len(wrong) - NAMED
    named = "; ".join(console.cut(each, SPOKEN) for each in wrong[:NAMED]) + (f"; and {more} more" if more > 0 else "")
    return f"{_many(len(wrong), 'thing needs', 'things need')} you: {named}."


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def listed(words: Sequence[str]) -> str:
    """`mail, journal and commits`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
