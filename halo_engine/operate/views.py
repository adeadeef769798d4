"""What a person sees of status, doctor and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_engine import console

if TYPE_CHECKING:
    from halo_engine.modules import Check
    from halo_engine.operate.inspection import Status

MARKS = {"ok": ("●", "green"), "note": ("◆", "yellow"), "wrong": ("▲", "red")}


def status(found: Status) -> None:
    """Everything in one screen, the verdict first."""
    from rich.text import Text

    verdict = (
        "nothing is wrong"
        if not found.wrong
        else f"{found.wrong} thing{' needs' if found.wrong == 1 else 's need'} you"
    )
    mark, style = MARKS["wrong" if found.wrong else "ok"]
    console.render(
        Text(f"{mark} {verdict}", style=style), Text(f"  {found.workspace}, {found.events:,} events\n", style="dim")
    )
    checks(found.checks)


def checks(found: list[Check]) -> None:
    """One line a check: mark, name, evidence; and below it what to do."""
    from rich.text import Text

    rows = []
    for check in found:
        mark, style = MARKS[check.state]
        evidence = Text(check.evidence)
        if check.hint:
            evidence.append(f"\n-> {check.hint}", style="dim")
        rows.append((Text(mark, style=style), check.name, evidence))
    console.table(("", "CHECK", "EVIDENCE"), rows)


def settings(found: dict[str, Any]) -> None:
    """File by file, as YAML."""
    import yaml

    for name, values in found.items():
        console.line(f"# {name}")
        console.line(yaml.safe_dump(values, sort_keys=False, allow_unicode=True))
