"""Texts made from templates: those that ship, before which stand the operator's own of the same name.

A template reaches nothing but what it is given, changes nothing of it, and names nothing that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from halo_engine.errors import BadConfig
from halo_engine.resources import folder

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment, Template

    from halo_engine.workspace import Workspace

OWN = "templates"
"""The folder of the workspace in which the operator's own lie."""
FAULTS = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RuntimeError, OSError)
"""What an expression in a template raises besides jinja2's own errors."""


def render(workspace: Workspace, name: str, **values: Any) -> str:
    """The text that a template makes of the values, which it must all know; `*.html.j2` escapes what it is given.

    Raises BadConfig naming file and line for a template that is wrong.
    """
    from jinja2 import ChoiceLoader, FileSystemLoader, FunctionLoader

    loader = ChoiceLoader([FileSystemLoader(workspace.root / OWN), FunctionLoader(_shipped)])
    with _explained(str(workspace.root / OWN / name), "mend it, or remove it: the one that ships is used then"):
        return _environment(loader).get_template(name).render(values)


def fill(source: str, file: str, **values: Any) -> str:
    """The text that the template in a string makes of the values; `file` is where it comes from, for messages. It is
    compiled once, however often it is filled.

    Raises BadConfig likewise.
    """
    with _explained(file, ""):
        return _compiled(source).render(values)


@lru_cache(maxsize=4)
def _compiled(source: str) -> Template:
    return _environment().from_string(source)


def _environment(loader: BaseLoader | None = None) -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and ".html" in name,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shipped(name: str) -> str | None:
    found = folder("templates") / name
    return found.read_text(encoding="utf-8") if found.is_file() else None


@contextmanager
def _explained(file: str, hint: str) -> Iterator[None]:
    from jinja2 import TemplateError

    try:
        yield
    except (TemplateError, *FAULTS) as error:
        line = getattr(error, "lineno", None) or _line_in(error, file)
        raise BadConfig(f"{file}{f':{line}' if line else ''}: {_said(error)}", hint) from error


def _said(error: BaseException) -> str:
    from jinja2 import TemplateNotFound

    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name!r}"
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _line_in(error: BaseException, file: str) -> int | None:
    """The line of the template at which it was raised, innermost; jinja2 calls one without a name `<template>`."""
    line, trace = None, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code.co_filename
        if code == "<template>" or (code.endswith(".j2") and code.rpartition("/")[2] == file.rpartition("/")[2]):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
