"""Texts made from templates: those that ship, before which stand the operator's own of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_engine.errors import BadConfig
from halo_engine.resources import folder

if TYPE_CHECKING:
    from jinja2 import Environment

    from halo_engine.workspace import Workspace

OWN = "templates"
"""The folder of the workspace in which the operator's own lie."""


def render(workspace: Workspace, name: str, **values: Any) -> str:
    """The text that a template makes of the values, which it must all know; `*.html.j2` escapes what it is given.

    Raises BadConfig naming file and line for a template that is wrong.
    """
    from jinja2 import TemplateError

    # what an expression in a template may raise, beside what Jinja says itself
    wrong = (TemplateError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, OSError)
    try:
        return _environment(workspace).get_template(name).render(values)
    except wrong as error:
        line = getattr(error, "lineno", None) or _line_in(error, name)
        where = f"{workspace.root / OWN / name}" + (f":{line}" if line else "")
        raise BadConfig(f"{where}: {error}", "mend it, or remove it: the one that ships is used then") from error


def _environment(workspace: Workspace) -> Environment:
    from jinja2 import ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(workspace.root / OWN), FunctionLoader(_shipped)]),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and ".html" in name,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shipped(name: str) -> str | None:
    found = folder("templates") / name
    return found.read_text(encoding="utf-8") if found.is_file() else None


def _line_in(error: BaseException, name: str) -> int | None:
    """The line of the template at which it was raised, innermost."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(name):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
