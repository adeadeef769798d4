"""The eight steps of `create`: what each does, and how it is undone. Each may be repeated after it was cut short."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from halo_engine import process
from halo_engine.errors import Failed
from halo_engine.fleet import manifest
from halo_engine.fleet.conversing import answering
from halo_engine.fleet.events import InstanceGoverned
from halo_engine.fleet.files import governance, trees
from halo_engine.fleet.files.governance import OWN
from halo_engine.fleet.files.primes import EXCLUDED, Prime
from halo_engine.fleet.provisioning import registering
from halo_engine.fleet.provisioning.composition import compose
from halo_engine.fleet.provisioning.plan import Plan
from halo_engine.fleet.recording import Recording
from halo_engine.fleet.supervisors import supervised
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import Workspace, writing

SECRET = ("TOKEN", "KEY", "SECRET", "PASSWORD", "CREDENTIAL")
"""Variables with these words in their names are not given to a build."""


class Step(NamedTuple):
    """One step: `do` returns what it did, in words."""

    name: str
    title: str
    do: Callable[[Plan, Recording], str]
    undo: Callable[[Plan], None]


def with_the_folder(_: Plan) -> None:
    """Undone by the undoing of the first step, which removes the folder."""


def copy(plan: Plan, _: Recording) -> str:
    """The prime tree, and the folders that the instance writes into. Appears whole, under its name, at the end."""
    with writing(plan.root):
        plan.base.staging.mkdir(parents=True, exist_ok=True)
        trees.discard(plan.base.root, plan.base.staging, plan.root)  # of this create, cut short before
        trees.sweep(plan.base.staging)
        draft = plan.base.staging / plan.instance.name
        trees.erase(draft)
        count = trees.copy(plan.source, draft, {*EXCLUDED, *OWN, *plan.prime.exclude})
        for own in (*(plan.root / name for name in OWN), *plan.layout.own()):
            (draft / own.relative_to(plan.root)).mkdir(parents=True, exist_ok=True)
        for name in OWN:
            (draft / name).chmod(0o700)
        draft.rename(plan.root)
    return f"{count} files of {plan.prime.name} {plan.prime.version}"


def remove(plan: Plan) -> None:
    trees.erase(plan.base.staging / plan.instance.name)
    trees.discard(plan.base.root, plan.base.staging, plan.root)


def write_governance(plan: Plan, _: Recording) -> str:
    text = compose(plan.workspace, plan.instance)
    for path in ("CLAUDE.md", *plan.prime.mirrors):
        with writing(plan.root / path):
            (plan.root / path).parent.mkdir(parents=True, exist_ok=True)
            (plan.root / path).unlink(missing_ok=True)
            (plan.root / path).write_text(text, encoding="utf-8")
    return f"CLAUDE.md of {plan.instance.personality}, {len(text):,} characters"


def build(plan: Plan, _: Recording) -> str:
    """Raises Failed with the end of the output."""
    return built(plan.workspace, plan.prime, plan.root, plan.instance.name)


def built(workspace: Workspace, prime: Prime, root: Path, name: str) -> str:
    """Run the build lines of a prime in a tree; the output is kept in `logs/fleet/`.

    Raises Failed with the end of the output.
    """
    env = {key: value for key, value in os.environ.items() if not any(word in key.upper() for word in SECRET)}
    output = workspace.logs / "fleet" / f"{name}-build.log"
    with writing(output):
        output.parent.mkdir(parents=True, exist_ok=True)
    for line in prime.build:
        end = process.start(line, cwd=root, env=env, output=output, timeout=prime.build_timeout).wait()
        if end.exit_code != 0:
            why = f"took over {prime.build_timeout:g} s" if end.timed_out else f"exit code {end.exit_code}"
            raise Failed(f"`{line}`: {why}: {end.tail.strip()[-600:]}", f"the whole output is in {output}")
    return "; ".join(prime.build) or "nothing to build"


def lock(plan: Plan, record: Recording) -> str:
    """Raises Failed when what is locked can be written all the same."""
    files = governance.lock(plan.root, plan.prime)
    open_ = governance.writable(plan.root, plan.prime)
    if open_:
        raise Failed(f"the lock does not hold: {', '.join(open_[:5])} can be written", "is it a disk without modes?")
    digest = governance.digest(files)
    if record.record.template_hash != digest:
        version = record.record.last_template + 1
        items = governance.swapped(plan.root, plan.prime)
        governed = InstanceGoverned(version, digest, files, items, plan.instance.personality, "create")
        record.append("fleet.instance.governed", governed)
    return f"{len(files)} files, tried"


def unlock(plan: Plan) -> None:
    if plan.root.is_dir() and not plan.root.is_symlink():
        governance.unlock(plan.root, plan.prime)


def register(plan: Plan, _: Recording) -> str:
    registering.register(plan.workspace, plan.instance, plan.settings.operator_chat, "main")
    return f"{plan.settings.operator_chat} is the main group"


def supervise(plan: Plan, record: Recording) -> str:
    files = supervised.write(record)
    return ", ".join(files) or f"{plan.instance.supervisor} needs no file"


def forget(plan: Plan) -> None:
    supervisor_of(plan.instance).forget(plan.workspace, plan.instance)


def enlist(plan: Plan, record: Recording) -> str:
    manifest.put(plan.workspace, record.instance)
    return f"in {manifest.FILE}"


def strike(plan: Plan) -> None:
    manifest.remove(plan.workspace, plan.instance.name)


def start(plan: Plan, _: Recording) -> str:
    """Raises Failed when it does not answer."""
    supervisor_of(plan.instance).start(plan.workspace, plan.instance)
    answered = answering.answers(plan.workspace, plan.instance, plan.settings.answer_timeout)
    if not answered.ok:
        raise Failed(f"{plan.instance.name} does not answer: {answered.evidence}", "mend that, and repeat")
    return f"answered after {answered.seconds:.1f} s: {answered.evidence}"


def stop(plan: Plan) -> None:
    if plan.root.is_dir():
        supervisor_of(plan.instance).stop(plan.workspace, plan.instance)


STEPS = (
    Step("copy", "Copy the prime tree", copy, remove),
    Step("compose", "Compose CLAUDE.md", write_governance, with_the_folder),
    Step("build", "Build", build, with_the_folder),
    Step("lock", "Lock the governance", lock, unlock),
    Step("register", "Register the operator's chat", register, with_the_folder),
    Step("supervise", "Write the supervisor's file", supervise, forget),
    Step("enlist", "Append to FLEET.yaml", enlist, strike),
    Step("start", "Start, and wait for an answer", start, stop),
)
