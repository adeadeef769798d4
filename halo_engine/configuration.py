"""Reading a YAML file into a typed model, with file, line and key of everything that is wrong."""

from __future__ import annotations

import copy
import re
from typing import Any, TypeVar

import msgspec
import yaml

from halo_engine.errors import BadConfig

C = TypeVar("C", bound=msgspec.Struct)
UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`(?: - at `\$(?P<path>[^`]*)`)?$")
WRONG = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)
STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
Path = tuple[str | int, ...]


def load(text: str, model: type[C], name: str) -> C:
    """The model that the YAML text describes. `name` is the file, for messages.

    Raises BadConfig with one line a fault: `nightctl.yaml:3: workers: Expected int >= 1`.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadConfig(f"{name}:{line}: not valid YAML: {getattr(error, 'problem', error)}") from error
    lines: dict[Path, int] = {}
    faults = [f"{name}:{line}: {key}: given twice" for line, key in _walk(root, (), lines)]
    if not isinstance(data, dict):
        raise BadConfig(f"{name}:1: expected `key: value` lines")
    while True:
        try:
            made = msgspec.convert(data, model)
        except msgspec.ValidationError as error:
            path, what = _fault(str(error))
            path = _concrete(data, path, model, str(error))
            faults.append(f"{name}:{lines.get(path, 1)}: {_dotted(path)}: {what}")
            if not _drop(data, path):
                break
        else:
            if not faults:
                return made
            break
    known = ", ".join(field.name for field in msgspec.structs.fields(model))
    raise BadConfig("\n".join(faults), f"settings of {name.rpartition('/')[2]}: {known}")


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


def _walk(node: yaml.Node | None, path: Path, lines: dict[Path, int]) -> list[tuple[int, str]]:
    """Fill in the line of every path; returns line and key of what stands twice."""
    doubled = []
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            here = (*path, str(key.value))
            lines[here] = key.start_mark.line + 1
            if key.value in seen:
                doubled.append((lines[here], _dotted(here)))
            seen.add(key.value)
            doubled += _walk(value, here, lines)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            lines[*path, place] = value.start_mark.line + 1
            doubled += _walk(value, (*path, place), lines)
    return doubled


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


def _drop(data: Any, path: Path) -> bool:
    """Take the faulty value out, so that the next fault can be found; False when that cannot be done."""
    if not path:
        return False
    for step in path[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    try:
        del data[path[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
