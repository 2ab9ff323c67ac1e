"""What changed between two contracts: each change with its level, moves told once, declared or not."""

import json

import pyarrow as pa
import pytest
from contract_runs import contract, field
from hypothesis import given
from hypothesis import strategies as st

from artvision.contract import Column, Contract, Kind, Privacy
from artvision.contracts.change import Level, step
from artvision.contracts.declaring import Declaration
from artvision.contracts.diff import compare, shared_fields
from artvision.settings import Settings
from artvision.stages import contract_of, create

SCALE = {"dtype": "category", "labels": ("close", "long")}
PROBE = pa.list_(pa.float32(), 4)


def told(a, b):
    return [(change.level.value, change.kind, change.field) for change in compare(a, b)]


def declare(a, b, **rules):
    return Declaration(a, b, compare(a, b), **rules)


@pytest.mark.parametrize(("before", "after", "level", "kind"), [
    ({}, {"unit": "L*"}, "major", "re-united"),
    ({}, {"dtype": "int32"}, "major", "dtype"),
    ({}, {"high": 2}, "major", "range"),
    ({}, {"low": -1, "high": 0.5}, "major", "range"),
    ({}, {"high": 0.5}, "minor", "range"),
    ({}, {"fill": 0.5}, "major", "fill"),
    ({}, {"privacy": Privacy.PERSON}, "major", "privacy"),
    ({"privacy": Privacy.PERSON}, {}, "major", "privacy"),
    ({}, {"higher": "less"}, "major", "direction"),
    ({}, {"higher": ""}, "patch", "direction"),
    ({}, {"kind": Kind.DETECTED}, "minor", "kind"),
    ({}, {"tolerance": 0.1}, "minor", "tolerance"),
    ({"tolerance": 0.1}, {}, "patch", "tolerance"),
    ({}, {"calibrated": False}, "major", "calibration"),
    ({"calibrated": False}, {}, "minor", "calibration"),
    ({}, {"evidence": {"auc": 0.8}}, "patch", "evidence"),
    ({}, {"meaning": "other words"}, "patch", "text"),
    ({}, {"source": "somebody else"}, "patch", "text"),
])  # fmt: skip
def test_each_attribute_of_a_field_has_its_level(before, after, level, kind):
    a, b = contract(field(**before), field("a.two")), contract(field(**after), field("a.two"))
    assert told(a, b) == [(level, kind, "a.one")]


@pytest.mark.parametrize(("labels", "level"), [
    (("close", "long", "medium"), "minor"), (("long", "close"), "major"), (("close", "medium"), "major"),
])  # fmt: skip
def test_labels_appended_are_minor_and_any_other_change_of_them_is_major(labels, level):
    a, b = contract(field(**SCALE)), contract(field(**SCALE | {"labels": labels}))
    assert told(a, b) == [(level, "labels", "a.one")]


def test_labels_appended_inside_the_vector_move_what_stands_behind():
    a = contract(field(**SCALE), field("a.two"))
    b = contract(field(**SCALE | {"labels": ("close", "long", "medium")}), field("a.two"))
    assert told(a, b) == [("major", "moved", "a.two"), ("minor", "labels", "a.one")]


def test_a_field_at_the_end_is_an_append():
    assert told(contract(field()), contract(field(), field("a.two"))) == [("minor", "added", "a.two")]


def test_a_field_that_is_gone_is_major():
    a = contract(field(), field("a.two", unit="L*"))
    assert told(a, contract(field())) == [("major", "removed", "a.two")]


@pytest.mark.parametrize("apart", [True, False])
def test_two_columns_swapped_are_two_moves_and_major(apart):
    one, two, between = field("a.one"), field("a.two"), field("a.three")
    a, b = (contract(x, *([between] if apart else []), y) for x, y in ((one, two), (two, one)))
    found = compare(a, b)
    assert {(change.level, change.kind, change.field) for change in found} == {
        (Level.MAJOR, "moved", "a.one"), (Level.MAJOR, "moved", "a.two"),
    }  # fmt: skip
    assert declare(a, b).violations


def test_names_swapped_over_what_they_describe_are_moves_too():
    a = contract(field("a.one", unit="L*"), field("a.two"))
    b = contract(field("a.two", unit="L*"), field("a.one"))
    assert [kind for _, kind, _ in told(a, b)].count("moved") == 2
    assert ("major", "re-united", "a.one") in told(a, b)


def test_a_field_inserted_in_the_middle_moves_eighty_in_one_line():
    many = [field(f"a.f{number}") for number in range(80)]
    found = compare(contract(*many), contract(many[0], field("a.new"), *many[1:]))
    assert [(change.kind, change.field, change.fields) for change in found] == [
        ("moved", "a.f1 … a.f79", 79), ("added", "a.new", 1),
    ]  # fmt: skip
    assert found[0].text == "79 fields 1 slot later: slots 1–79 -> 2–80"
    assert "inside the vector" in found[1].text


@pytest.mark.parametrize("meanings", [("the same", "the same"), ("«one», a score", "«uno», a score")])
def test_a_name_alone_that_differs_is_a_rename(meanings):
    a = contract(field(meaning=meanings[0]), field("a.two", unit="L*"))
    b = contract(field("a.uno", meaning=meanings[1]), field("a.two", unit="L*"))
    assert told(a, b) == [("major", "renamed", "a.one")]
    assert compare(a, b)[0].after == "a.uno"
    assert shared_fields(a, b) == {"a.one": "a.uno", "a.two": "a.two"}


