"""Starting the runtime of an instance: alone, on a sound store, with what it was told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

from halo_engine import secrets, times
from halo_engine.errors import FINAL, Conflict, Damaged, HaloError, NotFound
from halo_engine.fleet import manifest
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.instance import Instance, Layout, folder, layout
from halo_engine.fleet.presence import home
from halo_engine.fleet.presence.occupying import occupied
from halo_engine.fleet.presence.standing import refused, told
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.instance.config import settings as settings_of
from halo_engine.instance.log import Log
from halo_engine.instance.store import CHECKING, Store, looked_over
from halo_engine.workspace import Workspace, writing

LOG = "instance.jsonl"
PRIVATE = 0o700


class Ended(Struct, frozen=True):
    """How a runtime ended that was told to."""

    name: str
    waiting: int
    """Messages that have no reply yet; the next start goes on with them."""


def run(workspace: Workspace, reference: str, *, once: bool = False) -> Ended:
    """Run an instance, by its name or its folder, until it is told to stop; with `once`, until nothing waits.

    Raises NotFound, Conflict when it runs already, NotAllowed when it is not at home here, Damaged when its store is
    broken, BadConfig, Unavailable. But for the first two it leaves word of it, for who asks why it stands still.
    """
    instance = found(workspace, reference)
    place = layout(workspace, instance)
    if not place.root.is_dir():
        raise NotFound(
            f"{instance.name} has no folder {place.root}", "`halctl restore` or `halctl unfold` bring it back"
        )
    prepare(place)
    try:
        log = _log(workspace, instance.name, place)
        with occupied(place, instance.name), sound(place, instance.name, log) as store:
            place.refusal.unlink(missing_ok=True)
            _run(workspace, instance, place, (store, log), once=once)
            return Ended(instance.name, store.count())
    except Conflict:
        raise
    except HaloError as error:
        _leave_word(workspace, instance.name, place, error)
        raise


def _log(workspace: Workspace, name: str, place: Layout) -> Log:
    llm = workspace.settings.llm
    hidden = (secrets.resolve(llm.api_key),) if secrets.present(llm.api_key) else ()
    return Log(place.logs / LOG, name, round(settings_of(workspace).log_size * 1e6), hidden)


def _leave_word(workspace: Workspace, name: str, place: Layout, error: HaloError) -> None:
    """Let whoever asks know why it stands still; of what no other start would mend, the operator at once."""
    with suppress(HaloError):  # of wrong settings: then it has no log
        _log(workspace, name, place).fault("ended", error)
    with suppress(HaloError):  # a full disk: its supervisor has its last words
        refused(place, error)
    if error.exit_code in FINAL:
        with suppress(HaloError):  # the event log may be what is damaged; `halctl health` says it again
            told(workspace, name, error)


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
def sound(place: Layout, name: str, log: Log | None = None) -> Iterator[Store]:
    """The instance's store, where it is at home, checked before anything is written to it.

    Raises NotAllowed for a copy, Damaged when the store is broken, or has lost messages that were accepted.
    """
    away = home.not_at_home(name, place)
    if away:
        raise away
    hint = f"`halctl restore {name}` brings the last backup back; nothing was changed"
    without = f"{hint}; or go on without: rm -f {place.home} {place.vitals}"
    if home.home(place) and not (place.database.exists() and place.database.stat().st_size):
        raise Damaged(f"{place.database} is gone", without)
    found, before = looked_over(place.database, hint), vitals(place)
    if before and before.accepted > found.last:
        lost = f"messages {found.last + 1} to {before.accepted}"
        said = f"{place.database} has lost {lost}, which it had accepted: was its write-ahead log cut or removed?"
        raise Damaged(said, without)
    if not found.whole and log:
        log.warning("the store was checked in part only", seconds=CHECKING)
    with Store(place.database, hint=hint) as store:
        home.settle(place)
        yield store
