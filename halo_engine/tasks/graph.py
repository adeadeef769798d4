"""What waits for what, drawn from a list of items: a tree of text, Graphviz DOT, or Mermaid.

In the tree what an item waits for hangs below it; arrows of the other two lead from what comes first to what comes
after. Dependencies that are not in the list are shown by their id alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import OVER, State
from halo_engine.tasks.store import Item

BRANCH, LAST = "├── ", "└── "
THROUGH, BLANK = "│   ", "    "
CLASSES = (
    "classDef over stroke-width:1px,opacity:0.6",
    "classDef stuck stroke-width:3px,stroke-dasharray:4",
)
HARMLESS = frozenset(" -.,:").union(*GLYPHS.values())
STUCK = frozenset({State.BLOCKED, State.FAILED})


def text(items: Sequence[Item]) -> str:
    """A tree for each item that no other waits for; one that hangs in several places is unfolded in the first."""
    by_id = {item.id: item for item in items}
    needed = {other for item in items for other in item.depends_on}
    tops = [item.id for item in items if item.id not in needed]
    unfolded: set[str] = set()
    lines = [line for top in tops for line in _tree(top, by_id, unfolded)]
    in_rings = [item.id for item in items if item.id not in unfolded]
    lines += [line for top in in_rings if top not in unfolded for line in _tree(top, by_id, unfolded)]
    return "\n".join(lines) or "nothing depends on anything"


def _tree(top: str, by_id: Mapping[str, Item], unfolded: set[str]) -> Iterator[str]:
    """The lines of one tree, without recursion: a chain may be as long as the list."""
    waiting = [(top, "", "")]
    while waiting:
        item_id, mark, indent = waiting.pop()
        item = by_id.get(item_id)
        again = item_id in unfolded
        unfolded.add(item_id)
        yield mark + _label(item_id, item, again=again)
        below = [] if item is None or again else _below(item, by_id)
        for place, other in enumerate(reversed(below)):
            branch, onward = (BRANCH, THROUGH) if place else (LAST, BLANK)
            waiting.append((other, indent + branch, indent + onward))


def _below(item: Item, by_id: Mapping[str, Item]) -> list[str]:
    """What to hang below an item; what is over may have left its dependencies behind."""
    return [other for other in dict.fromkeys(item.depends_on) if other in by_id or item.state not in OVER]


def _label(item_id: str, item: Item | None, *, again: bool) -> str:
    if item is None:
        return f"{item_id}  (not in this list)"
    state = "" if item.state in {State.DONE, State.OPEN} else f"  ({words(item.state)})"
    above = "  (see above)" if again and item.depends_on else ""
    return f"{GLYPHS[item.state]} {item_id}  {printable(item.title)}{state}{above}"


def dot(items: Sequence[Item]) -> str:
    """Graphviz: `nightctl graph --format dot | dot -Tsvg`."""
    lines = ["digraph tasks {", "  rankdir=LR;", '  node [shape=box, style=rounded, fontname="sans-serif"];']
    for item in items:
        style = "rounded,dashed" if item.state in OVER else "rounded,bold" if item.state in STUCK else "rounded"
        label = _dot_text(f"{GLYPHS[item.state]} {item.id}") + "\\n" + _dot_text(item.title)
        lines.append(f'  "{_dot_text(item.id)}" [label="{label}", style="{style}"];')
    lines += [f'  "{_dot_text(first)}" -> "{_dot_text(then)}";' for first, then in _edges(items)]
    return "\n".join([*lines, "}"])


def _dot_text(value: str) -> str:
    return printable(value).replace("\\", "\\\\").replace('"', '\\"')


def mermaid(items: Sequence[Item]) -> str:
    """Mermaid, as Markdown viewers draw it."""
    nodes = {item.id: f"n{place}" for place, item in enumerate(items, 1)}
    lines = ["graph LR"]
    for item in items:
        kind = ":::over" if item.state in OVER else ":::stuck" if item.state in STUCK else ""
        label = _mermaid_text(f"{GLYPHS[item.state]} {item.id} {item.title}")
        lines.append(f'  {nodes[item.id]}["{label}"]{kind}')
    for first, then in _edges(items):
        if first not in nodes:
            nodes[first] = f"n{len(nodes) + 1}"
            lines.append(f'  {nodes[first]}["{_mermaid_text(first)}"]')
        lines.append(f"  {nodes[first]} --> {nodes[then]}")
    return "\n".join([*lines, *(f"  {each}" for each in CLASSES)])


def _mermaid_text(value: str) -> str:
    """Text that cannot end its quotes, nor become markup or Markdown."""
    return "".join(char if char.isalnum() or char in HARMLESS else f"#{ord(char)};" for char in printable(value))


def _edges(items: Sequence[Item]) -> Iterator[tuple[str, str]]:
    """What comes first, and what waits for it."""
    for item in items:
        for other in dict.fromkeys(item.depends_on):
            yield other, item.id


def printable(value: str) -> str:
    """The text on one line, without what could drive a terminal."""
    return "".join(char if char.isprintable() else "·" for char in value)
