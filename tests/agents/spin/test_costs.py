"""What costs and what does not: each way of going nowhere, and the work that looks like it."""

from __future__ import annotations

import pytest

from halo_engine.agents.records import Change
from tests.agents.spin.sessions import Session

FORMS = (
    'python -c "from app import limit; print(limit)"',
    'python -i -c "from app import limit; print(limit)"',
    'python -W ignore -c "import app; print(repr(app.limit))"',
    'python -c "import json, app; print(json.dumps(app.limit))"',
    'echo "from app import limit; print(limit)" | python',
    'env PYTHONPATH=. python -B -c "from app import limit; print(limit)"',
    'python -X dev -c "from app import *; print(limit)"',
    'python -q -i -c "import app as a; print(a.limit)" < /dev/null',
)
NAMES = (
    "keyframe_validator",
    "validateKeyframe",
    "valid keyframes",
    "KeyframeValid",
    "is_keyframe_valid",
    "keyframeOk",
)


@pytest.fixture
def session():
    made = Session()
    made.prompt("Please fix the port of the server in the configuration")
    return made


def edit(session, number, path="a.py"):
    session.edit(path, f"a{number} = 1", f"a{number} = unit(b{number})")


def test_one_value_in_ever_other_forms(session):
    for form in FORMS:
        session.run(form, "None")
    assert session.verdict.flagged


def test_a_batch_says_the_same_of_each(session):
    for name in ("one", "two.left", "three-of-them", "a_b_c", "../five", "six", "seven 7", "eight"):
        session.run(f"./convert images/{name}.png --to webp", "done")
    assert not session.verdict.flagged


def test_an_edit_that_changes_nothing_in_other_words(session):
    for form in ("s/port=80/port=90/", "s/port = 80/port = 90/", r"s/port\s*=\s*[0-9]+/port=90/", "/port/s/80/90/"):
        session.run(f"sed -i -E '{form}' server.conf && grep -n port server.conf", "7: port is get('port', 80)")
        session.run(f"perl -pi -e '{form}' server.conf ; grep -n port server.conf", "7: port is get('port', 80)")
    assert session.verdict.flagged


def test_searches_for_one_thing_in_other_names(session):
    for number, name in enumerate(NAMES):
        session.call("Grep", ("No files found", "No matches found", "")[number % 3], pattern=name)
    assert session.verdict.flagged


def test_an_audit_that_finds_nothing():
    session = Session()
    session.prompt("Audit the repository for secrets and report what you find")
    for name in ("password", "api_key", "AKIA", "BEGIN PRIVATE", "token=", "client_secret", "bearer"):
        session.call("Grep", "No matches found", pattern=name)
    assert not session.verdict.flagged


def test_files_that_are_made_run_and_removed(session):
    for number in range(6):
        session.edit(f"/x/try_{number % 2}.py", "", f"# {number}\nprint(check({number}))")
        session.run(f"python /x/try_{number % 2}.py", "orders: 0 rows")
        session.run(f"rm /x/try_{number % 2}.py", "")
    assert session.verdict.flagged


def test_files_that_are_made_to_be_run_and_say_the_same(session):
    for number in range(6):
        session.edit(f"/x/probe_{number}.py", "", f"print(check({number}), rows)\nprint(unit_{number}())")
        session.run(f"python /x/probe_{number}.py", "orders in: 12\norders out: 3")
    assert session.verdict.flagged


def test_from_branch_to_branch(session):
    for number in range(5):
        session.run(f"git {'switch' if number % 2 else 'checkout'} main", "Switched to branch 'main'")
        session.run("git status", "On branch main\nnothing to commit, working tree clean")
        session.run(f"git {'checkout' if number % 3 else 'switch'} fix/port", "Switched to branch 'fix/port'")
        session.run("git status", "On branch fix/port\nnothing to commit, working tree clean")
    assert session.verdict.flagged


def test_a_branch_for_each_piece_of_work(session):
    for number in range(6):
        session.run("git checkout main", "Switched to branch 'main'")
        session.run(f"git checkout -b part-{number}", f"Switched to a new branch 'part-{number}'")
        edit(session, number, f"{number}.py")
        session.run(f"git commit -am 'Part {number}'", f"[part-{number} a{number}b] Part {number}\n1 file changed")
    assert not session.verdict.flagged


def test_one_commit_in_ever_better_words(session):
    edit(session, 1)
    session.run("git commit -am port", "[main a1] port\n1 file changed")
    for number, words in enumerate(("fix port", "Fix the port", "fix: port", "Mend port", "port: fix", "Right port")):
        session.run(f"git commit --amend -m '{words}'", f"[main b{number}] {words}\n1 file changed")
    assert session.verdict.flagged


def test_edits_that_go_into_the_last_commit(session):
    for number in range(8):
        edit(session, number)
        session.run("git commit -a --amend --no-edit", f"[main b{number}] port\n1 file changed")
    assert not session.verdict.flagged


