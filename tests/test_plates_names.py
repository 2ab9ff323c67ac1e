"""Names of plates last: through a second look, through assets that come and go, whatever the order."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.plates.grouping import named

ASSETS = [f"a{index:02}" for index in range(12)]
HASHES = {name: hashlib.sha256(name.encode()).hexdigest() for name in ASSETS}


def first(*names: str) -> str:
    return f"p-{min(HASHES[name] for name in names)[:12]}"


def of(*groups: str) -> list[frozenset[str]]:
    return [frozenset(f"a{int(number):02}" for number in group.split()) for group in groups]


@pytest.mark.parametrize(
    ("groups", "before", "expected"),
    [
        (of("0 1"), {}, {"a00": first("a00", "a01"), "a01": first("a00", "a01")}),
        (of("0 1 2"), {"a00": "p-old", "a01": "p-old"}, dict.fromkeys(("a00", "a01", "a02"), "p-old")),
        (of("0 1 2"), {"a00": "p-y", "a01": "p-x", "a02": "p-x"}, dict.fromkeys(("a00", "a01", "a02"), "p-x")),
        (of("0 1"), {"a00": "p-y", "a01": "p-x"}, dict.fromkeys(("a00", "a01"), "p-x")),
        (
            of("0 1 2", "3 4"),
            dict.fromkeys(ASSETS[:5], "p-old"),
            dict.fromkeys(("a00", "a01", "a02"), "p-old") | dict.fromkeys(("a03", "a04"), first("a03", "a04")),
        ),
        (of(), {"a00": "p-old"}, {}),
    ],
    ids=["new", "joined", "most", "tie", "split", "none"],
)
def test_names(groups, before, expected):
    assert named(groups, HASHES, before) == expected


@st.composite
def groupings(draw) -> list[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for name in ASSETS:
        groups.setdefault(draw(st.integers(0, 7)), set()).add(name)
    return [frozenset(group) for group in groups.values() if len(group) > 1]


names_before = st.dictionaries(st.sampled_from(ASSETS), st.sampled_from(["p-u", "p-v", "p-w", first(*ASSETS)]))


@given(groupings(), names_before)
def test_a_group_has_one_name_and_no_two_groups_share_one(groups, before):
    given_ = named(groups, HASHES, before)
    assert given_.keys() == {name for group in groups for name in group}
    assert len({frozenset(given_[name] for name in group) for group in groups}) == len(groups)
    assert all(len({given_[name] for name in group}) == 1 for group in groups)


@given(groupings(), names_before)
def test_a_second_look_changes_no_name(groups, before):
    given_ = named(groups, HASHES, before)
    assert named(groups[::-1], HASHES, given_) == given_


@given(groupings(), st.sampled_from(ASSETS))
def test_a_group_that_loses_or_gains_one_keeps_its_name(groups, moved):
    given_ = named(groups, HASHES, {})
    for group in groups:
        if len(group - {moved}) > 1:
            left = named([group - {moved}], HASHES, given_)
            assert set(left.values()) == {given_[min(group)]}
            grown = named([group | {"new"}], HASHES | {"new": "0" * 64}, given_)
            assert set(grown.values()) == {given_[min(group)]}


@given(groupings(), groupings(), st.randoms())
def test_order_does_not_matter(earlier, groups, random):
    before = named(earlier, HASHES, {})
    shuffled = random.sample(groups, len(groups))
    assert named(groups, HASHES, before) == named(shuffled, HASHES, dict(reversed(before.items())))


def test_copies_of_one_file_in_two_groups_get_different_names():
    copies = dict.fromkeys(ASSETS, "f" * 64)
    given_ = named(of("0 1", "2 3", "4 5", "6 7"), copies, {})
    assert len(set(given_.values())) == 4
