"""`halo-engine init`, `status`, `doctor`, `demo`, `config`, `completion`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click
import msgspec

from halo_engine import console
from halo_engine.commandline import Answer, App
from halo_engine.errors import Unavailable
from halo_engine.operate import views
from halo_engine.workspace import Settings, Workspace

app = App("halo-engine", help="The workspace itself.")
config = App("config", help="Settings: halo.yaml, and a file a module.")
app.add_command(config)
COMMANDS = (
    "halo-engine",
    "halctl",
    "nightctl",
    "agentctl",
    "logctl",
    "memctl",
    "cronctl",
    "hal-briefing",
    "mailctl",
    "reportctl",
    "halo-tui",
)


@app.verb(view=console.line, makes=False, changes=True)
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def init(workspace: Workspace, folder: Path | None) -> Answer:
    """Make a workspace in FOLDER (default: where it is looked for anyway)."""
    place = Workspace(folder.expanduser().absolute()) if folder else workspace
    made = not place.exists() if workspace.dry_run else place.create()
    note = "" if made else "it was there already; nothing changed"
    would = f"{place.root} would be made" if made else ""
    return Answer({"workspace": str(place.root), "made": made}, note=note, shown=str(place.root), would=would)


@app.verb(view=views.status)
def status(workspace: Workspace) -> Answer:
    """Is anything wrong? Exits 1 when something is."""
    from halo_engine.operate.inspection import status

    found = status(workspace)
    return Answer(found, exit_code=1 if found.wrong else 0)


@app.verb(view=views.checks)
def doctor(workspace: Workspace) -> Answer:
    """Check everything that Halo stands on; exits 1 when something is wrong."""
    from halo_engine.operate.inspection import doctor

    found = doctor(workspace)
    return Answer(found, exit_code=1 if any(check.state == "wrong" for check in found) else 0)


@app.verb(view=console.line, changes=True)
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same sample.")
@click.option("--live", is_flag=True, help="Go on living: something happens every few seconds.")
def demo(workspace: Workspace, seed: int, live: bool) -> Answer | None:
    """Fill an empty workspace with a sample fleet's work."""
    from halo_engine.operate import sample

    if workspace.dry_run:
        sample.check_empty(workspace)
        return Answer({"events": 0}, would=f"{workspace.root} would be filled with the sample of seed {seed}")
    if live and workspace.log.head():
        console.note(f"{workspace.root} goes on living; ctrl+c ends it")
    else:
        count = sample.fill(workspace, seed)
        if not live:
            look = f"halo-tui --workspace {workspace.root}"
            return Answer({"events": count}, shown=f"{count:,} events in {workspace.root}; {look}")
    sample.live(workspace, seed)
    return None


@config.verb(view=views.settings)
def show(workspace: Workspace) -> Answer:
    """All settings as they are in force."""
    return Answer({name: msgspec.to_builtins(workspace.config(model, name)) for name, model in files().items()})


@config.verb(view=console.line)
def check(workspace: Workspace) -> Answer:
    """Check every configuration file; exits 6 naming each fault.

    A fault is named with its file, line and key.
    """
    for name, model in files().items():
        workspace.config(model, name)
    there = [name for name in files() if (workspace.root / name).exists()]
    return Answer({"files": there, "ok": True}, shown="\n".join(f"{name}: ok" for name in there))


def files() -> dict[str, type[Any]]:
    """Every configuration file and its model."""
    from halo_engine.agents.config import AgentSettings
    from halo_engine.alerts.config import AlertSettings
    from halo_engine.briefings.config import BriefingSettings
    from halo_engine.fleet.config import FleetSettings
    from halo_engine.instance.config import InstanceSettings
    from halo_engine.logs.config import LogSettings
    from halo_engine.mail.config import MailSettings
    from halo_engine.mail.rules import RuleFile
    from halo_engine.memory.config import MemorySettings
    from halo_engine.tasks.config import NightSettings

    return {
        "halo.yaml": Settings,
        "agentctl.yaml": AgentSettings,
        "alerts.yaml": AlertSettings,
        "briefing.yaml": BriefingSettings,
        "halctl.yaml": FleetSettings,
        "instances.yaml": InstanceSettings,
        "logctl.yaml": LogSettings,
        "mail/rules.yaml": RuleFile,
        "mailctl.yaml": MailSettings,
        "memctl.yaml": MemorySettings,
        "nightctl.yaml": NightSettings,
    }


@app.verb(view=console.line, makes=False)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(_: Workspace, shell: str) -> Answer:
    """The completion script of all Halo commands for a shell.

    bash: add `eval "$(halo-engine completion bash)"` to ~/.bashrc; zsh: the same in ~/.zshrc; fish:
    `halo-engine completion fish | source` in ~/.config/fish/config.fish.
    """
    from click.shell_completion import get_completion_class

    maker = get_completion_class(shell)
    if maker is None:
        raise Unavailable(f"no completion for {shell}")
    scripts = []
    for name in COMMANDS:
        variable = f"_{name.replace('-', '_').upper()}_COMPLETE"
        scripts.append(maker(app, {}, name, variable).source())
    return Answer("\n".join(scripts), note="" if shutil.which("halo-engine") else "halo-engine is not on the PATH yet")