def test_the_same_remedy_after_each_edit_is_right(session):
    for number in range(8):
        edit(session, number, f"{number}.py")
        session.run("docker compose restart web", "Container web Started")
        session.run("curl -s localhost:8080/health", "ok")
    assert not session.verdict.flagged


def test_what_was_written_is_put_back_each_time(session):
    for number in range(4):
        for part in "abc":
            session.edit("a.py", f"{part} = 1", f"{part} = unit({number})")
        session.run("make test", f"1 failed: total is {number}", failed=True)
        session.edit("a.py", "\n".join(f"{part} = unit({number})" for part in "abc"), "a = 1\nb = 1\nc = 1")
    assert session.verdict.flagged


@pytest.mark.parametrize(
    "words",
    ["Undo all of that, we do not need it", "please undo that", "No, roll it back", "still wrong, revert it now"],
)
def test_an_undoing_that_was_asked_for(session, words):
    for number in range(8):
        edit(session, number, f"{number}.py")
    session.prompt(words)
    for number in range(8):
        session.edit(f"{number}.py", f"a{number} = unit(b{number})", f"a{number} = 1")
    session.run("git checkout .", "Updated 8 paths from the index")
    assert session.verdict.score == 0


@pytest.mark.parametrize("form", ["sleep {0}; {1}", "sleep {0} && {1}", "{1}"])
def test_retries_whose_pauses_grow(session, form):
    for pause in (5, 10, 20, 40, 80, 160):
        if form == "{1}":
            session.run(f"sleep {pause}", "")
        session.run(form.format(pause, "docker push hub/web"), "received unexpected HTTP status: 502", failed=True)
    assert not session.verdict.flagged


def test_retries_at_once(session):
    for _ in range(7):
        session.run("docker push hub/web", "received unexpected HTTP status: 502", failed=True)
    assert session.verdict.flagged


def todos(session, done, items=10):
    states = ["completed"] * done + ["pending"] * (items - done)
    todo = [{"content": f"Part {number}", "status": state} for number, state in enumerate(states)]
    session.call("TodoWrite", "Todos have been modified", todos=todo)


def test_a_plan_that_is_carried_out(session):
    for done in range(10):
        todos(session, done)
        todos(session, done + 1)
        edit(session, done, f"{done}.py")
    assert not session.verdict.flagged


def test_a_plan_of_which_nothing_is_done(session):
    for items in range(8):
        todos(session, 0, items + 3)
    assert session.verdict.flagged


def test_one_request_in_other_words_and_no_more_than_promises():
    session = Session()
    session.prompt("Please make parse_order handle the missing price")
    asked = ("Continue: parse_order has to handle the price", "Carry on with parse_order so that the price is handled",
             "Proceed with parse_order, the price is not handled yet",
             "Resume parse_order and handle the price")  # fmt: skip
    for number in range(6):
        session.say("I am going to handle the price in parse_order now.")
        session.prompt(asked[number % 4])
    assert session.verdict.flagged


def test_one_request_in_other_words_and_work_each_time():
    session = Session()
    session.prompt("Please make parse_order handle the missing price")
    for number in range(8):
        edit(session, number, f"{number}.py")
        session.prompt(f"Continue: parse_order has to handle the price, now in part {number}")
    assert not session.verdict.flagged


def test_what_a_command_says_itself_is_no_work(session):
    for number in range(9):
        session.run(f'echo "Should part {number} be here or there?"', f"Should part {number} be here or there?")
    assert session.verdict.flagged


def test_a_full_disk_fails_whatever_is_tried(session):
    session.run("npm ci", "npm ERR! ENOSPC: no space left on device, write", failed=True)
    session.run("cp -r data /tmp", "cp: error writing '/tmp/data': No space left on device", failed=True)
    session.run("make image", "failed to solve: write /var/lib: no space left on device", failed=True)
    session.run("git pull", "fatal: cannot create a pack: No space left on device", failed=True)
    session.run("pip install x", "OSError: [Errno 28] No space left on device", failed=True)
    assert session.verdict.flagged


def test_sub_agents_for_one_thing_in_other_words(session):
    orders = ("Analyse how build_lease treats the shard and where it is dropped.",
              "Determine the place where build_lease loses the shard.",
              "Search the code for the reason the shard disappears in build_lease.",
              "Please look at build_lease and tell me why the shard is lost.",
              "Find out why build_lease drops the shard and report.")  # fmt: skip
    for order in orders:
        session.call("Task", "No clear cause: build_lease sets the shard, the shard may be dropped.", prompt=order)
    assert session.verdict.flagged


def test_a_routine_that_finds_all_in_order():
    session = Session()
    for number in range(10):
        session.prompt("Check the queue and restart the worker if it hangs")
        session.run("queue status", f"worker: running, {number + 3} done")
        session.say(f"All is well: the worker runs, and {number + 3} are done since the last look.")
    assert not session.verdict.flagged


def test_small_requests_that_are_alike_and_each_fulfilled():
    session = Session()
    for thing in ("milk", "eggs", "bread", "some apples", "rice", "soap", "tea", "salt"):
        session.prompt(f"Please add {thing} to the basket for Saturday")
        session.call("mcp__shop__put", "ok", item=thing)
        session.say(f"There: {thing} is on it.")
    assert not session.verdict.flagged


