"""Plans: what is read, what is refused, in which words."""

from __future__ import annotations

import hashlib
import re
import resource
import subprocess
import sys
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from halo_engine import llm
from halo_engine.errors import BadData
from halo_engine.resources import folder
from halo_engine.tasks import queries
from halo_engine.tasks.planning import plans, rules, xml
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.store import Item
from halo_engine.workspace import LlmSettings

GOOD = """\
<plan>
  <goal>The script deploys</goal>
  <context>It broke &amp; nobody knows why</context>
  <steps>
    <step n="1" output="a cause">Find out why:
        look at the log
        and at the commit</step>
    <step n="2" output="a patch" depends="1">Mend it</step>
    <step n="3" output="a report" depends="1, 2">Say so</step>
  </steps>
  <constraints><constraint>Production is left alone</constraint></constraints>
  <success>
    <criterion>make deploy ends with 0</criterion>
    <criterion>The <![CDATA[<b>page</b>]]> shows</criterion>
  </success>
</plan>
"""


def changed(old, new, times=1):
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, times)


def faults(xml):
    return [str(fault) for fault in plans.check(xml)]


def item(**fields):
    return Item(number=42, id="T-042", title="Fix it", kind=Kind.AGENT_JOB, state=State.PLANNING, version=1).with_(
        **fields
    )


def test_a_good_plan():
    plan = plans.parse(GOOD)
    assert plan.goal == "The script deploys"
    assert plan.context == "It broke & nobody knows why"
    assert [(step.n, step.output, step.depends) for step in plan.steps] == [
        (1, "a cause", []),
        (2, "a patch", [1]),
        (3, "a report", [1, 2]),
    ]
    assert plan.steps[0].text == "Find out why:\nlook at the log\nand at the commit"
    assert plan.constraints == ["Production is left alone"]
    assert plan.success == ["make deploy ends with 0", "The <b>page</b> shows"]