def test_a_group_under_another_name_is_a_rename_of_each_field():
    a, b = (contract(*(field(f"{group}.f{at}", meaning=f"number {at}") for at in range(3))) for group in ("a", "b"))
    assert [change.after for change in compare(a, b)] == ["b.f0", "b.f1", "b.f2"]


def test_a_renamed_field_that_also_moved_is_told_as_both():
    a = contract(field(), field("a.two", unit="L*"))
    b = contract(field("a.two", unit="L*"), field("a.uno", meaning="what a.one says"))
    assert set(told(a, b)) == {
        ("major", "renamed", "a.one"), ("major", "moved", "a.one"), ("major", "moved", "a.two"),
    }  # fmt: skip


def test_another_unit_under_another_name_is_no_rename():
    a, b = contract(field()), contract(field("a.uno", unit="L*", meaning="what a.one says"))
    assert set(told(a, b)) == {("major", "removed", "a.one"), ("minor", "added", "a.uno")}


def test_columns_that_are_gone_retyped_or_new():
    def columns(*given):
        return contract(field(), columns=[Column(name, "a probe", kind) for name, kind in given])

    assert told(columns(("e", PROBE)), columns()) == [("major", "removed", "e")]
    assert told(columns(), columns(("e", PROBE))) == [("minor", "added", "e")]
    assert told(columns(("e", PROBE)), columns(("e", pa.list_(pa.float32(), 5)))) == [("major", "type", "e")]
    assert told(columns(("e", PROBE)), columns(("f", PROBE))) == [("major", "renamed", "e")]


def test_a_field_of_an_index_has_no_slot_and_may_enter_or_leave_the_vector():
    a, b = contract(field(), field("a.two", unit="L*")), contract(field(), field("a.two", unit="L*"))
    for key in ("index", "width"):
        del b["fields"][1][key]
    assert told(a, b) == [("major", "moved", "a.two")]
    assert told(b, a) == [("minor", "moved", "a.two")]


def test_what_a_later_artvision_says_of_a_field_is_seen_though_not_understood():
    a, b = contract(field()), contract(field())
    b["fields"][0]["aspect"] = "any"
    assert told(a, b) == [("minor", "attribute", "a.one")]


def test_a_contract_equals_itself_in_memory_and_read_back():
    made = contract_of(create(Settings(model="starter"))[0])
    assert compare(made.described, json.loads(made.to_json())) == []


@given(st.permutations([f"a.f{number}" for number in range(6)]))
def test_any_other_order_is_major_and_the_same_order_is_nothing(names):
    ordered = sorted(names)
    found = compare(contract(*map(field, ordered)), contract(*map(field, names)))
    assert {change.kind for change in found} == ({"moved"} if names != ordered else set())


@pytest.mark.parametrize(("before", "after", "level"), [
    ("1.0.0", "2.0.0", "major"), ("1.0.9", "1.1.0", "minor"), ("1.9.0", "1.10.0", "minor"), ("1.1.0", "1.1.1", "patch"),
    ("1.1", "1.1.0", "none"), ("2.0.0", "1.9.9", "major"),
])  # fmt: skip
def test_a_step_is_the_first_part_that_differs(before, after, level):
    assert step(before, after) == level


@pytest.mark.parametrize(("after", "version", "passes"), [
    ([field(), field("a.two")], "1.0.0", False),
    ([field(), field("a.two")], "1.0.1", False),
    ([field(), field("a.two")], "1.1.0", True),
    ([field(unit="L*")], "1.1.0", False),
    ([field(unit="L*")], "2.0.0", True),
    ([field(meaning="other words")], "1.0.1", True),
    ([field()], "1.0.0", True),
    ([field()], "2.0.0", True),
])  # fmt: skip
def test_a_change_passes_where_the_version_says_it(after, version, passes):
    assert bool(declare(contract(field()), contract(*after, version=version)).violations) is not passes


def test_a_policy_can_forbid_what_is_declared_and_expect_what_is_not():
    a = contract(field())
    assert declare(a, contract(field(unit="L*"), version="2.0.0"), allowed=Level.MINOR).violations == [
        "a major change, and the policy allows minor"
    ]
    assert not declare(a, contract(field(unit="L*")), expected=Level.MAJOR).violations


def test_one_version_with_another_checksum_is_undeclared_though_nothing_is_found():
    a = contract(field())
    found = declare(a, {**a, "contract_sha256": "0" * 64})
    assert (found.changes, found.needed) == ([], Level.PATCH)
    assert "both are 1.0.0" in found.violations[0]


def test_going_back_to_the_older_contract_is_judged_the_way_it_was_declared():
    old, new = contract(field()), contract(field(), field("a.two"), version="1.1.0")
    back = declare(new, old)
    assert (back.backwards, back.seen, back.needed) == (True, Level.MAJOR, Level.MINOR)
    assert not back.violations
    assert declare(new, old, allowed=Level.MINOR).violations


def test_the_contract_of_this_installation_can_be_described_without_a_stage():
    assert Contract((), (), "1.0.0").described["vector"]["width"] == 0
