"""Reading a YAML file into a typed model, with file, line and key of everything that is wrong."""

from __future__ import annotations

import copy
import re
from itertools import takewhile
from typing import Any, TypeVar

import msgspec
import yaml

from halo_engine.errors import BadConfig

C = TypeVar("C", bound=msgspec.Struct)
UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*?)`(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
WRONG = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
Path = tuple[str | int, ...]


def load(text: str, model: type[C], name: str) -> C:
    """The model that the YAML text describes; its defaults for an empty one. `name` is the file, for messages.

    Raises BadConfig with one line a fault: `nightctl.yaml:3: workers: Expected int >= 1`.
    """
    reading = _Reading(name)
    data = reading.data(text)
    if data is None and not reading.faults:
        data = {}
    if not isinstance(data, dict):
        raise BadConfig("\n".join(reading.faults) or f"{name}:1: expected `key: value` lines")
    dropped: set[Path] = set()
    while True:
        try:
            made = msgspec.convert(data, model)
        except msgspec.ValidationError as error:
            path, what = _fault(str(error))
            path = _concrete(data, path, model, str(error))
            missing = MISSING.fullmatch(what)
            if not (missing and (*path, missing["name"]) in dropped):
                reading.find(path, what)
            if _drop(data, path):
                dropped.add(_droppable(path))
                continue
        else:
            if not reading.faults:
                return made
        known = ", ".join(field.name for field in msgspec.structs.fields(model))
        raise BadConfig("\n".join(reading.faults), f"settings of {name.rpartition('/')[2]}: {known}")


def _concrete(data: dict[str, Any], path: Path, model: type[msgspec.Struct], message: str) -> Path:
    """The place that is meant where a path says `...`, for any key of a mapping: the key that alone is as wrong."""
    if "..." not in path:
        return path
    at = path.index("...")
    for key in _inside(data, path[:at]):
        trial = copy.deepcopy(data)
        mapping = _inside(trial, path[:at])
        for other in [other for other in mapping if other != key]:
            del mapping[other]
        try:
            msgspec.convert(trial, model)
        except msgspec.ValidationError as error:
            if str(error) == message:
                return _concrete(trial, (*path[:at], key, *path[at + 1 :]), model, message)
    return path


def _inside(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


class _Reading:
    """A file's data, the line of every key, and what is wrong whatever the model."""

    def __init__(self, name: str) -> None:
        self.faults: list[str] = []
        self._name = name
        self._lines: dict[Path, int] = {}
        self._seen: set[int] = set()

    def data(self, text: str) -> Any:
        """Raises BadConfig for what is no YAML at all."""
        try:
            self._loader = yaml.SafeLoader(text)
            node = self._loader.get_single_node()
            return None if node is None else self._built(node, ())
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise BadConfig(f"{self._name}:{line}: not valid YAML: a character that cannot be printed") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise BadConfig(f"{self._name}:{line}: not valid YAML: {error.problem}") from error
        except RecursionError as error:
            raise BadConfig(f"{self._name}:1: nested too deeply") from error

    def find(self, path: Path, what: str) -> None:
        """Note a fault."""
        self.faults.append(f"{self._name}:{self._lines.get(path, 1)}: {_dotted(path)}: {what}")

    def _built(self, node: yaml.Node, path: Path) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            self.find(path, "an alias; write the value out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._built(each, (*path, place)) for place, each in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in node.value:
            here = (*path, str(key.value) if isinstance(key, yaml.ScalarNode) else "key")
            self._lines[here] = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.find(here, "a key is a word")
            elif key.value in made:
                self.find(here, "given twice")
            else:
                made[key.value] = self._built(value, here)
        return made

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        try:
            return self._loader.construct_object(node)
        except yaml.MarkedYAMLError as error:
            self.find(path, str(error.problem))
        except ValueError:
            self.find(path, f"not a value: {str(node.value)[:40]}")
        return None


def _fault(message: str) -> tuple[Path, str]:
    unknown = UNKNOWN.match(message)
    if unknown:
        return (*_path(unknown["path"]), unknown["name"]), "no such setting"
    wrong = WRONG.match(message)
    assert wrong
    return _path(wrong["path"]), wrong["what"]


def _path(text: str | None) -> Path:
    return tuple(name or (int(place) if place.isdigit() else place) for name, place in STEP.findall(text or ""))


def _dotted(path: Path) -> str:
    return ".".join(str(step) for step in path) or "file"


def _droppable(path: Path) -> Path:
    """With an element goes its whole list: the places of those after it would not be right any more."""
    return tuple(takewhile(lambda step: isinstance(step, str), path))


def _drop(data: Any, path: Path) -> bool:
    """Take the faulty value out, so that the next fault can be found; False when that cannot be done."""
    path = _droppable(path)
    try:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