@pytest.mark.parametrize(
    "xml",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        "\ufeff" + GOOD,
        '<?xml version="1.0" encoding="utf-8"?>\n<!-- a -->\n<?style x?>' + GOOD,
        changed("<goal>", "<!-- what for --><goal>"),
        changed("<context>It broke &amp; nobody knows why</context>", ""),
        changed("<context>It broke &amp; nobody knows why</context>", "<context/>"),
        changed("Mend it", "Mend <!-- all of --> it <?x y?>"),
        changed('depends="1, 2"', 'depends=" 2 1,"'),
        changed('depends="1, 2"', 'depends=""'),
        changed("Mend it", "Měnd it — ☂ &#x1F327;"),
    ],
)
def test_what_else_is_good(xml):
    assert faults(xml) == []
    assert plans.parse(xml).steps[1].text.startswith("M")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (changed("<goal>The script deploys</goal>", ""), ["line 1: <goal> is missing"]),
        (changed("The script deploys", " \n "), ["line 2: <goal> is empty"]),
        (changed("<context>", "<goal>x</goal><context>"), ["line 3: <goal> stands twice (first in line 2)"]),
        (
            changed("<context>", "<contxt>x</contxt><context>"),
            ["line 3: <contxt> does not belong in <plan>, which may hold <goal>, <context>, <steps>, "],
        ),
        (changed("Mend it", "<b>Mend</b> it"), ["line 8: <b> stands inside step 2, which holds text only"]),
        (changed("Mend it", ""), ["line 8: step 2 is empty"]),
        (changed('output="a patch" ', ""), ["line 8: step 2 does not say its output"]),
        (changed('"a patch"', '"  "'), ["line 8: step 2 does not say its output"]),
        (changed("<plan>", "<plan>\nhello"), ["line 1: 'hello' stands loose in <plan>, which may hold "]),
        (
            changed('n="2"', 'n="3"'),
            ["line 9: step 3 depends on step 2, which does not exist", "line 9: step 3 stands twice (first in line 8)"],
        ),
        (changed('n="3"', 'n="4"'), ["line 9: step 4 stands where step 3 is due"]),
        (
            changed('n="1"', 'n="0"'),
            ["line 5: '0' is no number", "line 8: step 2 depends on step 1,", "line 9: step 3 depends on step 1,"],
        ),
        (changed('n="2" ', ""), ["line 8: a step has no number", "line 9: step 3 depends on step 2,"]),
        (changed('depends="1"', 'depends="2"'), ["line 8: step 2 depends on itself"]),
        (changed('depends="1"', 'depends="7"'), ["line 8: step 2 depends on step 7, which does not exist"]),
        (changed('depends="1"', 'depends="one"'), ["line 8: step 2 depends on 'one', which is no number of a step"]),
        (changed('depends="1"', 'depends="3"'), ["line 8: steps wait for each other: 2 -> 3 -> 2"]),
        (
            changed("output", 'when="now" output'),
            ["line 5: step 1 has an unknown attribute when; it may have n, output, depends"],
        ),
        (changed("<goal>", '<goal lang="en">'), ["line 2: <goal> has an unknown attribute lang; it has none"]),
        (changed("Production is left alone", ""), ["line 11: <constraint> is empty"]),
        (changed("<constraint>Production is left alone</constraint>", ""), ["line 11: <constraints> is empty"]),
        (changed("<plan>", '<plan xmlns="urn:x">'), ["line 1: the outermost element is <plan> of the namespace urn:x"]),
        (GOOD.replace("plan>", "plot>"), ["line 1: the outermost element is <plot>; it must be <plan>"]),
        ("<plan/>", [f"line 1: <{name}> is missing" for name in ("constraints", "goal", "steps", "success")]),
    ],
    ids=count(),
)
def test_faults_in_words(xml, expected):
    found = faults(xml)
    assert len(found) == len(expected), found
    for fault, beginning in zip(found, expected, strict=True):
        assert fault.startswith(beginning)


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("", "line 1: this is no plan: it must begin with <plan>"),
        ("# a plan\n", "line 1: this is no plan: it must begin with <plan>"),
        (changed("</goal>", ""), "line 16: <goal> of line 2 is closed by </plan>"),
        (changed("</plan>", ""), "<plan> of line 1 is never closed"),
        (GOOD + "<plan/>", "line 17: there is something after </plan>"),
        (changed("Mend it", "a & b"), "line 8: a & that stands alone; in text write &amp;"),
        (changed("Mend it", "a &b; c"), "line 8: &b; is unknown"),
        (changed("Mend it", "a < b"), "line 8: a < that begins no tag"),
        (changed('"a patch"', "patch"), "line 8: the value of an attribute must stand in quotes"),
        (changed('n="2"', 'n="2" n="2"'), "line 8: the attribute n stands twice"),
        (changed('n="2"', "n"), "line 8: the attribute n has no value"),
        (changed("a patch", "a < b"), "line 8: a < in the value of an attribute"),
        (changed("<goal>", "<!-- a -- b --><goal>"), "line 2: a comment cannot hold two hyphens in a row"),
        (changed("Mend it", "\x01"), "line 8: a character that XML cannot hold"),
        (changed("Mend it", "&#0;"), "line 8: a character that XML cannot hold"),
        ("\n" + '<?xml version="1.0"?>' + GOOD, "line 2: <?xml ...?> must be the very first thing"),
        (changed("<goal>", "<x:goal>", 1), "line 2: "),
        (changed("Mend it", "]]>"), "line 8: ]]> cannot stand in text"),
        (changed("]]>", ""), "a CDATA section is not finished"),
        ('<?xml version="1.0" encoding="latin-1"?>' + GOOD, "line 1: a plan is UTF-8, and this one says it is latin-1"),
        (GOOD.encode("utf-16"), "line 1: this is not UTF-8 text"),
        (changed("Mend it", "M\u00fcnd it").encode("latin-1"), "line 8: this is not UTF-8 text"),
        (changed("Mend it", "\ud800"), "line 8: a character that is no Unicode"),
    ],
    ids=count(),
)
def test_broken_xml_in_words(xml, expected):
    found = faults(xml)
    assert any(expected in fault for fault in found), found
    with pytest.raises(BadData):
        plans.parse(xml)


def test_all_faults_come_at_once_sorted_and_once():
    xml = changed("Mend it", "").replace("The script deploys", "").replace('depends="1, 2"', 'depends="9 9"')
    assert [fault.line for fault in plans.check(xml)] == [2, 8, 9]
    with pytest.raises(BadData) as refused:
        plans.parse(xml)
    assert refused.value.message.splitlines() == [
        "the plan has 3 faults:",
        "  line 2: <goal> is empty",
        "  line 8: step 2 is empty",
        "  line 9: step 3 depends on step 9, which does not exist",
    ]


def test_a_message_lists_so_many_faults():
    with pytest.raises(BadData) as refused:
        plans.parse("<plan>" + "<x/>\n" * 5000 + "</plan>")
    assert refused.value.message.endswith("and 4,904 more")


