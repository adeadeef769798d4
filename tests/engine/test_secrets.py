"""Secrets by reference, and what redaction leaves of them."""

from __future__ import annotations

import base64
import json
import os
import re
import sys
import time
import types
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine import secrets
from halo_engine.errors import BadConfig, HaloError, Unavailable

VALUE = "sk-ant-api03-Zm9v+bar/baz=="


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "key"
    path.write_text(VALUE + "\n")
    path.chmod(0o600)
    return path


def refusal(reference) -> HaloError:
    with pytest.raises(HaloError) as refused:
        secrets.resolve(reference)
    assert VALUE not in refused.value.message + refused.value.hint
    return refused.value


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("KEY", VALUE)
    assert secrets.resolve("env:KEY") == VALUE


def test_a_variable_that_is_not_set_is_named(monkeypatch):
    refused = refusal("env:NO_SUCH_KEY")
    assert isinstance(refused, Unavailable)
    assert "NO_SUCH_KEY" in refused.message


@pytest.mark.parametrize(
    "reference", ["", "env:", "file: ", "vault:x", VALUE, f"env:{VALUE}", f"x:{VALUE}", "env:A\0B"]
)
def test_what_is_no_reference_is_refused_and_not_repeated(reference):
    refused = refusal(reference)
    assert isinstance(refused, BadConfig)
    assert "keyring:SERVICE/USER" in refused.hint


def test_from_a_file(kept):
    assert secrets.resolve(f"file:{kept}") == VALUE


def test_from_a_file_at_home(kept, own_home):
    kept.rename(own_home / "key")
    assert secrets.resolve("file:~/key") == VALUE


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused(kept, mode):
    kept.chmod(mode)
    refused = refusal(f"file:{kept}")
    assert isinstance(refused, BadConfig)
    assert refused.hint == f"chmod 600 {kept}"


def test_a_file_of_another_user_is_refused(kept, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: kept.stat().st_uid + 1)
    assert "another user" in refusal(f"file:{kept}").message


def test_a_file_that_is_none(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert isinstance(refusal(f"file:{tmp_path / 'none'}"), Unavailable)
    assert isinstance(refusal("file:key"), BadConfig)
    assert "regular file" in refusal(f"file:{tmp_path / 'pipe'}").message
    assert isinstance(refusal(f"file:{tmp_path}"), HaloError)


def test_a_file_that_holds_something_else(kept):
    kept.write_bytes(b"\xff\xfe")
    assert "UTF-8" in refusal(f"file:{kept}").message
    kept.write_text("x" * (secrets.LARGEST + 1))
    assert "no secret" in refusal(f"file:{kept}").message
    kept.write_text("\n")
    assert "empty" in refusal(f"file:{kept}").message


def test_from_a_command():
    assert secrets.resolve(f"command:printf '%s\\n' '{VALUE}'") == VALUE


@pytest.mark.parametrize("command", ["exit 3", "echo 'sk-'ant | tee /dev/stderr; false", "printf '\\377'", "true"])
def test_a_command_that_fails(command):
    assert isinstance(refusal(f"command:{command}"), HaloError)


def test_a_command_that_hangs_is_ended_with_its_children(monkeypatch, tmp_path):
    monkeypatch.setattr(secrets, "PATIENCE", 0.3)
    assert "took over" in refusal(f"command:sleep 600 & echo $! > {tmp_path}/pid; wait").message
    child = int((tmp_path / "pid").read_text())
    for _ in range(200):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    assert Path(f"/proc/{child}/stat").read_text().split()[2] == "Z"


@pytest.fixture
def ring(monkeypatch):
    keyring, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})
    keyring.kept = {("halo/prod", "anthropic"): VALUE}
    keyring.get_password = lambda service, user: keyring.kept.get((service, user))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    return keyring


def test_from_the_keyring(ring):
    assert secrets.resolve("keyring:halo/prod/anthropic") == VALUE
    assert "nothing for halo/nobody" in refusal("keyring:halo/nobody").message
    assert isinstance(refusal("keyring:halo"), BadConfig)


