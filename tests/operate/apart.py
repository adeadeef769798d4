"""Mounts for a test alone: a program run in a mount namespace of its own, whose mounts end with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONG = 100


@cache
def _way() -> tuple[str, ...]:
    """The command that makes a namespace here; empty when there is none that may mount."""
    ways = (("unshare", "--mount"), ("unshare", "--user", "--map-root-user", "--mount"))
    for way in ways if shutil.which("unshare") else ():
        tried = subprocess.run([*way, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
        if tried.returncode == 0:
            return way
    return ()


def run_apart(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a Python script in a mount namespace; `mount`, `fill` and `halo` are there."""
    if not _way():
        pytest.skip("nothing may be mounted here: run as root, or allow user namespaces")
    program = [*_way(), sys.executable, "-c", PRELUDE + script, *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(program, cwd="/", env=env, capture_output=True, text=True, timeout=LONG, check=False)


PRELUDE = """
import contextlib, io, json, os, subprocess, sys
from pathlib import Path
from halo_engine.cli import app
from halo_engine.commandline import run

def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)

def fill(filler):
    "Fill the disk with a file."
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass

def halo(*words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(app, words, "halo-engine")
    text = out.getvalue()
    try:
        said = json.loads(text) if "--json" in words else text
    except ValueError:
        said = text
    return code, said, err.getvalue()
"""
