"""What is known as a secret is in no answer about logs, whatever form it has there; the logs stay as they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SECRET = "hunter2/hunter2+hunter2"
HIDDEN = base64.b64encode(SECRET.encode())


@pytest.fixture
def leaking(written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOP_PASSWORD", SECRET)
    line = {"level": 50, "time": 1790000000000, "msg": f"login with {SECRET} failed", "req": {"auth": HIDDEN.decode()}}
    return written(json.dumps(line).encode(), b"plain " + SECRET.encode(), b'{"level":30,"msg":"fine"}', b"{" + HIDDEN)


COMMANDS = [
    ("search",), ("search", "--json"), ("search", "--limit", "0"), ("search", "--raw"), ("tail",), ("errors", "--json"),
    ("stats", "--by", "template", "--json"), ("malformed",), ("malformed", "--json"), ("export", "--format", "csv"),
    ("export", "--format", "text"), ("export", "--format", "ndjson"), ("search", "--limit", "0", "--json"),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_answer_has_it(logctl: Any, leaking: Path, words: tuple[str, ...]) -> None:
    before = leaking.read_bytes()
    said = logctl(words[0], leaking, *words[1:])
    assert said.code == 0
    assert "redacted" in said.out
    assert "hunter2" not in said.out
    assert HIDDEN.decode() not in said.out
    assert leaking.read_bytes() == before


def test_a_file_has_it_no_more_than_the_screen(logctl: Any, leaking: Path, tmp_path: Path) -> None:
    logctl("export", leaking, "--output", tmp_path / "out.ndjson")
    assert "hunter2" not in (tmp_path / "out.ndjson").read_text()
    assert [each["message"] for each in logctl("trace", "fine", leaking, "--json").data] == ["fine"]


def test_groups_that_are_one_without_the_secrets_are_counted_together(
    logctl: Any, written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "correct-horse-battery")
    monkeypatch.setenv("SHOP_TOKEN", "wrong-donkey-accumulator")
    path = written(
        *[b'{"level":50,"msg":"no entry with correct-horse-battery"}'] * 2,
        b'{"level":50,"msg":"no entry with wrong-donkey-accumulator"}',
    )
    [group] = logctl("errors", path, "--json").data
    assert group["count"] == 3


def test_a_text_that_is_cut_within_a_secret_does_not_end_with_its_beginning(
    logctl: Any, written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "correct-horse-battery")
    for spare in (190, 490):
        said = "a " * (spare // 2) + "correct-horse-battery"
        path = written(b'{"level":50,"msg":"%s"}' % said.encode(), b"\xff" + said.encode(), name=f"{spare}.jsonl")
        for words in (("errors", path), ("stats", "--by", "template", path), ("malformed", path)):
            assert "corr" not in logctl(*words, "--json").out
