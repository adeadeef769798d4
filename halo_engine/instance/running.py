"""Starting the runtime of an instance: alone, on a sound store, with what it was told."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from halo_engine import secrets, times
from halo_engine.errors import Conflict, Damaged, HaloError, NotFound
from halo_engine.fleet import manifest
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.instance import Instance, Layout, folder, layout, vitals
from halo_engine.instance.config import settings as settings_of
from halo_engine.instance.log import Log
from halo_engine.instance.store import Store
from halo_engine.workspace import Workspace, writing

LOCK = "instance.lock"
LOG = "instance.jsonl"
PRIVATE = 0o700


class Ended(Struct, frozen=True):
    """How a runtime ended that was told to."""

    name: str
    waiting: int
    """Messages that have no reply yet; the next start goes on with them."""


def run(workspace: Workspace, reference: str, *, once: bool = False) -> Ended:
    """Run an instance, by its name or its folder, until it is told to stop; with `once`, until nothing waits.

    Raises NotFound, Conflict when it runs already, Damaged when its store is broken, BadConfig, Unavailable.
    """
    instance = found(workspace, reference)
    place = layout(workspace, instance)
    if not place.root.is_dir():
        raise NotFound(
            f"{instance.name} has no folder {place.root}", "`halctl restore` or `halctl unfold` bring it back"
        )
    prepare(place)
    settings = settings_of(workspace)
    llm = workspace.settings.llm
    hidden = (secrets.resolve(llm.api_key),) if secrets.present(llm.api_key) else ()
    log = Log(place.logs / LOG, instance.name, round(settings.log_size * 1e6), hidden)
    try:
        with alone(place, instance.name), sound(place, instance.name) as store:
            _run(workspace, instance, place, (store, log), once=once)
            return Ended(instance.name, store.count())
    except HaloError as error:
        log.fault("ended", error)
        raise


def _run(workspace: Workspace, instance: Instance, place: Layout, kept: tuple[Store, Log], *, once: bool) -> None:
    from halo_engine.agents.prices import prices
    from halo_engine.instance.admission import Admission
    from halo_engine.instance.budget import Budget
    from halo_engine.instance.runtime import Runtime
    from halo_engine.instance.turn import Turns

    store, log = kept
    settings, llm = settings_of(workspace), workspace.settings.llm
    zone = times.zone(instance.timezone or workspace.settings.timezone or "")
    budget = Budget(prices(workspace), zone, instance.budget)
    own = frozenset({fleet_settings(workspace).operator_chat, store.main_chat()})
    wanted = settings.onboarding if instance.onboarding is None else instance.onboarding
    admission = Admission(workspace, instance.name, own, wanted=wanted)

    async def alive() -> None:
        turns = Turns(store, place.governance, llm=llm, settings=settings, budget=budget, admission=admission)
        made = Runtime(
            instance.name,
            place,
            store,
            turns=turns,
            budget=budget,
            settings=settings,
            log=log,
            model=secrets.present(llm.api_key),
        )
        await made.run(once=once)

    asyncio.run(alive())


def found(workspace: Workspace, reference: str) -> Instance:
    """The instance of that name, or in that folder.

    Raises NotFound.
    """
    fleet = manifest.read(workspace)
    named = fleet.find(reference)
    if named:
        return named
    for each in fleet.instances:
        if os.path.realpath(folder(workspace, each)) == os.path.realpath(reference):
            return each
    names = ", ".join(each.name for each in fleet.instances)
    raise NotFound(f"there is no instance {reference[:80]}", f"there are: {names}" if names else "`halctl create`")


def prepare(place: Layout) -> None:
    """Make the instance's own folders where they are missing; nobody else may look into what holds conversations."""
    with writing(place.root):
        for each in place.own():
            each.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        for each in (place.database.parent, place.run, place.sessions):
            each.chmod(PRIVATE)


@contextmanager
def alone(place: Layout, name: str) -> Iterator[None]:
    """Be the only runtime of an instance.

    Raises Conflict when there is one already.
    """
    path = place.run / LOCK
    with writing(path), os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = file.read(20).strip()
            raise Conflict(f"{name} runs already (process {other})", "`halctl status` shows it") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextmanager
def sound(place: Layout, name: str) -> Iterator[Store]:
    """The instance's store, checked.

    Raises Damaged when it is broken, or has lost messages that were accepted.
    """
    hint = f"`halctl restore {name}` brings the last backup back; nothing was changed"
    with Store(place.database, hint=hint) as store:
        before = vitals(place)
        if before and before.accepted > store.last():
            lost = f"messages {store.last() + 1} to {before.accepted}"
            raise Damaged(
                f"{place.database} has lost {lost}, which it had accepted: was its write-ahead log cut or removed?",
                f"{hint}; or go on without them: rm {place.vitals}",
            )
        yield store
