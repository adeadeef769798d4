"""Plans: what an agent-job does, as XML that a person wrote, a model wrote, or both.

<plan> goal, context?, steps / step n output depends?, constraints / constraint, success / criterion </plan>
"""

from __future__ import annotations

import hashlib
import re
from inspect import cleandoc
from typing import TYPE_CHECKING

import msgspec

from halo_engine.errors import BadData
from halo_engine.resources import folder
from halo_engine.tasks.checks import refusal
from halo_engine.tasks.planning import rules
from halo_engine.tasks.planning.xml import Fault, decoded, read

if TYPE_CHECKING:
    from lxml.etree import _Element

    from halo_engine.tasks.store import Item
    from halo_engine.workspace import LlmSettings

ANSWER_LIMIT = 8_000
"""Tokens that a model may spend on a plan."""
_PLAN = re.compile(r"<plan[\s>].*</plan>", re.DOTALL)
_PLACE = re.compile(r"\{(title|context)\}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Step(msgspec.Struct, frozen=True):
    """One step of a plan."""

    n: int
    text: str
    """What to do."""
    output: str
    """What it leaves behind."""
    depends: list[int] = []
    """Numbers of the steps that come first."""


class PlanDocument(msgspec.Struct, frozen=True):
    """A valid plan."""

    goal: str
    context: str
    """Empty when there is none."""
    steps: list[Step]
    constraints: list[str]
    success: list[str]


def check(xml: str | bytes) -> list[Fault]:
    """Everything that is wrong with a plan, sorted by line; empty when it is valid."""
    return _checked(xml)[1]


def parse(xml: str | bytes) -> PlanDocument:
    """The plan that the XML describes.

    Raises BadData, listing all faults with their lines.
    """
    plan, faults = _checked(xml)
    if plan is None or faults:
        raise _bad(faults)
    return PlanDocument(
        goal=_text(plan.find("goal")),
        context=_text(plan.find("context")),
        steps=[
            Step(int(step.get("n", "")), _text(step), " ".join(step.get("output", "").split()), rules.depends(step))
            for step in plan.iterfind("steps/step")
        ],
        constraints=[_text(each) for each in plan.iterfind("constraints/constraint")],
        success=[_text(each) for each in plan.iterfind("success/criterion")],
    )


def text(source: str | bytes) -> str:
    """A plan's text as it is kept, from a file's bytes: without a byte order mark.

    Raises BadData when it is too large or not UTF-8.
    """
    found = decoded(source)
    if isinstance(found, Fault):
        raise _bad([found])
    return found


def digest(xml: str) -> str:
    """SHA-256 of the UTF-8 text, hex: what an approval approves."""
    return hashlib.sha256(xml.encode()).hexdigest()


def template(item: Item) -> str:
    """A plan to be filled in, with the item's title as its goal. Not valid before that."""
    from html import escape

    values = {"title": item.title, "context": item.context}
    whole = (folder("templates") / "plan.xml").read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: escape(_NOT_XML.sub("\ufffd", values[place[1]]), quote=False), whole)


def generate(settings: LlmSettings, item: Item) -> str:
    """A valid plan for the item, written by the language model, which sees its faults once and may mend them.

    Raises BadData with the faults when it cannot, and what `llm.ask` raises.
    """
    from halo_engine import llm

    system = (folder("templates") / "plan_prompt.md").read_text(encoding="utf-8")
    request = f"The work item {item.id}:\n\n{item.title}\n\n{item.context}".rstrip()
    answer = llm.ask(settings, system, request, ANSWER_LIMIT)
    xml, faults = _extracted(answer)
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        again = (
            f"{request}\n\nYour plan was:\n\n{xml}\n\nThe validator found:\n\n{listed}\n\nAnswer with the mended plan."
        )
        xml, faults = _extracted(llm.ask(settings, system, again, ANSWER_LIMIT))
    if faults:
        raise BadData(_bad(faults).message, f"write it by hand: nightctl plan {item.id} --from FILE")
    return xml


def _extracted(answer: str) -> tuple[str, list[Fault]]:
    """The plan in a model's answer, and what is wrong with it."""
    found = _PLAN.search(answer)
    if not found:
        return answer, [Fault(1, "the answer holds no <plan> element")]
    xml = found.group() + "\n"
    return xml, check(xml)


def _checked(xml: str | bytes) -> tuple[_Element | None, list[Fault]]:
    plan, faults = read(xml)
    if plan is not None:
        faults = list(rules.faults(plan)) or _against_schema(plan)
    return plan, sorted(set(faults))


def _against_schema(plan: _Element) -> list[Fault]:
    from lxml import etree

    schema = etree.XMLSchema(etree.fromstring((folder("templates") / "plan.xsd").read_bytes()))
    if schema.validate(plan):
        return []
    return [Fault(entry.line, f"not as the schema wants it: {entry.message}") for entry in list(schema.error_log)]  # type: ignore[call-overload]


def _bad(faults: list[Fault]) -> BadData:
    return refusal("the plan has {}:", faults, "mend them and hand the plan in again")


def _text(element: _Element | None) -> str:
    """The text, its lines without the indentation that they share."""
    return "" if element is None else cleandoc(element.text or "").strip()