ENTITIES = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
BOMB = f"<!DOCTYPE plan [<!ENTITY a0 'ha'>{ENTITIES}]>\n" + changed("Mend it", "&a11;")


@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        "<!-- <!-- -->  <?x?>\n" + BOMB,
        '<?xml version="1.0"?>\n<!DOCTYPE plan [<!ENTITY % d SYSTEM "http://127.0.0.1:1/d"> %d;]>\n' + GOOD,
        "<!DOCTYPE plan SYSTEM 'plan.dtd'>" + GOOD,
    ],
)
def test_a_document_type_is_refused_before_anything_is_read(xml):
    assert [fault.message for fault in plans.check(xml)] == ["a plan cannot have a DOCTYPE"]


def test_the_parser_itself_expands_no_entity_and_reads_no_file(tmp_path, monkeypatch):
    """The second line of defence, should a document type ever come past the first."""
    monkeypatch.setattr(xml, "_PROLOG", re.compile("never"))
    secret = tmp_path / "secret"
    secret.write_text("do not read me")
    external = f"<!DOCTYPE plan [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>" + changed("Mend it", "&x;")
    root, _ = xml.read(external)
    assert root is None or "do not read me" not in etree.tostring(root, encoding="unicode", with_tail=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    root, _ = xml.read(BOMB)
    assert root is None or len(etree.tostring(root)) < 10 * len(BOMB)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_what_looks_like_a_document_type_inside_text_is_text():
    assert faults(changed("Mend it", "<![CDATA[M <!DOCTYPE html>]]>")) == []


def test_a_prolog_of_many_comments_is_read_in_a_straight_line():
    assert faults("<!-- -->" * 100_000 + "<")


@pytest.mark.parametrize("xml", ["<a>" * 3_500_000, GOOD + " " * 1_100_000, b"\xff" * 1_100_000, "\u2602" * 400_000])
def test_too_much_is_not_read(xml):
    assert faults(xml) == ["line 1: a plan has at most 1024 KiB"]


def test_deep_nesting_within_the_limit():
    assert "nested too deeply" in faults("<plan>" + "<a>" * 340_000)[0]


def test_twenty_thousand_steps_that_wait_for_each_other():
    steps = "".join(f'<step n="{n}" output="o" depends="{n % 20_000 + 1}">x</step>' for n in range(1, 20_001))
    [fault] = plans.check(GOOD[: GOOD.index("<steps>") + 7] + steps + GOOD[GOOD.index("</steps>") :])
    assert fault.message.startswith("steps wait for each other: 1 -> 2 -> 3")
    assert fault.message.endswith("10 -> ... -> 20000 -> 1")


def schema():
    return etree.XMLSchema(etree.fromstring((folder("templates") / "plan.xsd").read_bytes()))


word = st.sampled_from(["", " ", "x", "1", "2", "3", "1 2", "2,1", "0", "9"])
step = st.builds(
    lambda n, output, depends, text: f'<step n="{n}" output="{output}" depends="{depends}">{text}</step>',
    word, word, word, word,
)  # fmt: skip
part = st.sampled_from(
    (
        "<goal>g</goal>",
        "<goal/>",
        "<context/>",
        "<constraints><constraint>c</constraint></constraints>",
        "loose",
        "<success><criterion>s</criterion></success>",
        "<success/>",
        "<plan/>",
        '<goal x="y">g</goal>',
    )
)
steps = st.lists(step, max_size=3).map(lambda each: f"<steps>{''.join(each)}</steps>")


@given(st.lists(part | steps, max_size=6).map(lambda each: f"<plan>{''.join(each)}</plan>"))
def test_whatever_the_rules_let_through_the_schema_lets_through(xml):
    tree = etree.fromstring(xml)
    if not list(rules.faults(tree)):
        assert schema().validate(tree)
    elif not schema().validate(tree):
        assert plans.check(xml)


def test_the_schema_has_the_last_word(monkeypatch):
    monkeypatch.setattr(rules, "faults", lambda plan: [])
    [fault, *_] = plans.check("<plan>\n<goal>x</goal></plan>")
    assert fault.message.startswith("not as the schema wants it")


@given(st.text() | st.binary() | st.text("<>/&;!?-[]\"'= \nplanstepgoalDOCTYPEENTITY", max_size=80))
def test_any_text_is_a_plan_or_bad_data(anything):
    with suppress(BadData):
        plans.parse(anything)


@given(st.text("<>/&;!?-[]\"'= \nabc", max_size=12), st.integers(0, len(GOOD)), st.integers(0, 12))
def test_a_damaged_plan_is_a_plan_or_bad_data(noise, place, cut):
    damaged = GOOD[:place] + noise + GOOD[place + cut :]
    if plans.check(damaged):
        with pytest.raises(BadData, match=r"line \d+: "):
            plans.parse(damaged)
    else:
        assert plans.parse(damaged).steps


def test_digest():
    assert plans.digest("<plan/>ü") == hashlib.sha256("<plan/>ü".encode()).hexdigest()


def test_text_of_a_file():
    assert plans.text(b"\xef\xbb\xbf<plan/>") == "<plan/>"
    with pytest.raises(BadData, match="UTF-8"):
        plans.text(b"\xff")


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe", "not UTF-8"), (b" " * 2_000_000, "at most 1024 KiB")])
def test_a_file_that_is_no_plan_from_the_command_line(nightctl, tmp_path, content, words):
    nightctl("add", "Think", "--kind", "agent-job")
    (tmp_path / "plan.xml").write_bytes(content)
    for command in (("plan", "1", "--from"), ("add", "Again", "--kind", "agent-job", "--plan")):
        said = nightctl(*command, str(tmp_path / "plan.xml"))
        assert said.code == 7
        assert words in said.err


def test_a_plan_from_the_command_line_is_kept_without_its_byte_order_mark(nightctl, workspace, tmp_path):
    nightctl("add", "Think", "--kind", "agent-job")
    (tmp_path / "plan.xml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert nightctl("plan", "1", "--from", str(tmp_path / "plan.xml")).code == 0
    assert queries.plan(workspace, "1").xml == GOOD


def test_the_template_is_a_plan_to_be_filled_in():
    xml = plans.template(item(title='Mend <b> & "c" {context} \x1b[0m', context="-- ]]> {title}"))
    found = faults(xml)
    assert all("empty" in fault or "output" in fault for fault in found)
    filled = re.sub(r'output=""', 'output="o"', xml)
    filled = re.sub(r"(<(step|constraint|criterion)\b[^>]*>)(</)", r"\1x\3", filled)
    plan = plans.parse(filled)
    assert plan.goal == 'Mend <b> & "c" {context} \ufffd[0m'
    assert plan.context == "-- ]]> {title}"


def test_the_prompt_shows_a_plan_that_is_valid():
    prompt = (folder("templates") / "plan_prompt.md").read_text()
    assert faults(re.search(r"```\n(<plan>.*</plan>)", prompt, re.DOTALL)[1]) == []


class Model:
    """Answers in turn, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, settings, system, prompt, max_tokens):
        self.asked.append(prompt)
        return self.answers.pop(0)


def test_a_generated_plan(monkeypatch):
    model = Model(f"Here it is:\n```xml\n{GOOD}```\nGood luck!")
    monkeypatch.setattr(llm, "ask", model)
    assert plans.generate(LlmSettings(), item(context="It broke")) == GOOD
    assert model.asked == ["The work item T-042:\n\nFix it\n\nIt broke"]


def test_a_generated_plan_with_faults_is_given_back_once(monkeypatch):
    bad = changed('depends="1"', 'depends="2"')
    model = Model(bad, GOOD)
    monkeypatch.setattr(llm, "ask", model)
    assert plans.generate(LlmSettings(), item()) == GOOD
    assert "- line 8: step 2 depends on itself" in model.asked[1]
    assert bad.strip() in model.asked[1]


def test_a_model_that_cannot(monkeypatch):
    monkeypatch.setattr(llm, "ask", Model("I would rather not.", "<plan></plan>"))
    with pytest.raises(BadData, match="<goal> is missing") as refused:
        plans.generate(LlmSettings(), item())
    assert "--from FILE" in refused.value.hint


def test_the_xml_library_is_loaded_when_a_plan_is_read_and_not_before():
    code = "import sys, halo_engine.tasks.planning.plans; print('lxml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "False\n"


def test_a_dry_run_asks_no_model(nightctl, monkeypatch):
    nightctl("add", "dig", "--kind", "agent-job")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setattr(plans, "generate", lambda *_: pytest.fail("asked"))
    assert nightctl("plan", "1", "--dry-run").out == "would ask claude-sonnet-5-5 for a plan for T-001\n"
    assert nightctl("show", "1", "--json").data["state"] == "open"
