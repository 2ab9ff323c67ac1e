"""Whatever a catalogue calls its columns, each has a place of its own in the index, and none is lost."""

from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_runs import Crowd, Look, catalogue

from artvision import stages
from artvision.errors import DefinitionError
from artvision.index import make
from artvision.index.layout import nested, places
from artvision.record import CATALOGUE, KEYS, Layout
from artvision.settings import Settings

ODD = ("light", "catalog", "suite.size", "plate.id", "actor_names", "row_sha256", "_rowid", "score", ".x", "x.", "a`b",
       "a.b.c", "a.b_c", "face", "Light", "two words", "catalog.light")  # fmt: skip


@pytest.fixture(autouse=True)
def _small_stages(monkeypatch):
    monkeypatch.setattr(stages, "discover", lambda: stages.arrange([Look, Crowd]))


def test_odd_columns_reach_the_index_with_their_values(tmp_path):
    art = catalogue(tmp_path / "art", {"a": [1, 2]}, {name: f"value of {number}" for number, name in enumerate(ODD)})
    followed, _ = make.make_index(tmp_path / "i", catalog=art)
    cells = [value for value in followed.index.table().to_pylist()[0].values() if str(value).startswith("value of")]
    assert sorted(cells) == sorted(f"value of {number}" for number in range(len(ODD)))
    assert followed.index.nearest(None, where="suite.size = 2 and light.brightness > 0").num_rows == 2


EVERY = stages.create(Settings(model="starter"))[0]


def test_no_stage_takes_the_name_of_a_column_that_every_row_has():
    found = places(Layout(stages.contract_of(EVERY), EVERY, {}).schema.names)
    assert all(found[name] == (name, "") for name in (*KEYS, *CATALOGUE))


def test_a_group_called_like_a_column_of_every_row_is_refused():
    class Clash(Look):
        def fields(self):
            return (replace(super().fields()[0], name="market.share"),)

    clash = Clash(Settings())
    with pytest.raises(DefinitionError, match="'market': rename it"):
        Layout(stages.contract_of([clash]), [clash], {})


@given(st.lists(st.text("ab.`", min_size=1, max_size=5).filter(lambda name: name.strip(".")), unique=True, min_size=1))
def test_no_two_columns_share_a_place(names):
    found = places(names)
    assert len(set(found.values())) == len(names)
    structs = {group for group, member in found.values() if member}
    assert not structs & {group for group, member in found.values() if not member}
    table = nested(pa.table({name: [number] for number, name in enumerate(names)}))
    values = [
        value
        for cell in table.to_pylist()[0].values()
        for value in (cell.values() if isinstance(cell, dict) else [cell])
    ]
    assert sorted(values) == list(range(len(names)))
