"""Memory that does not grow with the session: what was touched last, and not what was touched long ago."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Lately(Generic[Key, Value]):
    """A mapping that keeps at least the `most` entries that were touched last, and never more than twice as many.

    Two dicts: one fills up, then it takes the place of the other, which goes. What is looked up moves to the newer.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def __setitem__(self, key: Key, value: Value) -> None:
        if len(self._new) >= self._most and key not in self._new:
            self._old, self._new = self._new, {}
        self._old.pop(key, None)
        self._new[key] = value

    def get(self, key: Key) -> Value | None:
        """What stands under a key; None where nothing does, or no longer."""
        if key in self._new:
            return self._new[key]
        if key not in self._old:
            return None
        value = self._old.pop(key)
        self[key] = value
        return value

    def pop(self, key: Key) -> Value | None:
        """Take what stands under a key away."""
        return self._new.pop(key) if key in self._new else self._old.pop(key, None)

    def __contains__(self, key: object) -> bool:
        return key in self._new or key in self._old

    def setdefault(self, key: Key, make: Callable[[], Value]) -> Value:
        """What stands under a key; where nothing does, what `make` makes."""
        found = self.get(key)
        if found is None:
            found = self[key] = make()
        return found

    def items(self) -> list[tuple[Key, Value]]:
        return [*self._old.items(), *self._new.items()]

    def values(self) -> list[Value]:
        return [*self._old.values(), *self._new.values()]

    def __len__(self) -> int:
        return len(self._old) + len(self._new)

    def clear(self) -> None:
        self._old.clear()
        self._new.clear()


class Seen(Generic[Key]):
    """A set of the same kind."""

    def __init__(self, most: int) -> None:
        self._kept: Lately[Key, None] = Lately(most)

    def add(self, key: Key) -> None:
        self._kept[key] = None

    def update(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._kept[key] = None

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        self._kept.clear()
