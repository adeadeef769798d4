"""Finding what waits for itself, by way of others or not at all."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def cycles(waits: Mapping[K, Iterable[K]]) -> Iterator[tuple[K, ...]]:
    """Keys that wait for each other in a ring, each ring once, from the one that stands first in the mapping.

    Takes time in proportion to what it is given. One that waits for itself alone is no ring; nor does a key count
    that the mapping does not have.
    """
    places = {key: place for place, key in enumerate(waits)}
    left = _never_free(waits)
    passed: set[K] = set()
    for start in left:
        trail: dict[K, None] = {}
        key = start
        while key not in trail and key not in passed:
            trail[key] = None
            key = next(iter(left[key]))
        if key in trail:
            walked = list(trail)
            ring = walked[walked.index(key) :]
            turn = min(range(len(ring)), key=lambda place: places[ring[place]])
            yield tuple(ring[turn:] + ring[:turn])
        passed.update(trail)


def _never_free(waits: Mapping[K, Iterable[K]]) -> dict[K, dict[K, None]]:
    """What is left when all that waits for nothing is taken away, again and again: key -> what it waits for."""
    left = {
        key: dict.fromkeys(other for other in others if other in waits and other != key)
        for key, others in waits.items()
    }
    waiting: dict[K, list[K]] = {key: [] for key in waits}
    for key, others in left.items():
        for other in others:
            waiting[other].append(key)
    free = [key for key, others in left.items() if not others]
    while free:
        done = free.pop()
        for key in waiting[done]:
            del left[key][done]
            if not left[key]:
                free.append(key)
    return {key: others for key, others in left.items() if others}
