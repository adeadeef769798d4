"""What a listing shows, in whatever way it was made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.agents.spin.listings import listed
from tests.agents.spin.sessions import Session

TREE = "docs\n├── api\n│   ├── a.go\n│   └── b.go\n└── c.go"
LONG = "total 12\ndrwxr-xr-x 2 u g 4096 Sep  1 12:00 .\n"
LONG += "-rw-r--r-- 1 u g 12 Sep  1 12:00 a.go\n-rw-r--r-- 1 u g 9 Sep  1  2025 my b.go"


@pytest.mark.parametrize(
    ("command", "text", "paths"),
    [
        ("ls docs/", "a.go\nb.go", "docs/a.go docs/b.go"),
        ("ls -1 docs 2>&1 | head -5", "a.go\nb.go", "docs/a.go docs/b.go"),
        ("find ./docs -type f", "./docs/a.go\n./docs/b.go", "docs/a.go docs/b.go"),
        ("git ls-files", "docs/a.go\nsrc/very/deep/b.go", "docs/a.go very/deep/b.go"),
        ("ls a b", "a:\nx\n\nb:\ny", "a/x b/y"),
        ("tree docs", TREE, "docs/docs docs/api docs/api/a.go docs/api/b.go docs/c.go"),
        ("ls -la docs", LONG, "docs docs/a.go docs/my b.go"),
        ("ls 'my docs", "a.go", "'my/a.go"),
        ("find . | xargs wc -l", "1 x", None),
        ("cat docs", "a.go", None),
        ("ls; rm -rf docs", "a.go", None),
    ],
)
def test_what_a_command_lists(command, text, paths):
    found = listed("Bash", {"command": command}, text)
    assert (found if found is None else " ".join(found.split("\n"))) == paths


def test_what_a_tool_lists():
    assert listed("Glob", {"pattern": "docs/*"}, "/home/kit/docs/a.go") == "kit/docs/a.go"
    assert listed("list_dir", {"path": "docs"}, "- a.go\n- b.go") == "docs/a.go\ndocs/b.go"
    assert listed("Read", {"file_path": "docs"}, "a.go") is None


@given(st.text(), st.sampled_from(["ls ", "tree ", "find ", "ls -la "]), st.text())
def test_any_text_can_be_listed(place, command, text):
    found = listed("Bash", {"command": command + place}, text)
    assert found is None or found.count("\n") <= len(text)


def session():
    made = Session()
    made.prompt("Please fix the order of the pages")
    return made


def test_folders_that_hold_files_of_like_names_are_news():
    made = session()
    for name in ("mail", "login", "search", "billing", "upload", "export", "audit", "cache"):
        made.run(f"ls packages/{name}", "README.md\npackage.json\nsrc\ntests\ntsconfig.json")
    assert not made.verdict.flagged


def test_one_folder_listed_in_one_way_after_another():
    made = session()
    names = ("README.md", "package.json", "index.ts", "pages.ts", "order.ts")
    plain, full = "\n".join(names), "\n".join(f"src/{name}" for name in names)
    for command in ("ls src", "ls -1 src", "ls src/", "ls -a src/", "ls -1a src", "ls -A src", "ls -1A src/"):
        made.run(command, plain)
        made.run(command.replace("ls", "find").replace("-1", "-maxdepth 1"), full)
    assert made.verdict.flagged
    assert made.verdict.since == 4
