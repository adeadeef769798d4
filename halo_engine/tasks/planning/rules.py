"""What a plan must be beyond well-formed XML: all faults at once, in words. `templates/plan.xsd` says the same to
editors and other programs, as far as a schema can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from halo_engine.tasks.cycles import cycles
from halo_engine.tasks.planning.xml import Fault

if TYPE_CHECKING:
    from lxml.etree import _Element

REQUIRED = {"goal": True, "context": False, "steps": True, "constraints": True, "success": True}
"""What `<plan>` holds, and whether it must."""
LISTS = {"steps": "step", "constraints": "constraint", "success": "criterion"}
ATTRIBUTES = {"step": ("n", "output", "depends")}
SHOWN = 10
"""Steps of a ring that a message names."""
NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def faults(plan: _Element) -> Iterator[Fault]:
    """Everything that is wrong with a plan's elements, in no particular order."""
    if plan.tag != "plan":
        yield Fault(_line(plan), f"the outermost element is {_shown(plan)}; it must be <plan>")
        return
    yield from _attributes(plan)
    yield from _only_elements(plan, tuple(REQUIRED))
    for name, required in REQUIRED.items():
        found = plan.findall(name)
        if required and not found:
            yield Fault(_line(plan), f"<{name}> is missing")
        for again in found[1:]:
            yield Fault(_line(again), f"<{name}> stands twice (first in line {_line(found[0])})")
        for part in found:
            yield from _list(part, LISTS[name]) if name in LISTS else _words(part, needed=required)


def _list(part: _Element, name: str) -> Iterator[Fault]:
    yield from _attributes(part)
    yield from _only_elements(part, (name,))
    entries = part.findall(name)
    if not entries:
        yield Fault(_line(part), f"{_shown(part)} is empty; it needs at least one <{name}>")
    for entry in entries:
        yield from _words(entry, needed=True)
    if name == "step":
        yield from _steps(entries)


def _words(element: _Element, *, needed: bool) -> Iterator[Fault]:
    """An element of text alone."""
    yield from _attributes(element)
    for inner in element:
        yield Fault(_line(inner), f"{_shown(inner)} stands inside {_shown(element)}, which holds text only")
    if needed and not len(element) and not (element.text or "").strip():
        yield Fault(_line(element), f"{_shown(element)} is empty")


def _only_elements(element: _Element, names: tuple[str, ...]) -> Iterator[Fault]:
    """Nothing but elements of these names."""
    may = ", ".join(f"<{name}>" for name in names)
    for inner in element:
        if inner.tag not in names:
            yield Fault(_line(inner), f"{_shown(inner)} does not belong in {_shown(element)}, which may hold {may}")
    for where, text in ((element, element.text), *((inner, inner.tail) for inner in element)):
        if text and text.strip():
            stray = " ".join(text.split())
            yield Fault(_line(where), f"{stray[:40]!r} stands loose in {_shown(element)}, which may hold {may}")


def _attributes(element: _Element) -> Iterator[Fault]:
    known = ATTRIBUTES.get(str(element.tag), ())
    for name in map(str, element.attrib):
        if name not in known:
            may = f"it may have {', '.join(known)}" if known else "it has none"
            yield Fault(_line(element), f"{_shown(element)} has an unknown attribute {name}; {may}")


def _steps(steps: list[_Element]) -> Iterator[Fault]:
    """Numbers, outputs and dependencies."""
    yield from _numbers(steps)
    numbered = {int(step.get("n", "")): step for step in reversed(steps) if NUMBER.fullmatch(step.get("n", ""))}
    for step in steps:
        if not step.get("output", "").strip():
            yield Fault(_line(step), f"{_shown(step)} does not say its output")
        yield from _dependencies(step, numbered)
    for ring in cycles({number: depends(step) for number, step in sorted(numbered.items())}):
        shown = [*ring[:SHOWN], "...", ring[-1]] if len(ring) > SHOWN else [*ring]
        chain = " -> ".join(map(str, [*shown, ring[0]]))
        yield Fault(_line(numbered[ring[0]]), f"steps wait for each other: {chain}")


def _numbers(steps: list[_Element]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for step in steps:
        number = step.get("n")
        if number is None:
            yield Fault(_line(step), "a step has no number; write n")
        elif not NUMBER.fullmatch(number):
            yield Fault(_line(step), f"{number[:20]!r} is no number of a step; they are numbered 1, 2, 3")
        elif number in seen:
            yield Fault(_line(step), f"step {number} stands twice (first in line {seen[number]})")
        else:
            seen[number] = _line(step)
    if len(seen) == len(steps):
        for due, step in enumerate(steps, 1):
            if step.get("n") != str(due):
                yield Fault(_line(step), f"step {step.get('n')} stands where step {due} is due")
                return


def _dependencies(step: _Element, numbered: dict[int, _Element]) -> Iterator[Fault]:
    for word in dict.fromkeys(_separated(step)):
        if not NUMBER.fullmatch(word):
            yield Fault(_line(step), f"{_shown(step)} depends on {word[:20]!r}, which is no number of a step")
        elif word == step.get("n"):
            yield Fault(_line(step), f"step {word} depends on itself")
        elif int(word) not in numbered:
            yield Fault(_line(step), f"{_shown(step)} depends on step {word}, which does not exist")


def depends(step: _Element) -> list[int]:
    """The numbers of the steps that a step waits for."""
    return [int(word) for word in _separated(step) if NUMBER.fullmatch(word)]


def _separated(step: _Element) -> list[str]:
    return step.get("depends", "").replace(",", " ").split()


def _line(element: _Element) -> int:
    line: int | None = element.sourceline  # type: ignore[assignment]  # the stubs leave it open
    return line or 1


def _shown(element: _Element) -> str:
    """The element as a person knows it: `step 3`, `<goal>`."""
    tag = str(element.tag)
    if tag == "step" and element.get("n"):
        return f"step {element.get('n', '')[:20]}"
    namespace, _, name = tag.rpartition("}")
    return f"<{name}> of the namespace {namespace.removeprefix('{')}" if namespace else f"<{name}>"
