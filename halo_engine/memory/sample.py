"""What the sample family's assistants know: believable notes, linked as a person would."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from halo_engine import clock
from halo_engine.memory import commands, queries, using
from halo_engine.memory.commands import Draft
from halo_engine.memory.index import NoteRow
from halo_engine.memory.queries import NoteFilter
from halo_engine.workspace import Workspace

DAYS = 120
PEOPLE = {
    "Ben": """
preference | Ben prefers plain text emails | No HTML, no attachments where a link will do. | communication
preference | Ben reads messages before eight and after six | In between he is at work. | communication
fact | Ben is allergic to hazelnuts | Found out at school; he carries an injector. | health
fact | Ben's train leaves Riga at 7:42 | Platform 3, weekdays. | travel
event | Ben moved to Agenskalns in March | The flat is on the fourth floor, without a lift. | home
decision | Ben takes the night bus home from climbing | A taxi was 14 euros each time. | travel,climbing
reference | Ben's climbing hall opens at ten on Sundays | Lielirbes iela 1. | climbing
""",
    "Mum": """
preference | Mum wants prices in euros with the tax in | She compares with the shop. | money
preference | Mum likes to be called, not written to | Letters from offices are the exception. | communication
fact | Mum's tomatoes need water every second evening | From June to August. | garden
fact | Mum takes her blood pressure tablet at eight | 5 mg, with breakfast. | health
event | Mum had the boiler serviced on 4 October | The next time is in a year. | home
reference | The boiler's serial number is HX-20931 | On the plate below the cover. | home
decision | Mum keeps the greenhouse heated to 8 degrees | Colder killed the lemons last winter. | garden
""",
    "Dad": """
preference | Dad wants the long answer | With where it comes from. | communication
fact | Dad's left knee hurts on stairs | Not on the flat, and not on the bicycle. | health
fact | Dad is allergic to bee stings | The same doctor as Ben. | health
project | Dad restores the boat before summer | Hull first, then the engine. | boat
decision | Dad paints the hull with two-component paint | One coat of the other kind peeled in a year. | boat
reference | The boat's engine is a Volvo Penta MD2010 | Parts by its number only. | boat
event | Dad bought the boat trailer in May | Second hand, from Jurmala. | boat,money
""",
    "Gains": """
