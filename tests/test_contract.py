"""The contract: declared fields become slots, blocks and a checksum."""

import json

import pyarrow as pa
import pytest

from artvision.contract import Column, Contract, Declared, Field, Privacy
from artvision.errors import DefinitionError


def make(name="a.b", **changes):
    return Field(**{"name": name, "meaning": "m", "unit": "u", "low": 0, "high": 1, "source": "s"} | changes)


def contract(*fields, columns=()):
    return Contract.of([Declared("stage", "1.0.0", fields, columns)])


@pytest.mark.parametrize(
    "name", ["plain", "A.b", "a.B", "a.b c", "a.b|c", "a.b:c", "a.b.c", "a.", ".b", "1a.b", "a.b\n"]
)
def test_names_are_safe_for_every_consumer(name):
    with pytest.raises(DefinitionError, match="lower snake case"):
        make(name)


@pytest.mark.parametrize(("changes", "text"), [
    ({"low": 2}, "is empty"),
    ({"dtype": "category"}, "labels belong"),
    ({"labels": ("x",)}, "labels belong"),
])  # fmt: skip
def test_a_field_that_contradicts_itself_is_refused(changes, text):
    with pytest.raises(DefinitionError, match=text):
        make(**changes)


def test_a_name_claimed_twice_names_both_stages():
    with pytest.raises(DefinitionError, match=r"'a\.b' is claimed by the stages one and two"):
        Contract.of([Declared("one", "1.0.0", (make(),)), Declared("two", "1.0.0", (make(),))])


def test_a_group_belongs_to_one_stage_so_that_a_later_one_only_appends():
    with pytest.raises(DefinitionError, match=r"'a\.\*' is claimed by the stages one and two"):
        Contract.of([Declared("one", "1.0.0", (make("a.x"),)), Declared("two", "1.1.0", (make("a.y"),))])


def test_the_version_is_that_of_the_latest_stage():
    stages = [Declared("one", "1.10.0", (make("a.x"),)), Declared("two", "1.9.0", (make("b.x"),))]
    assert Contract.of(stages).version == "1.10.0"
    assert Contract.of([*stages, Declared("three", "1.0.0", (make("c.x"),), revised="1.11.0")]).version == "1.11.0"


def test_groups_are_blocks_even_when_their_fields_are_apart():
    found = contract(make("a.one"), make("b.one"), make("a.two"))
    assert [slot for _, slot in found.slots] == ["a.one", "a.two", "b.one"]
    assert found.blocks == {"a": (0, 2), "b": (2, 1)}


def test_a_category_fills_a_slot_a_label():
    found = contract(make("a.kind", dtype="category", labels=("x", "y")), make("a.last"))
    assert [slot for _, slot in found.slots] == ["a.kind.x", "a.kind.y", "a.last"]


def test_json_has_index_width_and_privacy():
    described = contract(make("a.kind", dtype="category", labels=("x", "y")), make("a.last", privacy=Privacy.PERSON),
                         columns=[Column("e", "m", pa.list_(pa.float32(), 4))])  # fmt: skip
    loaded = json.loads(described.to_json())
    assert [(field["index"], field["width"], field["privacy"]) for field in loaded["fields"]] == [
        (0, 2, "none"),
        (2, 1, "person"),
    ]
    assert loaded["columns"][0]["arrow"] == "fixed_size_list<item: float>[4]"
    assert loaded["contract_sha256"] == described.sha256


@pytest.mark.parametrize("changes", [{"unit": "v"}, {"high": 2}, {"fill": 1}, {"meaning": "n"}, {"name": "a.c"}])
def test_the_checksum_sees_every_change(changes):
    assert contract(make()).sha256 != contract(make(**changes)).sha256
    assert contract(make()).sha256 == contract(make()).sha256


def test_order_of_fields_is_part_of_the_contract():
    one, two = make("a.one"), make("a.two")
    assert contract(one, two).sha256 != contract(two, one).sha256
