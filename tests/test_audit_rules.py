"""Each kind of rule finds what was planted and nothing else; a clean set gives nothing."""

import hashlib
import random
import re
import shutil
from dataclasses import replace

import pytest
from audit_runs import PLANTED, art, audited, fake_stages, found, run_of, written
from canvas_rows import in_canvas

from artvision.audit.judging import audit
from artvision.audit.kinds import kinds
from artvision.audit.policy_file import read_policy
from artvision.pipeline import extract
from artvision.rows import open_rows

POLICY = """
[[rule]]
id = "failed"
kind = "failed-inputs"
[[rule]]
id = "size"
require = "least(width, height) >= 200"
[[rule]]
id = "dark"
severity = "warning"
when = "artwork_type <> 'logo'"
require = "light.brightness between 10 and 90"
message = "L* {light.brightness:.0f}"
[[rule]]
id = "cut"
kind = "cut-off-faces"
[[rule]]
id = "twice"
kind = "duplicate-plates"
[[rule]]
id = "lead"
kind = "lead-billing"
first = 1
[[rule]]
id = "thin"
kind = "suite-coverage"
assets = 2
[[rule]]
id = "textless"
when = "textless = 'yes'"
require = "text.share <= 0.002"
[[rule]]
id = "script"
kind = "script-of-language"
[[rule]]
id = "text-language"
kind = "text-language"
[[rule]]
id = "gore"
kind = "group-limit"
group = "sensitive"
most = 0.9
[[rule]]
id = "tile"
kind = "canvas"
canvas = "tile"
"""
CLEAN = {
    "a.png": {"say": {"lead": ("Ann Lee", 1), "faces": [(0.2, 0.2, 0.5, 0.6)], "canvases": [in_canvas("tile")]}},
    "b.png": {"say": {"brightness": 10.0, "text": 0.4, "script": "latin"}, "textless": "no"},
    "c.png": {"artwork_type": "logo", "say": {"brightness": 0.0}},
    "d.png": {"say": {"script": "cyrillic", "language": "en"}, "language": "ru"},
    "e.png": {"say": {"text": 0.001}, "textless": "yes"},
    "f.png": {"say": {"faces": [(0.0, 0.1, 1.0, 0.9), (0.0, 0.1, 0.1, 0.15)]}},  # a close-up, and somebody far away
}
PLANTS = {
    "size": {"p.png": {"height": 199}},
    "dark": {"p.png": {"say": {"brightness": 9.9}}},
    "cut": {"p.png": {"say": {"faces": [(0.0, 0.2, 0.3, 0.6), (0.4, 0.2, 0.7, 0.6)]}}},
    "twice": {"p.png": {"width": 300, "seed": 300, "say": CLEAN["a.png"]["say"]}},
    "lead": {"p.png": {"say": {"lead": ("Bo Ray", 2)}}},
    "textless": {"p.png": {"say": {"text": 0.003}, "textless": "yes"}},
    "script": {"p.png": {"say": {"script": "cyrillic"}}},
    "text-language": {"p.png": {"say": {"language": "de"}, "language": "pt"}},
    "gore": {"p.png": {"say": {"gore": 0.95}}},
}


def selects(rule):
    """Whether a rule of the policy looks at single assets."""
    kind = re.search(r'kind = "(.+)"', rule)
    return kinds()[kind[1] if kind else "condition"].selects


@pytest.fixture(autouse=True)
def _stages():
    with fake_stages():
        yield


def test_a_clean_set_gives_no_finding(tmp_path):
    result = audited(run_of(tmp_path, CLEAN), POLICY)
    assert found(result) == []
    assert not result.failed
    assert result.sentence == "no findings in 6 assets of 1 title"


@pytest.mark.parametrize("rule", PLANTS)
def test_a_planted_violation_gives_exactly_its_finding(tmp_path, rule):
    result = audited(run_of(tmp_path, CLEAN | PLANTS[rule]), POLICY)
    assert found(result) == [(rule, "p.png")]


