"""What has no value is neither a pass nor a finding: it is counted and said, and a rule that sees nothing is loud."""

import pytest
from audit_runs import Light, audited, fake_stages, found, run_of

from artvision.audit.finding import Severity
from artvision.errors import UsageError
from artvision.pipeline import extract
from artvision.rows import open_rows
from artvision.settings import Settings

SCRIPT = '[[rule]]\nid = "r"\nrequire = "text.script = \'latin\'"\n'


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One picture in order, one in violation, one without a value, one on which the stage failed."""
    with fake_stages():
        pictures = {
            "a.png": {"say": {"script": "latin"}},
            "b.png": {"say": {"script": "cyrillic"}},
            "c.png": {},
            "d.png": {"say": {"broken": True, "script": "latin"}},
        }
        yield run_of(tmp_path_factory.mktemp("mixed"), pictures)


def test_a_missing_value_is_neither_pass_nor_finding(mixed):
    result = audited(mixed, SCRIPT)
    assert found(result) == [("r", "b.png")]
    assert result.rules[0].judged == 3
    assert result.rules[0].unjudged == {"text.script does not apply": 1}
    assert result.remarks == ("rule r was not judged in 1 case: text.script does not apply",)
    assert not result.blind


def test_a_stage_that_failed_is_the_reason(mixed):
    result = audited(
        mixed, '[[rule]]\nid = "r"\nrequire = "light.brightness > 1"\n[[rule]]\nid = "f"\nkind = "cut-off-faces"'
    )
    assert [rule.unjudged for rule in result.rules] == [{"light.brightness failed": 1}, {"faces failed": 1}]


def test_faces_that_do_not_apply_to_a_drawing_are_no_faces_in_order(tmp_path):
    pictures = {"drawn.png": {"say": {"faces": None}}, "empty.png": {"say": {"faces": ()}}}
    with fake_stages():
        result = audited(run_of(tmp_path, pictures), '[[rule]]\nid = "f"\nkind = "cut-off-faces"')
    assert result.rules[0].judged == 1
    assert result.rules[0].unjudged == {"faces does not apply": 1}


def test_an_answer_that_does_not_need_the_missing_value_counts(mixed):
    assert found(audited(mixed, '[[rule]]\nid = "r"\nrequire = "text.script = \'latin\' or width > 0"')) == []
    assert len(found(audited(mixed, '[[rule]]\nid = "r"\nrequire = "text.script = \'latin\' and width < 0"'))) == 4


def test_pass_says_nothing_and_fail_makes_findings(mixed):
    quiet = audited(mixed, SCRIPT + 'unjudged = "pass"')
    assert (found(quiet), quiet.remarks) == ([("r", "b.png")], ())
    strict = audited(mixed, 'unjudged = "fail"\n' + SCRIPT + 'severity = "warning"')
    assert found(strict) == [("r", "b.png"), ("r", "c.png")]
    assert strict.open[1].finding.message == "not judged: text.script does not apply"
    assert strict.open[1].finding.severity is Severity.WARNING


def test_whether_a_rule_applies_can_be_open_too(mixed):
    result = audited(mixed, '[[rule]]\nid = "r"\nwhen = "text.script = \'latin\'"\nrequire = "width < 0"')
    assert found(result) == [("r", "a.png"), ("r", "d.png")]
    assert result.rules[0].unjudged == {"text.script does not apply": 1}


def test_a_rule_that_applies_to_nothing_is_not_blind(mixed):
    result = audited(mixed, '[[rule]]\nid = "r"\nwhen = "width < 0"\nrequire = "text.script = \'latin\'"')
    assert (result.rules[0].judged, result.blind, result.remarks) == (0, (), ())


def test_a_stage_that_was_not_run_is_loud_and_names_the_way_out(tmp_path):
    with fake_stages():
        run_of(tmp_path / "all", {"a.png": {}})
        extract(tmp_path / "all" / "art" / "catalog.csv", tmp_path / "some", Settings(stages="light"))
        result = audited(open_rows(tmp_path / "some"), SCRIPT)
    assert [rule.rule.id for rule in result.blind] == ["r"]
    assert result.remarks == ("rule r was not judged: text.script was not run; extract with --stages text or all",)
    assert result.sentence.endswith("1 rule not judged")


def test_a_column_that_a_later_stage_brings_is_not_judged(tmp_path):
    with fake_stages(Light):
        rows = run_of(tmp_path, {"a.png": {}, "b.png": {}})
        policy = SCRIPT + '[[rule]]\nid = "g"\nkind = "group-limit"\ngroup = "sensitive"\nmost = 0.5\n'
        policy += '[[rule]]\nid = "n"\nrequire = "len(text.lines) = 0 and textless"'
        result = audited(rows, policy)
    assert found(result) == []
    assert [rule.rule.id for rule in result.blind] == ["r", "g", "n"]
    assert result.remarks[0].startswith("rule r was not judged: there is no column text.script; extract with")


def test_a_policy_may_call_columns_optional(tmp_path):
    with fake_stages(Light):
        rows = run_of(tmp_path, {"a.png": {}})
        rule = '[[rule]]\nid = "r"\nrequire = "own.score > 1 and budget > 2"'
        with pytest.raises(UsageError, match=r"no column own\.score"):
            audited(rows, rule)
        assert len(audited(rows, 'optional = ["own.*", "budget"]\n' + rule).blind) == 1


def test_absent_values_of_a_catalogue_are_not_judged(tmp_path):
    with fake_stages():
        rows = run_of(tmp_path, {"a.png": {"market": "US"}, "b.png": {}})
        result = audited(rows, '[[rule]]\nid = "r"\nrequire = "market = \'US\'"')
    assert result.rules[0].unjudged == {"market has no value": 1}


def test_nobody_recognised_is_not_judged(tmp_path):
    with fake_stages():
        rows = run_of(tmp_path, {"a.png": {}, "b.png": {"say": {"lead": ("Ann Lee", None)}, "cast": ""}})
        result = audited(rows, '[[rule]]\nid = "r"\nkind = "lead-billing"')
    assert result.rules[0].unjudged == {"nobody was recognised": 1, "the catalogue lists no cast": 1}