project | Gains trains for the Riga half marathon | 17 May, under two hours. | running
fact | Gains runs on Tuesdays, Thursdays and Sundays | The long run is on Sunday. | running
fact | Gains slept badly before the last two races | Coffee after four, both times. | running,health
decision | Gains drinks no coffee after two in race week | See how the last races went. | running,health
preference | Gains wants kilometres, never miles | Pace in minutes a kilometre. | running
event | Gains ran 18 km in 1:42 on 2 November | The longest so far. | running
reference | The plan of the half marathon has twelve weeks | Four build, six hold, two taper. | running
""",
}
"""Name -> lines of type, title, body and tags."""
WHO = {
    "Mum": "Keeps the garden and the papers; wants to be called.",
    "Dad": "Restores a boat, cooks, and has a bad knee.",
    "Ben": "Works by day, climbs, and comes home by train.",
    "Gains": "Runs; a half marathon comes next.",
}
HOUSE = """
decision | The household's shopping list lives in one place | Each assistant adds to it; Mum clears it. | home
fact | The wifi password changed in September | It stands on the router. | home
reference | Bulky waste is collected on the first Monday | Put it out the evening before. | home
project | The family plans a week in Tuscany | In July, all four of them. | travel
decision | Tuscany: a house near Lucca, not a hotel | Dad cooks; Mum wants a garden. | travel,money
fact | The house near Lucca costs 1,240 euros a week | Half in advance. | travel,money
event | The deposit for Lucca was paid on 12 November | 620 euros, from the joint account. | travel,money
fact | The car needs winter tyres by 1 December | They are in the cellar. | car
reference | The garage in Imanta mounts tyres without a booking | Saturdays until two. | car
event | The car passed its inspection in August | Brakes worn to 40 percent. | car
decision | Letters from the tax office go to Dad first | He scans them, then Mum answers. | money,communication
fact | The electricity contract ends in January | Fixed price until then. | money,home
reference | The dentist has an emergency line | Weekends until noon. | health
fact | Omnia is the dog's vet | Vaccination is due each May. | dog,health
fact | The dog eats no chicken | It scratches for days after. | dog,health
preference | Birthday speeches are short in this family | Two minutes at the most. | birthday
event | Grandma turns 80 on 6 February | She wants everybody there. | birthday
project | Grandma's birthday is at the lake house | Twenty people, so two rooms next door as well. | birthday
fact | The lake house sleeps twelve | And has one bathroom. | birthday,home
decision | Ben writes the speech for Grandma's birthday | Mum reads it before. | birthday
reference | The cake is ordered at Bemberlini | Two weeks ahead, no hazelnuts. | birthday
fact | The freezer in the cellar fails above 30 degrees | It happened in July. | home
"""
LINKS = """
The cake is ordered at Bemberlini | Ben is allergic to hazelnuts
The cake is ordered at Bemberlini | Grandma turns 80 on 6 February
Ben writes the speech for Grandma's birthday | Birthday speeches are short in this family
Grandma's birthday is at the lake house | Grandma turns 80 on 6 February
Grandma's birthday is at the lake house | The lake house sleeps twelve
Ben writes the speech for Grandma's birthday | Grandma's birthday is at the lake house
Dad is allergic to bee stings | Ben is allergic to hazelnuts
Gains drinks no coffee after two in race week | Gains slept badly before the last two races
Gains ran 18 km in 1:42 on 2 November | Gains trains for the Riga half marathon
Gains runs on Tuesdays, Thursdays and Sundays | The plan of the half marathon has twelve weeks
Gains trains for the Riga half marathon | The plan of the half marathon has twelve weeks
Dad paints the hull with two-component paint | Dad restores the boat before summer
Dad restores the boat before summer | The boat's engine is a Volvo Penta MD2010
Dad bought the boat trailer in May | Dad restores the boat before summer
Mum had the boiler serviced on 4 October | The boiler's serial number is HX-20931
Mum keeps the greenhouse heated to 8 degrees | The electricity contract ends in January
Tuscany: a house near Lucca, not a hotel | The family plans a week in Tuscany
The house near Lucca costs 1,240 euros a week | Tuscany: a house near Lucca, not a hotel
The deposit for Lucca was paid on 12 November | The house near Lucca costs 1,240 euros a week
The car needs winter tyres by 1 December | The garage in Imanta mounts tyres without a booking
The dog eats no chicken | Omnia is the dog's vet
Letters from the tax office go to Dad first | Mum likes to be called, not written to
Ben takes the night bus home from climbing | Ben's climbing hall opens at ten on Sundays
The freezer in the cellar fails above 30 degrees | The electricity contract ends in January
Mum's tomatoes are over for this year | Mum keeps the greenhouse heated to 8 degrees
Mum's tomatoes are over for this year | Mum
Mum likes to be called, not written to | Mum
Mum had the boiler serviced on 4 October | Mum
Ben's train leaves Riga at 7:35 | Ben
Ben is allergic to hazelnuts | Ben
Dad restores the boat before summer | Dad
Gains trains for the Riga half marathon | Gains
"""
"""Title, and the title that it links."""
LATER = """
Ben's train leaves Riga at 7:42 | Ben's train leaves Riga at 7:35 | The winter timetable.
Mum's tomatoes need water every second evening | Mum's tomatoes are over for this year | Since the first frost.
"""
"""A claim, what stands in its place, and why."""
SEEN = (
    "Dad's knee was better after a week on the bicycle",
    "Ben asked for the late train",
    "Mum sold two crates of apples",
)


def fill(workspace: Workspace, random: Random) -> None:
    """Four months of what a family says in passing."""
    drafts = [_draft(kind, title, body, tags) for kind, title, body, tags in _rows(HOUSE)]
    for name, known in PEOPLE.items():
        drafts.append(Draft(name, WHO[name], "person", ("family",), (name,)))
        drafts += [_draft(kind, title, body, tags, name) for kind, title, body, tags in _rows(known)]
    random.shuffle(drafts)
    now = clock.now().replace(microsecond=0)
    moments = sorted((now - timedelta(days=random.uniform(1, DAYS)) for _ in drafts), key=lambda each: each)
    for draft, moment in zip(drafts, moments, strict=True):
        with clock.held(moment):
            commands.new(workspace, draft, force=True)
    for old, title, body in _rows(LATER):
        commands.new(workspace, Draft(title, body, "fact", supersedes=(old,)), force=True)
    for source, target in _rows(LINKS):
        commands.link(workspace, source, target)
    _use(workspace, random, 40)


def _rows(text: str) -> list[list[str]]:
    return [line.split(" | ") for line in text.strip().splitlines()]


def _draft(kind: str, title: str, body: str, tags: str, name: str = "") -> Draft:
    source = f"{name.lower()}'s assistant" if name else "operator"
    return Draft(title, body, kind, tuple(tags.split(",")), (name,) if name else (), source=source)


def _use(workspace: Workspace, random: Random, times: int) -> None:
    """Look some of them up, a few of them often."""
    rows = queries.page(workspace, NoteFilter(), 0)[0]
    used: list[tuple[NoteRow, float]] = [(random.choice(rows[: len(rows) // 3]), 1.0) for _ in range(times)]
    using.used(workspace, list({row.id: (row, weight) for row, weight in used}.values()))


def step(workspace: Workspace, random: Random) -> None:
    """Now and then one more thing is learnt; more often something is looked up."""
    if random.random() < 0.1:
        title = random.choice(SEEN)
        commands.new(workspace, Draft(title, f"Seen on {clock.stamp()[:10]}.", "event", ("family",)), force=True)
    elif random.random() < 0.3:
        _use(workspace, random, 2)
