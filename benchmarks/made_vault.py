"""A made-up vault with links that are known: subjects with words of their own, notes that name the ones they mean, and
everything that leads astray: titles that are common words, names in passing, other forms, copies.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import NamedTuple

_SYLLABLES = "ba be bo da de do fa fi ga gu ka ki la lo ma mi na no pa pe ra ri sa so ta ti va vo za zu"
_COMMON = "note idea plan work time list home start change group"
_FILLING = "we saw that the result was not what one had hoped for and so it had to be done again with more care"
SYLLABLES, COMMON, FILLING = _SYLLABLES.split(), _COMMON.split(), _FILLING.split()
PER_SUBJECT = 25
LINKS = 2


class Made(NamedTuple):
    """A vault without its links, and the pairs that were linked."""

    notes: dict[str, tuple[str, str]]
    """Id -> title, body."""
    links: set[tuple[str, str]]
    """Ids, sorted within each."""


def vault(count: int, seed: int = 1) -> Made:
    """So many notes, always the same for a seed."""
    chance = random.Random(seed)
    subjects = [[_word(chance) for _ in range(40)] for _ in range(count // PER_SUBJECT + 1)]
    titles = [_title(chance, subjects[number // PER_SUBJECT], number) for number in range(count)]
    notes, links = {}, set()
    for number, title in enumerate(titles):
        first = number // PER_SUBJECT * PER_SUBJECT
        near = [each for each in range(first, min(first + PER_SUBJECT, count)) if each != number]
        meant = chance.sample(near, min(LINKS, len(near)))
        links |= {(_id(min(number, each)), _id(max(number, each))) for each in meant}
        notes[_id(number)] = (title, _body(chance, subjects[first // PER_SUBJECT], titles, meant))
    return Made(notes, links)


def save(made: Made, folder: Path, *, linked: bool = False) -> None:
    """As markdown files, with their links when they are to be `linked`."""
    folder.mkdir(parents=True, exist_ok=True)
    links: dict[str, list[str]] = {}
    for one, other in sorted(made.links) if linked else ():
        links.setdefault(one, []).append(f"[[{other}]]")
    for note, (title, body) in made.notes.items():
        said = f"links: {json.dumps(links[note])}\n" if note in links else ""
        text = f"---\nid: {note}\ntitle: {title}\n{said}---\n\n{body}\n"
        (folder / f"{note}.md").write_text(text, encoding="utf-8")


def _id(number: int) -> str:
    return f"n{number:06}"


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def _title(chance: random.Random, words: list[str], number: int) -> str:
    if number % 17 == 0:
        return chance.choice(COMMON).capitalize()
    return " ".join(chance.sample(words, chance.choice((1, 2, 2, 3)))).capitalize()


def _body(chance: random.Random, words: list[str], titles: list[str], meant: list[int]) -> str:
    sentences = []
    for _ in range(chance.randint(3, 8)):
        said = chance.choices(FILLING, k=8) + chance.choices(words, k=5) + chance.choices(COMMON, k=1)
        chance.shuffle(said)
        sentences.append(" ".join(said))
    for each in meant:
        form = chance.random()
        name = titles[each] if form < 0.6 else titles[each].lower() if form < 0.8 else f"{titles[each].lower()}s"
        if form < 0.9:
            sentences.insert(
                chance.randrange(len(sentences) + 1), f"{chance.choice(FILLING)} {name} {chance.choice(FILLING)}"
            )
    if chance.random() < 0.3:
        sentences.append(f"not like {chance.choice(titles).lower()} at all")
    return ". ".join(sentences) + "."
