"""Words that people say for a verb lead to the verb; a slip of the finger too."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest

from halo_engine.cli import app as root
from halo_engine.commandline import App
from halo_engine.everyday import ALIKE, meant


def apps() -> list[App]:
    """Every module's command line, and the root's."""
    homes = {command._home for command in root.commands.values()}
    return [root, *(importlib.import_module(home).app for home in sorted(homes))]


@pytest.mark.parametrize(
    ("words", "verbs"),
    [
        ("fleet stop dad", "'freeze'"),
        ("fleet pause dad", "'freeze'"),
        ("fleet start dad", "'reset'"),
        ("fleet restart dad", "'freeze' or 'reset'"),
        ("fleet delete dad --confirm", "'fry'"),
        ("fleet new --name dad", "'create'"),
        ("fleet LS", "'list'"),
        ("fleet personality ls", "'list'"),
        ("tasks new title", "'add'"),
        ("memory add", "'new'"),
        ("nightctl list", "'tasks'"),
    ],
)
def test_the_verb_that_is_meant_is_named(halo, words, verbs):
    said = halo(*words.split())
    assert (said.code, said.out) == (2, "")
    assert f"Did you mean {verbs}?" in said.err
    verb = verbs.split("'")[1]
    assert f"{verb} --help" in said.err


def test_what_means_nothing_is_refused_as_before(halo):
    said = halo("fleet", "qwertz")
    assert (said.code, "Did you mean" in said.err, "No such command 'qwertz'" in said.err) == (2, False, True)


def test_as_json(halo):
    import json

    error = json.loads(halo("fleet", "stop", "dad", "--json").out)["error"]
    assert (error["kind"], error["hint"].endswith("freeze --help")) == ("usage", True)


def test_every_app_names_verbs_that_it_has_and_words_that_are_none(halo):
    for app in apps():
        with click.Context(app) as context:
            verbs = set(app.list_commands(context))
        assert set(app.words) <= verbs, app.name
        assert not {word for words in app.words.values() for word in words.split()} & verbs, app.name


def test_what_an_app_says_itself_counts_first():
    assert meant("delete", ["fry", "prune"], {"fry": "delete rm"}) == ["fry"]
    assert meant("delete", ["cancel", "prune"], {}) == ["cancel", "prune"]
    assert meant("ls", ["list"], {}) == ["list"]
    assert meant("ls", ["show"], {}) == []
    assert all(len(group.split()) == len(set(group.split())) for group in ALIKE)


def test_the_words_are_loaded_only_for_a_verb_that_is_none():
    code = "import sys, halo_engine.commandline; print('halo_engine.everyday' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"
