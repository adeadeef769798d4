"""A plan as a page: goal, steps with what each leaves, what must not happen, and how to tell that it worked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_tui.present.ink import Line, clean, wrap
from halo_tui.present.item import plan_state
from halo_tui.present.when import When

if TYPE_CHECKING:
    from halo_engine.tasks.planning.plans import PlanDocument
    from halo_engine.tasks.store import Item
    from halo_tui.reading import Planned


def page(seen: Planned, item: Item, when: When, columns: int) -> list[Line]:
    """The plan of an item, or why there is none to show."""
    if seen.plan is None:
        return [
            [],
            [("no plan yet", "muted")],
            [],
            [("$ ", "faint"), (f"nightctl plan {item.id} --from FILE", "muted")],
        ]
    head: Line = [
        plan_state(item),
        (f"   {seen.plan.hash[:12]}   written {when.day(seen.plan.written)} by {clean(seen.plan.written_by)}", "faint"),
    ]
    if seen.document is None:
        faults = [[("▲ ", "alert"), *line] for line in wrap(seen.faults, columns - 2)]
        return [head, [], *faults, [], *wrap(seen.plan.xml, columns, "muted")]
    return [head, [], *document(seen.document, columns)]


def document(plan: PlanDocument, columns: int) -> list[Line]:
    """A valid plan."""
    lines = _hanging("goal", wrap(plan.goal, columns - 12, "strong"))
    lines += _hanging("context", wrap(plan.context, columns - 12)) if plan.context else []
    lines.append([])
    for step in plan.steps:
        label = f"{step.n:>3}"
        after = f"after {', '.join(map(str, step.depends))}" if step.depends else ""
        body = wrap(step.text, columns - 12)
        body.append([("▸ ", "faint"), (clean(step.output), "muted"), (f"   {after}" if after else "", "faint")])
        lines += _hanging(label, body)
    for label, texts in (("must not", plan.constraints), ("done when", plan.success)):
        for text in texts:
            lines += [[]] if text == texts[0] else []
            lines += _hanging(label if text == texts[0] else "", wrap(text, columns - 12))
    return lines


def _hanging(label: str, body: list[Line]) -> list[Line]:
    return [[(f"{label if not index else '':<12}", "faint"), *line] for index, line in enumerate(body)]