def test_a_title_with_too_little_artwork_is_found(tmp_path):
    result = audited(run_of(tmp_path, CLEAN | {"p.png": {"title_id": "lonely"}}), POLICY)
    assert found(result) == [("thin", "lonely")]
    assert result.reported[0].finding.message == "1 of at least 2 assets"


def test_a_title_that_shows_too_little_is_told_what_it_lacks(tmp_path):
    policy = '[[rule]]\nid = "thin"\nkind = "suite-coverage"\ncoverage = 0.9'
    extract(art(tmp_path / "art", {"a.png": {"textless": "yes"}, "b.png": {"textless": "yes"}}), tmp_path / "run")
    result = audited(open_rows(tmp_path / "run"), policy)
    assert found(result) == [("thin", "t")]
    assert re.match(r"coverage 0\.\d\d, .*; commission next: ", result.open[0].finding.message)


def test_where_plates_are_known_they_decide(tmp_path):
    one = {"plate.id": "one", "say": {"angle": 1.0}}
    rows = run_of(tmp_path, {"a.png": one, "b.png": {**one, "plate.id": "two"}, "c.png": {"plate.id": "one"}})
    result = audited(rows, '[[rule]]\nid = "x"\nkind = "duplicate-plates"')
    assert [(one.finding.subject.key, one.finding.message) for one in result.open] == [
        ("c.png", "repeats a.png: the same plate")
    ]


def test_an_index_is_audited_with_what_it_says_of_suites(tmp_path):
    from artvision.index.make import make_index

    catalog = art(tmp_path / "art", {"a.png": {"say": {"angle": 1}}, "b.png": {"say": {"angle": 1}}, "c.png": {}})
    make_index(tmp_path / "index", catalog=catalog)
    policy = '[[rule]]\nid = "novel"\nrequire = "suite.redundancy < 0.99 and light.brightness > 1"'
    assert found(audited(open_rows(tmp_path / "index"), policy)) == [("novel", "a.png"), ("novel", "b.png")]
    assert audited(open_rows(tmp_path / "index" / "run"), policy).rules[0].way.startswith("audit an index")


def test_pictures_that_failed_are_found_however_they_failed(tmp_path):
    catalog = art(tmp_path / "art", CLEAN | {"p.png": {"say": {"broken": True}}, "q.png": {}})
    (tmp_path / "art" / "q.png").write_bytes(b"no picture")
    extract(catalog, tmp_path / "run")
    result = audited(open_rows(tmp_path / "run"), POLICY.split('[[rule]]\nid = "size"', maxsplit=1)[0])
    assert found(result) == [("failed", "p.png"), ("failed", "q.png")]
    assert all(str(tmp_path) not in one.finding.message for one in result.reported)


@pytest.mark.parametrize("rule", [rule for rule in POLICY.split("[[rule]]") if rule.strip() and selects(rule)])
def test_a_rule_that_chooses_no_asset_judges_none_but_of_titles_what_they_lack(tmp_path, rule):
    body = "".join(line + "\n" for line in rule.splitlines() if not line.startswith("when"))
    result = audited(run_of(tmp_path, CLEAN), f'[[rule]]{body}when = "width < 0"')
    lacking = [("tile", "t")] if 'kind = "canvas"' in rule else []
    assert found(result) == lacking
    assert result.rules[0].judged == len(lacking)


def test_a_run_without_a_row_is_audited_for_its_failures(tmp_path):
    catalog = art(tmp_path / "art", {"a.png": {}})
    (tmp_path / "art" / "a.png").write_bytes(b"no picture")
    extract(catalog, tmp_path / "run")
    assert found(audited(open_rows(tmp_path / "run"), POLICY)) == [("failed", "a.png")]


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_a_planted_violation(kind):
    assert f'kind = "{kind}"' in POLICY or kind == "condition"


def test_of_three_alike_two_are_found_and_laid_to_the_first(tmp_path):
    same = {"width": 300, "seed": 1}
    rows = run_of(tmp_path, {"c.png": same, "a.png": same, "b.png": same})
    result = audited(rows, '[[rule]]\nid = "twice"\nkind = "duplicate-plates"')
    pairs = [(one.finding.subject.key, one.finding.detail) for one in result.open]
    assert pairs == [("b.png", "a.png"), ("c.png", "a.png")]
    assert found(audited(rows, '[[rule]]\nid = "twice"\nkind = "duplicate-plates"\nmost = 2')) == [("twice", "c.png")]


