"""A policy that is wrong says what, where and what was meant; a condition is one expression over one row."""

import re

import pytest
from audit_runs import audited, fake_stages, run_of

from artvision.audit.expression import connect
from artvision.audit.expression import parse as parse_condition
from artvision.audit.finding import Severity
from artvision.audit.policy import Unjudged
from artvision.audit.policy_file import bundled_text, parse, read_policy
from artvision.errors import UsageError

RULE = '[[rule]]\nid = "r"\n'


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    with fake_stages():
        yield run_of(tmp_path_factory.mktemp("run"), {"a.png": {}, "b.png": {"say": {"faces": [(0.1, 0.1, 0.4, 0.4)]}}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fail_on = 'eror'", "p.toml: fail_on must be one of note, warning, error, not 'eror'"),
        ("fail_onn = 'error'", "p.toml: there is no key 'fail_onn'; did you mean fail_on?"),
        ("rule = 3", "p.toml: rule must be tables: write [[rule]]"),
        ("x = ", "p.toml is not TOML"),
        ("[[rule]]\nid = 'r'", "p.toml: rule r: the key 'require' is missing"),
        ("[[rule]]\nrequire = 'true'", "p.toml: rule 1: the key 'id' is missing"),
        ("[[rule]]\nid = 'R 1'\nrequire = 'true'", "the id 'R 1' must be lower case"),
        (RULE + "requir = 'true'", "p.toml: rule r: there is no key 'requir'; did you mean require?"),
        (RULE + "kind = 'conditon'", "there is no kind 'conditon'; did you mean condition?"),
        (RULE + "kind = ['x']", "there is no kind"),
        (RULE + "require = 'true'\nseverity = 'fatal'", "severity must be one of"),
        (RULE + "require = 3", "require must be a text, not 3"),
        (RULE + "require = ''", "require must not be empty"),
        (RULE + "kind = 'cut-off-faces'\nmargin = 2", "margin must lie between 0 and 0.5, and 2 does not"),
        (RULE + "kind = 'cut-off-faces'\nmargin = true", "margin must be a number, not True"),
        (RULE + "kind = 'cut-off-faces'\nsides = ['lft']", "sides knows no 'lft'; did you mean left?"),
        (RULE + "kind = 'cut-off-faces'\nsides = [1]", "must be a list of texts, and 1 is none"),
        (RULE + "kind = 'suite-coverage'\nassets = 1\nwhen = 'true'", "does not look at single assets"),
        ((RULE + "require = 'true'\n") * 2, "two rules are called 'r'"),
        ("[[waiver]]\nreason = 'x'\nfinding = '0123456789ab'", "waiver 1: the key 'expires' is missing"),
        ("[[waiver]]\nexpires = 2026-01-01\nfinding = '0123456789ab'", "waiver 1: the key 'reason' is missing"),
        ("[[waiver]]\nreason = ' '\nexpires = 2026-01-01\nfinding = '0123456789ab'", "reason must not be empty"),
        ("[[waiver]]\nreason = 'x'\nexpires = '2026-01-01'\nfinding = '0123456789ab'", "expires must be a date"),
        ("[[waiver]]\nreason = 'x'\nexpires = 2026-01-01T00:00:00\nfinding = '0123456789ab'", "must be a date"),
        ("[[waiver]]\nreason = 'x'\nexpires = 2026-01-01\nfinding = 'x'", "'x' is no id of a finding"),
        ("[[waiver]]\nreason = 'x'\nexpires = 2026-01-01", "name either a finding by its id, or a rule"),
        (RULE + "require='true'\n[[waiver]]\nreason='x'\nexpires=2026-01-01\nrule='r'", "a whole rule is not waived"),
        ("[[waiver]]\nreason='x'\nexpires=2026-01-01\nrule='r'\nasset='*'", "there is no rule 'r'"),
    ],
)
def test_what_is_wrong_in_a_policy_is_named(text, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        parse(text, "p.toml")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("require = 'light.brightnes > 1'", "rule r: require: there is no column light.brightnes; did you mean"),
        ("require = 'true'\nwhen = 'artwork_typ = 1'", "rule r: when: there is no column artwork_typ"),
        ("require = 'true'\nmessage = '{light.bright}'", "rule r: message: there is no column light.bright"),
        ("require = 'true'\nmessage = '{width:99999999}'", "is no form of a value"),
        ("require = 'true'\nmessage = '{width'", "rule r: message '{width'"),
        ("require = 'light.brightness + 1'", "it gives float, and a condition must be true or false"),
        ("require = 'nothing(width) > 1'", "rule r: require: "),
        ("require = 'width > '", "is not understood"),
        ("require = \"artwork_type > 3\"", "rule r: require: "),
        ("kind = 'cut-off-faces'\nmessage = '{side}'", "there is no value 'side'; did you mean sides?"),
        ("kind = 'group-limit'\ngroup = 'sensitiv'\nmost = 1", "there is no column sensitiv.*"),
        ("kind = 'duplicate-plates'\nsame = ['markt']", "there is no column markt; did you mean market"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_fit_the_rows_is_named(rows, rule, said):
    with fake_stages(), pytest.raises(UsageError, match=re.escape(said)):
        audited(rows, RULE + rule)


HIDDEN = "E'\\'') {} (E'\\'' = 'b'"  # to a reader that does not know E'…' the bracket stands inside a text


@pytest.mark.parametrize(
    "text",
    [
        "true; DROP TABLE assets", "true) FROM (VALUES (1)", "true), (true", "1 = 1 -- x", "1 /* x */ = 1",
        "(SELECT count(*) FROM read_text('/etc/hostname')) = 0", "exists (FROM glob('*'))", "width IN (FROM range(9))",
        "row_number() OVER () > 1", "COLUMNS(*) > 1", "width = ?", "width = $1", "* = 1", "width = 'x", "((width > 1)",
        *map(HIDDEN.format, ("FROM range(9) t(x) GROUP BY", ",", "WHERE", "UNION SELECT", "LIMIT", "GROUP BY")),
    ],
)  # fmt: skip
def test_what_is_more_than_a_condition_is_refused(text):
    with pytest.raises(UsageError, match="p: "):
        parse_condition(text, "p")


@pytest.mark.parametrize("text", ["count(*) > 1", "sum(width) > 1", "getenv('HOME') = ''", "read_text('x') = ''"])
def test_what_parses_but_looks_beyond_the_row_is_refused(rows, text):
    with fake_stages(), pytest.raises(UsageError, match="rule r: require: "):
        audited(rows, RULE + f'require = "{text}"')


def test_conditions_reach_no_file_and_cannot_open_the_lock():
    import duckdb

    connection = connect()
    for statement in ("FROM read_text('pyproject.toml')", "SET python_enable_replacements = true",
                      "SET threads = 1", "SET enable_external_access = true", "INSTALL httpfs",
                      "ATTACH 'x.db'", "COPY (SELECT 1) TO 'x.csv'", "FROM rows"):  # fmt: skip
        with pytest.raises(duckdb.Error):
            connection.execute(statement)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("light.brightness > 50 and face.count = 2", [("light", "brightness"), ("face", "count")]),
        ('"light.brightness" > 5 or `width` > 1', [("light", "brightness"), ("width",)]),
        ("array_has(\"cast\", 'a;b -- c')", [("cast",)]),
        ("len(list_filter(faces, lambda face: face.x0 < width)) = 0", [("faces",), ("width",)]),
        ("case when width > 1 then market is null else true end", [("width",), ("market",)]),
    ],
)
def test_the_columns_of_a_condition_are_known(text, paths):
    assert list(parse_condition(text, "p").paths) == paths


def test_a_condition_over_lists_judges_rows(rows):
    with fake_stages():
        result = audited(rows, RULE + 'require = "len(list_filter(faces, lambda face: face.x0 > 0.05)) = 0"')
    assert [one.finding.subject.key for one in result.open] == ["b.png"]


def test_a_message_reaches_nothing_but_values(rows):
    for name in ("width.__class__", "width[0]", "0", ""):
        with fake_stages(), pytest.raises(UsageError, match="there is no column"):
            audited(rows, RULE + f'require = "width < 0"\nmessage = "{{{name}}}"')


def test_the_bundled_policy_is_what_is_printed():
    policy = read_policy()
    assert policy == parse(bundled_text(), "bundled policy")
    assert policy.fail_on is Severity.ERROR
    assert policy.rules[0].unjudged is Unjudged.WARN
    assert all(rule.help for rule in policy.rules)


def test_a_policy_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        read_policy(tmp_path / "bytes.toml")