def test_a_keyring_that_does_not_answer(ring):
    def locked(service, user):
        raise sys.modules["keyring.errors"].KeyringError(VALUE)

    ring.get_password = locked
    assert isinstance(refusal("keyring:halo/anthropic"), Unavailable)


def test_a_keyring_without_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert refusal("keyring:halo/anthropic").hint == "pip install keyring"


def test_presence(monkeypatch):
    monkeypatch.setenv("KEY", VALUE)
    assert secrets.present("env:KEY")
    assert not secrets.present("env:NO_SUCH_KEY")
    assert secrets.present("command:pass show key")
    assert not secrets.present("")


@pytest.mark.parametrize(
    "encode",
    [
        str,
        lambda value: base64.b64encode(value.encode()).decode(),
        lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
        lambda value: base64.b64encode(value.encode()).decode().rstrip("="),
        lambda value: urllib.parse.quote(value, safe=""),
        lambda value: re.sub("%..", lambda found: found[0].lower(), urllib.parse.quote(value)),
        urllib.parse.quote_plus,
        json.dumps,
    ],
)
@pytest.mark.parametrize("value", ["s3cr3t-with/slash+plus=", 'quo"te\\back', "ключ-от-дома", "plainplain"])
def test_every_form_is_redacted(encode, value):
    encoded = encode(value)
    cleaned = secrets.redact(f"before {encoded} after", ["", value])
    assert encoded.strip('"') not in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    assert secrets.REDACTED in cleaned


@given(
    st.text(st.characters(codec="utf-8"), min_size=12, max_size=60),
    st.binary(max_size=20),
    st.binary(max_size=20),
    st.booleans(),
)
def test_base64_inside_something_longer_is_redacted(value, before, after, urlsafe):
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    text = encode(before + value.encode() + after).decode()
    cleaned = secrets.redact(text, [value])
    assert secrets.REDACTED in cleaned
    kept = len(cleaned) - len(secrets.REDACTED)
    assert kept <= -(-(len(before) + len(after) + 2) // 3) * 4 + 4


def test_the_longer_of_two_values_goes_whole():
    assert secrets.redact("key=abcdef!", ["abc", "abcdef"]) == f"key={secrets.REDACTED}!"


def test_text_without_secrets_is_left_alone():
    assert secrets.redact("nothing here", []) == "nothing here"
    assert secrets.redact("nothing here", [VALUE]) == "nothing here"


def test_hex_is_a_form_too():
    raw = VALUE.encode().hex()
    assert secrets.redact(f"x{raw}y {raw.upper()}", [VALUE]) == f"x{secrets.REDACTED}y {secrets.REDACTED}"


@pytest.mark.parametrize(
    "name", ["SHOP_TOKEN", "DB_PASSWORD", "OPENAI_API_KEY", "SIGNING_KEY", "my_secret", "SENTRY_DSN"]
)
def test_variables_that_say_they_hold_a_secret_are_known(name, tmp_path, monkeypatch):
    monkeypatch.setenv(name, VALUE)
    assert VALUE in secrets.known(tmp_path)


@pytest.mark.parametrize(("name", "value"), [("KEYBOARD", VALUE), ("API_KEY", "short"), ("SSH_KEY", "/ana/.ssh/id")])
def test_what_is_no_secret_is_not_known(name, value, tmp_path, monkeypatch):
    monkeypatch.setenv(name, value)
    assert value not in secrets.known(tmp_path)


def test_what_the_configuration_names_is_known(kept, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAIN_NAME", "value-of-a-variable")
    (tmp_path / "halo.yaml").write_text("channels:\n  - telegram:\n      bot_token_env: PLAIN_NAME\n")
    (tmp_path / "other.yaml").write_text(f"llm:\n  api_key: file:{kept}\n  model: env:PLAIN\n")
    (tmp_path / "bad.yaml").write_text("api_key: env:[\n\t")
    assert {"value-of-a-variable", VALUE} <= secrets.known(tmp_path)


def test_a_redactor_leaves_bytes_that_have_no_secret_as_they_are():
    redact = secrets.Redactor([VALUE])
    raw = b"\xff\x00 nothing"
    assert redact.bytes(raw) is raw
    assert redact.bytes(raw + VALUE.encode()) == raw + secrets.REDACTED.encode()
