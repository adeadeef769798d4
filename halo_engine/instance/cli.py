"""`halo-engine instance`: the runtime of one instance. Supervisors call it; people call `halctl`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from halo_engine import console
from halo_engine.commandline import Answer, App
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from halo_engine.instance.running import Ended


def show(ended: Ended) -> None:
    console.line(f"{ended.name} was stopped; {ended.waiting} messages wait")


app = App("instance", help="The runtime of one instance; `halctl` starts and stops it.")


@app.verb(makes=False, view=show)
@click.argument("name")
@click.option("--once", is_flag=True, help="Answer what waits, and end.")
def run(workspace: Workspace, name: str, once: bool) -> Answer:
    """Run an instance until SIGTERM.

    NAME: its name, or its folder. What it does stands in its log.
    """
    from halo_engine.instance import running

    return Answer(running.run(workspace, name, once=once))
