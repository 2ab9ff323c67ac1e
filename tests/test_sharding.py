"""Shards: all of them are the whole, each input once, and the cut looks at nothing but the asset id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artvision.catalog import Asset
from artvision.errors import UsageError
from artvision.sharding import WHOLE, Shard, shown

IDS = st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=40)


def assets(names):
    return [Asset(name, f"/{name}") for name in names]


@given(names=IDS, of=st.integers(1, 9))
def test_all_shards_together_are_exactly_the_whole(names, of):
    cut = [asset.asset_id for number in range(1, of + 1) for asset in Shard(number, of).cut(assets(names))]
    assert sorted(cut) == sorted(names)


@given(names=IDS, of=st.integers(1, 9), data=st.data())
def test_neither_order_nor_other_inputs_move_an_asset(names, of, data):
    shard = Shard(1, of)
    mixed = data.draw(st.permutations(names))[: len(names) // 2]
    assert {asset.asset_id for asset in shard.cut(assets(mixed))} == {
        asset.asset_id for asset in shard.cut(assets(names))
    } & set(mixed)


@pytest.mark.parametrize(
    ("asset_id", "shard"), [("a.jpg", "3/4"), ("b.jpg", "3/4"), ("ümläut/ä.png", "4/4"), ("s3://x/1.jpg", "2/4")]
)
def test_an_asset_stays_in_the_shard_it_always_was_in(asset_id, shard):
    assert [str(Shard(number, 4)) for number in range(1, 5) if Shard(number, 4).has(asset_id)] == [shard]


def test_shards_of_many_assets_are_of_like_size():
    names = [f"title-{number // 8}/{number}.jpg" for number in range(8000)]
    sizes = [len(Shard(number, 8).cut(assets(names))) for number in range(1, 9)]
    assert max(sizes) < 1.1 * min(sizes)


@pytest.mark.parametrize(
    "text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.0/4", "²/4", "1/99999999999"]
)
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(UsageError, match="is no shard: write 1/4"):
        Shard.parse(text)


def test_a_shard_is_written_as_it_is_read():
    assert str(Shard.parse(" 2/4 ")) == "2/4"
    assert Shard.parse("1/1") == WHOLE


def test_what_is_told_of_a_shard_depends_on_the_whole_and_not_on_its_order():
    one = Shard(2, 3).describe(assets(["a", "b", "c"]))
    assert one == Shard(2, 3).describe(assets(["c", "a", "b"]))
    assert one["inputs_sha256"] != Shard(2, 3).describe(assets(["ab", "c", ""]))["inputs_sha256"]
    assert (shown(one), shown({"numbers": [1, 3], "of": 4})) == ("shard 2/3", "shards 1/4, 3/4")
