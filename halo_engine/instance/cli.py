"""`halo-engine instance`: the runtime of one instance. Supervisors call it; people call `halctl`."""

from __future__ import annotations

import click

from halo_engine.commandline import App
from halo_engine.workspace import Workspace

app = App("instance", help="The runtime of one instance; `halctl` starts and stops it.")


@app.verb(makes=False)
@click.argument("name")
def run(workspace: Workspace, name: str) -> None:
    """Run an instance (its name or folder) until SIGTERM; writes to its own log."""
    from halo_engine.instance import running

    running.run(workspace, name)
