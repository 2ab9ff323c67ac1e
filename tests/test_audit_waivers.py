"""Waivers hold through their last day, for what they name and nothing else."""

from datetime import date

import pytest
from audit_runs import audited, fake_stages, found, run_of

from artvision.audit.policy_file import parse

RULE = '[[rule]]\nid = "dark"\nrequire = "light.brightness > 10"\n'
DAY = date(2026, 5, 31)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    dark = {"say": {"brightness": 1.0}}
    with fake_stages():
        yield run_of(
            tmp_path_factory.mktemp("run"), {"noir/a.png": dark, "noir/b.png": dark, "c.png": {**dark, "title_id": "u"}}
        )


def waiver(**keys):
    lines = "".join(f'{name} = "{value}"\n' for name, value in keys.items())
    return f'[[waiver]]\nreason = "meant"\nexpires = 2026-05-31\n{lines}'


def test_a_waiver_holds_on_its_last_day_and_not_after(rows):
    policy = RULE + waiver(rule="dark", asset="*")
    held = audited(rows, policy, today=DAY)
    assert (held.waived, found(held), held.failed) == (3, [], False)
    assert held.sentence == "no findings in 3 assets of 2 titles; 3 waived"
    over = audited(rows, policy, today=date(2026, 6, 1))
    assert over.waived == 0
    assert [rule for rule, _ in found(over)] == ["dark", "dark", "dark", "expired-waiver"]
    assert "ended on 2026-05-31" in over.open[-1].finding.message
    assert over.open[-1].finding.severity == "warning"
    assert over.open[-1].finding.subject.path == "policy.toml"


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        ({"rule": "dark", "asset": "noir/*"}, ["c.png"]),
        ({"rule": "dark", "asset": "noir/a.png"}, ["c.png", "noir/b.png"]),
        ({"rule": "dark", "title": "u"}, ["noir/a.png", "noir/b.png"]),
        ({"rule": "dark", "title": "t", "asset": "*b.png"}, ["c.png", "noir/a.png"]),
        ({"rule": "dark", "asset": "NOIR/*"}, ["c.png", "noir/a.png", "noir/b.png"]),
    ],
)
def test_a_waiver_covers_what_it_names(rows, keys, left):
    assert [key for _, key in found(audited(rows, RULE + waiver(**keys), today=DAY))] == left


def test_a_finding_is_waived_by_its_id(rows):
    one = next(found.finding for found in audited(rows, RULE).open if found.finding.subject.key == "c.png")
    result = audited(rows, RULE + waiver(finding=one.id), today=DAY)
    assert [key for _, key in found(result)] == ["noir/a.png", "noir/b.png"]
    assert result.waived == 1


def test_a_waiver_that_nothing_needs_is_said(rows):
    result = audited(rows, RULE + waiver(finding="0" * 12), today=DAY)
    assert result.remarks == ("the waiver of finding 000000000000 is not needed any more",)


def test_an_expired_waiver_cannot_be_waived_away_by_its_rule(rows):
    policy = RULE + waiver(rule="dark", asset="*").replace("2026", "2020")
    ids = {audited(rows, policy, today=day).open[-1].finding.id for day in (DAY, date(2030, 1, 1))}
    assert len(ids) == 1
    assert parse(policy, "p").waivers[0].words == "rule dark on asset *"