def test_the_same_plate_for_another_market_is_no_duplicate(tmp_path):
    rows = run_of(tmp_path, {"a.png": {"width": 300, "market": "US"}, "b.png": {"width": 300, "market": "FR"}})
    assert found(audited(rows, '[[rule]]\nid = "twice"\nkind = "duplicate-plates"')) == []
    loose = '[[rule]]\nid = "twice"\nkind = "duplicate-plates"\nsame = ["artwork_type"]'
    assert found(audited(rows, loose)) == [("twice", "b.png")]


def test_without_plates_likeness_of_embeddings_decides_and_it_is_said(tmp_path):
    alike = {"say": {"angle": 1.0}}
    rows = run_of(tmp_path, {"a.png": alike, "b.png": alike})
    result = audited(rows, '[[rule]]\nid = "x"\nkind = "duplicate-plates"')
    assert "cosine 1.00, plates are not known here" in result.open[0].finding.message


def test_a_face_at_the_edge_of_a_bar_is_cut_off(tmp_path):
    face = (0.1, 0.2, 0.4, 0.6)
    rows = run_of(tmp_path, {"a.png": {"say": {"faces": [face], "bar": 0.1}}, "b.png": {"say": {"faces": [face]}}})
    assert found(audited(rows, '[[rule]]\nid = "cut"\nkind = "cut-off-faces"')) == [("cut", "a.png")]


def test_sides_that_do_not_count_are_not_looked_at(tmp_path):
    rows = run_of(tmp_path, {"a.png": {"say": {"faces": [(0.3, 0.6, 0.5, 1.0)]}}})
    assert found(audited(rows, '[[rule]]\nid = "cut"\nkind = "cut-off-faces"')) == [("cut", "a.png")]
    assert found(audited(rows, '[[rule]]\nid = "cut"\nkind = "cut-off-faces"\nsides = ["top"]')) == []


TEXT_LANGUAGE = '[[rule]]\nid = "l"\nkind = "text-language"'


@pytest.mark.parametrize(
    ("script", "language", "wrong"),
    [
        ("cyrillic", "en-US", True), ("cyrillic", "sr", False), ("cyrillic", "sr-Latn", True), ("latin", "ja", False),
        ("cyrillic", "jpn", True), ("cyrillic", "pt_BR", True),
    ],
)  # fmt: skip
def test_the_script_is_held_against_the_language(tmp_path, script, language, wrong):
    rows = run_of(tmp_path, {"a.png": {"say": {"script": script}, "language": language}})
    assert bool(found(audited(rows, '[[rule]]\nid = "s"\nkind = "script-of-language"'))) is wrong


@pytest.mark.parametrize(
    ("text", "language", "wrong"),
    [
        ("de", "de-AT", False), ("de", "fr", True), ("en", "fr", False), ("nb", "da", False), ("nb", "nn-NO", False),
        ("pt", "pt_BR", False), ("pt", "es", True), ("zh", "zh-Hant-TW", False), ("zh", "ja", True),
        ("pt", "ru", True), ("de", "ko", True),
    ],
)  # fmt: skip
def test_the_language_of_the_text_is_held_against_the_catalogue(tmp_path, text, language, wrong):
    rows = run_of(tmp_path, {"a.png": {"say": {"language": text}, "language": language}})
    (said,) = found(audited(rows, TEXT_LANGUAGE)) or [None]
    assert said == (("l", "a.png") if wrong else None)


@pytest.mark.parametrize(
    ("text", "language"),
    [("de", "not a language"), (None, "de"), ("de", "und"), ("de", "mul"), ("pt", "ca"), ("de", "lb"), ("zh", "yue")],
)
def test_a_language_that_is_not_told_is_not_judged(tmp_path, text, language):
    say = {"language": text} if text else {}
    result = audited(run_of(tmp_path, {"a.png": {"say": say, "language": language}}), TEXT_LANGUAGE)
    assert found(result) == []
    assert result.blind