def test_to_and_fro_between_branches(session):
    for number in range(7):
        branch = ("main", "feat/login")[number % 2]
        session.run(f"git checkout {branch}", f"Switched to branch '{branch}'")
        session.run(f"git log --oneline -{number + 2}", f"{number}af{number}e1 name the part {branch[::-1]} {number}")
    assert session.verdict.flagged


def test_branches_that_are_measured_in_turn(session):
    for number in range(8):
        branch = ("main", "feat/login")[number % 2]
        session.run(f"git checkout {branch}", f"Switched to branch '{branch}'")
        session.run("make bench", f"login: {130 + number * 7 % 11}.{number} ms/op")
    assert not session.verdict.flagged


def write(session, path):
    session.call(
        "Write", "updated", changes=(Change(path),), file_path=path, content=f"x = 1\n# {len(session.records)}"
    )


def test_a_file_that_is_written_as_it_was(session):
    for _ in range(7):
        write(session, "a.py")
    assert session.verdict.flagged


def test_files_each_of_which_is_written_as_it_was(session):
    for number in range(12):
        write(session, f"{number}.py")
    assert not session.verdict.flagged


def test_commands_that_do_nothing(session):
    for number, word in enumerate(("price", "order", "cart", "coupon", "basket", "refund", "stock", "label")):
        session.run(f"# Is the {word} right?\n# Perhaps, {number} times out of ten.\ntrue", "")
    assert session.verdict.flagged


def test_commands_that_say_nothing(session):
    for word in ("price", "order", "cart", "coupon", "basket", "refund", "stock", "label"):
        session.run(f"# Now the {word}\n./convert {word}", "")
    assert session.verdict.score == 0


def test_forms_that_are_filled_in_one_after_another(session):
    page = "heading Sign up\ntextbox name\ntextbox mail\ntextbox city\nbutton Submit\n"
    for name in ("ana", "ben", "carla", "dave", "eve", "finn", "gina", "hugo"):
        for field in ("name", "mail", "city"):
            session.call("browser_type", "ok", element=field, text=f"{field} of {name}")
        session.call("browser_click", "ok", element="Submit")
        session.call("browser_snapshot", f"{page}alert {name} was saved")
    assert not session.verdict.flagged


def test_one_question_of_one_day_after_another(session):
    for day in range(10, 20):
        session.call("calendar_free", "no free slot", day=f"2026-11-{day}", people="ana, ben")
        session.call("flight_search", "No direct flights found.", leaves=f"2026-12-{day}T07:30:00Z", to="RIX")
    assert not session.verdict.flagged


@pytest.mark.parametrize("command", ["curl -sSO {0}", "curl -s -o {1}.jpg {0}", "curl -fsSL --output {1}.jpg {0}"])
def test_what_is_fetched_to_be_kept(session, command):
    for name in ("cat", "dog", "horse", "mouse", "bird", "fish", "fox", "bear", "wolf"):
        session.run(command.format(f"https://pictures.example/{name}.jpg", name), "")
    assert session.verdict.score == 0


NAMES = ("ana", "ben", "carla", "dave", "eve", "finn", "gina", "hugo", "ida", "jan", "kim", "leo")


def test_rows_put_in_one_after_another(session):
    for number, name in enumerate(NAMES):
        session.run(f"psql -c \"insert into customer values ({number}, '{name}')\"", "INSERT 0 1")
    assert not session.verdict.flagged


def test_one_thing_asked_of_each_by_a_tool_that_always_says_the_same(session):
    for name in NAMES:
        said = '{"state":"running","since":"2026-11-20","errors":0,"queue":0,"model":"opus","tier":"one"}'
        session.call("instance_status", said, instance=name)
    assert not session.verdict.flagged


def test_hosts_that_answer_in_one_line(session):
    for name in NAMES:
        session.run(f"ping -c1 {name}", "1 packets transmitted, 1 received, 0% packet loss, time 0ms")
    assert not session.verdict.flagged


def test_a_page_that_is_visited_to_be_measured(session):
    for name in NAMES:
        session.call("browser_navigate", "Navigated. Title: Shop", url="https://shop.example/")
        session.call("browser_performance", f"the slowest of all was {name}{name[::-1]} with {len(name)}.{len(name)}s")
    assert not session.verdict.flagged


@pytest.mark.parametrize("empty", ["", "Exit code 1"])
def test_things_that_are_nowhere(empty):
    session = Session()
    session.prompt("Who uses port 8080?")
    for name in NAMES:
        session.run(f"ssh {name} lsof -i :8080", empty, failed=True)
    assert not session.verdict.flagged


def test_words_half_of_which_are_found():
    session = Session()
    session.prompt("Look up the words")
    for name in NAMES:
        session.call("dictionary", "not found", word=name)
        session.call("dictionary", f"{name}: the reverse of {name[::-1]}", word=name[::-1])
    assert not session.verdict.flagged