def test_languages_that_are_always_in_order_are_the_policys(tmp_path):
    rows = run_of(tmp_path, {"a.png": {"say": {"language": "en"}, "language": "fr"}})
    assert found(audited(rows, TEXT_LANGUAGE + "\nalways = []")) == [("l", "a.png")]


@pytest.mark.parametrize(("script", "language"), [("runes", "en"), ("latin", "not a language"), ("latin", "qqx")])
def test_of_what_the_table_does_not_know_nothing_is_said(tmp_path, script, language):
    rows = run_of(tmp_path, {"a.png": {"say": {"script": script}, "language": language}})
    result = audited(rows, '[[rule]]\nid = "s"\nkind = "script-of-language"')
    assert found(result) == []
    assert result.blind


def test_ids_outlive_a_rerun_another_order_and_a_moved_folder(tmp_path):
    pictures = CLEAN | {f"p{rule}.png": next(iter(plant.values())) for rule, plant in PLANTS.items() if rule != "twice"}
    first = audited(run_of(tmp_path / "one", pictures), POLICY)
    names = list(pictures)
    random.Random(1).shuffle(names)
    shutil.move(tmp_path / "one" / "art", tmp_path / "moved")
    rows = (tmp_path / "moved" / "catalog.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "moved" / "catalog.csv").write_text("\n".join([rows[0], *reversed(rows[1:])]) + "\n", encoding="utf-8")
    extract(tmp_path / "moved" / "catalog.csv", tmp_path / "two")
    second = audited(open_rows(tmp_path / "two"), POLICY)
    assert len(first.open) == len(PLANTS) - 1
    assert [one.finding.id for one in first.open] == [one.finding.id for one in second.open]
    assert len({one.finding.id for one in first.open}) == len(first.open)


def test_a_title_is_found_at_its_first_asset_whatever_the_order_of_rows(tmp_path):
    rows = run_of(tmp_path, {"b.png": {}, "a.png": {}, "c.png": {}})
    result = audited(rows, '[[rule]]\nid = "thin"\nkind = "suite-coverage"\nassets = 9')
    assert result.open[0].finding.subject.path.endswith("a.png")


def test_an_id_is_of_rule_subject_and_partner_and_not_of_values(tmp_path):
    rows = [run_of(tmp_path / str(dark), {"a.png": {"say": {"brightness": dark}}}) for dark in (1.0, 2.0)]
    ids = [audited(one, POLICY).open[0].finding.id for one in rows]
    assert ids[0] == ids[1] == hashlib.sha256(b'["dark", "asset", "a.png", ""]').hexdigest()[:12]


def test_the_bundled_policy_fits_a_run_of_all_stages_and_finds_nothing_in_clean_art(tmp_path):
    PLANTED.clear()
    rows = run_of(tmp_path, {"a.png": {}, "b.png": {"say": {"text": 0.5}}}, artwork_type="still")
    policy = read_policy()
    fits = tuple(rule for rule in policy.rules if rule.id != "blank")  # the fake stages measure no contrast
    assert found(audit(rows, replace(policy, rules=fits))) == []


def test_hero_art_must_be_textless_whatever_the_catalogue_says(tmp_path):
    rows = run_of(tmp_path, {"a.png": {"say": {"text": 0.1}, "artwork_type": "Hero"}, "b.png": {"say": {"text": 0.1}}})
    policy = read_policy()
    result = audit(rows, replace(policy, rules=tuple(rule for rule in policy.rules if rule.id == "textless")))
    assert found(result) == [("textless", "a.png")]
    assert "text on 10.0% of a picture" in result.open[0].finding.message


def test_titles_without_an_id_are_told(tmp_path):
    written(tmp_path / "x.csv", [{"a": "1"}])
    extract(art(tmp_path / "art", {"a.png": {}}).parent / "a.png", tmp_path / "run")
    result = audited(open_rows(tmp_path / "run"), '[[rule]]\nid = "twice"\nkind = "duplicate-plates"')
    assert result.rules[0].unjudged == {"title_id has no value": 1}
