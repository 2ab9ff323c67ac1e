"""The matrix of an export: which slots, whose rows, what is filled, and how stored statistics scale it."""

import dataclasses
import json

import numpy as np
import pytest
from export_runs import ODD, make_run
from hypothesis import given
from hypothesis import strategies as st

from artvision.errors import RunError, UsageError
from artvision.export.choice import ALL, EMBEDDING, Choice
from artvision.export.make import write_export
from artvision.export.matrix import read_matrix
from artvision.export.recipe import Fill, MaskPolicy, Recipe, Scale
from artvision.export.scaling import apply
from artvision.export.statistics import Moments, fit, read_corpus, read_statistics, require_same_make, save
from artvision.index.make import make_index
from artvision.rows import open_rows
from artvision.suite.standing import MAX_Z

VECTOR = ["fake.mean", "fake.count", "fake.shape.tall", "fake.shape.wide", "fake.tilt"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def rows(run):
    return open_rows(run.folder)


@pytest.fixture(scope="module")
def fitted(rows):
    matrix, info = read_corpus(rows.place)
    return fit(matrix, "tests", info)


def names(matrix):
    return [slot.name for slot in matrix.slots]


def test_the_whole_vector_is_that_of_the_run(rows):
    matrix = read_matrix(rows, Choice(person=True))
    stored = {row["asset_id"]: row for row in rows.table(["asset_id", "vector", "mask"]).to_pylist()}
    assert names(matrix) == rows.contract["vector"]["slots"]
    for place, asset_id in enumerate(matrix.asset_ids):
        assert matrix.values[place].tolist() == stored[asset_id]["vector"]
        assert matrix.mask[place].tolist() == stored[asset_id]["mask"]


def test_an_index_gives_what_its_run_gives(run, rows, tmp_path):
    pytest.importorskip("lancedb")
    make_index(tmp_path / "index", run=run.folder)
    choice = Choice((ALL, EMBEDDING), person=True)
    found, wanted = read_matrix(open_rows(tmp_path / "index"), choice), read_matrix(rows, choice)
    assert found.slots == wanted.slots
    assert found.asset_ids == wanted.asset_ids
    assert np.array_equal(found.values, wanted.values)
    assert np.array_equal(found.mask, wanted.mask)
    suites = [read_matrix(open_rows(place), Choice(("suite",))) for place in (tmp_path / "index", run.folder)]
    assert np.allclose(suites[0].values, suites[1].values, atol=1e-6)


def test_rows_stand_by_title_and_asset_and_those_without_a_title_last(rows):
    matrix = read_matrix(rows)
    pairs = list(zip(matrix.title_ids, matrix.asset_ids, strict=True))
    assert matrix.title_ids[-1] is None
    assert pairs[:-1] == sorted(pairs[:-1])
    assert {ODD, "t1", "t2"} == set(matrix.title_ids[:-1])


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        (Choice(), VECTOR),
        (Choice(person=True), [*VECTOR, "who.score"]),
        (Choice(("fake",)), VECTOR),
        (Choice((), ("fake.tilt", "fake.mean")), ["fake.mean", "fake.tilt"]),
        (Choice((), ("fake.shape",)), ["fake.shape.tall", "fake.shape.wide"]),
        (Choice((EMBEDDING,)), [f"embedding.{part}" for part in range(4)]),
        (Choice((EMBEDDING,), ("fake.tilt",)), ["fake.tilt", *(f"embedding.{part}" for part in range(4))]),
        (Choice((ALL, EMBEDDING)), [*VECTOR, *(f"embedding.{part}" for part in range(4))]),
        (Choice((), ("who.score",), person=True), ["who.score"]),
        (Choice(("suite",)), ["suite.size", "suite.order", "suite.novelty", "suite.redundancy"]),
    ],
)
def test_what_is_chosen_is_there_in_the_order_of_the_contract(rows, choice, wanted):
    assert names(read_matrix(rows, choice)) == wanted


def test_suites_are_added_to_what_is_chosen(rows):
    matrix = read_matrix(rows, Choice((), ("fake.mean",), suite=True))
    assert list(matrix.blocks) == ["fake", "suite", "rank", "z"]
    sizes = [matrix.title_ids.count(title) for title in matrix.title_ids]
    assert matrix.block("suite")[:-1, 0].tolist() == sizes[:-1]
    assert not matrix.mask[-1, 1:].any(), "who has no title has no suite"


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(("fak",)), "--blocks 'fak' is none of all, fake, who"),
        (Choice((), ("fake.men",)), "did you mean fake.mean"),
        (Choice(("who",)), "--person"),
        (Choice((), ("who.score",)), "--person"),
    ],
)
def test_what_cannot_be_chosen_is_said(rows, choice, said):
    with pytest.raises(UsageError, match=said):
        read_matrix(rows, choice)


def test_no_choice_reaches_biometric_columns(rows):
    assert "templates" in rows.columns
    matrix = read_matrix(rows, Choice((ALL, EMBEDDING), suite=True, person=True))
    assert not [slot for slot in matrix.slots if slot.column == "templates" or slot.privacy == "biometric"]


def test_titles_can_be_chosen_and_none_is_an_error(rows):
    assert set(read_matrix(rows, titles=[ODD]).title_ids) == {ODD}
    with pytest.raises(UsageError, match="has no rows of nowhere"):
        read_matrix(rows, titles=["nowhere"])


def test_scaled_values_have_mean_0_and_deviation_1_over_the_corpus(rows, fitted):
    raw = read_matrix(rows, Choice((ALL, EMBEDDING)))
    found = apply(raw, Recipe(Scale.ZSCORE), fitted)
    for place, slot in enumerate(raw.slots):
        known = found.values[raw.mask[:, place], place]
        if slot.label:
            assert set(known) <= {0.0, 1.0}, "labels stay as they are"
        elif slot.name != "fake.tilt":  # one value only
            assert known.mean() == pytest.approx(0, abs=1e-5)
            assert known.std() == pytest.approx(1, abs=1e-5)
    tilt = raw.slots.index(next(slot for slot in raw.slots if slot.name == "fake.tilt"))
    assert not found.values[:, tilt].any(), "what never varies says nothing"


@given(st.sets(st.sampled_from(["t1", "t2", ODD]), min_size=1))
def test_a_scaled_row_is_the_same_whatever_is_exported_with_it(rows, fitted, titles):
    recipe = Recipe(Scale.UNIT)
    choice = Choice((ALL, EMBEDDING))
    whole = apply(read_matrix(rows, choice), recipe, fitted)
    part = apply(read_matrix(rows, choice, sorted(titles)), recipe, fitted)
    place = {asset_id: row for row, asset_id in enumerate(whole.asset_ids)}
    assert np.array_equal(part.values, whole.values[[place[asset_id] for asset_id in part.asset_ids]])


def test_unit_blocks_have_length_1_and_the_embedding_stays(rows, fitted):
    raw = read_matrix(rows, Choice((ALL, EMBEDDING)))
    found = apply(raw, Recipe(Scale.UNIT), fitted)
    assert np.linalg.norm(found.block("fake"), axis=1) == pytest.approx(np.ones(len(raw.values)), abs=1e-6)
    assert np.array_equal(found.block(EMBEDDING), raw.block(EMBEDDING))


def test_far_values_are_held_at_five_deviations(rows, fitted):
    slots = dict(fitted.slots) | {"fake.mean": Moments(9, 0.0, 1e-3, -1.0, 1.0)}
    found = apply(
        read_matrix(rows, Choice((), ("fake.mean",))), Recipe(Scale.ZSCORE), dataclasses.replace(fitted, slots=slots)
    )
    assert set(found.values.ravel()) == {MAX_Z}


@pytest.mark.parametrize(
    ("recipe", "wanted"),
    [
        (Recipe(), 0.0),
        (Recipe(fill=Fill.MEAN), 0.5),
        (Recipe(fill=Fill.ZERO), 0.0),
        (Recipe(Scale.ZSCORE), 0.0),
        (Recipe(Scale.ZSCORE, Fill.CONTRACT), -0.5),
        (Recipe(Scale.ZSCORE, Fill.MEAN), 0.0),
    ],
)
def test_missing_values_are_filled_as_asked(rows, fitted, recipe, wanted):
    slots = dict(fitted.slots) | {"fake.tilt": Moments(4, 0.5, 1.0, -1.0, 1.0)}
    raw = read_matrix(rows, Choice((), ("fake.tilt",)))
    found = apply(raw, recipe, dataclasses.replace(fitted, slots=slots))
    assert set(found.values[~raw.mask]) == {np.float32(wanted)}
    assert (~raw.mask).any()


def test_an_appended_mask_is_a_slot_a_column(rows):
    raw = read_matrix(rows)
    found = apply(raw, Recipe(mask=MaskPolicy.APPEND), None)
    added = [slot for slot in found.slots if slot.block == "known"]
    assert [slot.name for slot in added] == [
        "known.fake.mean",
        "known.fake.count",
        "known.fake.shape",
        "known.fake.tilt",
    ]
    assert np.array_equal(found.block("known")[:, 3], raw.mask[:, 4].astype(np.float32))
    assert found.mask[:, len(raw.slots) :].all()


@pytest.mark.parametrize("recipe", [Recipe(Scale.ZSCORE), Recipe(Scale.UNIT), Recipe(fill=Fill.MEAN)])
def test_statistics_are_needed_and_must_have_every_slot(rows, fitted, recipe):
    with pytest.raises(UsageError, match="artvision normalize fit"):
        apply(read_matrix(rows), recipe, None)
    few = dataclasses.replace(fitted, slots={"fake.mean": fitted.slots["fake.mean"]})
    with pytest.raises(UsageError, match=r"lack fake.count and 3 more"):
        apply(read_matrix(rows), recipe, few)


def test_statistics_come_back_from_their_file(fitted, tmp_path):
    save(fitted, tmp_path / "s.json")
    found = read_statistics(tmp_path / "s.json")
    assert found == fitted
    assert found.sha256 == fitted.sha256
    assert "who.score" not in found.slots, "nothing about people unless asked"
    assert fitted.slots["fake.tilt"].std == 0.0


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"artvision_statistics": 2}', '{"artvision_statistics": 1, "slots": 3}']
)
def test_a_file_that_holds_no_statistics_is_named(tmp_path, text):
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(UsageError, match=r"s.json holds no statistics"):
        read_statistics(tmp_path / "s.json")


def test_statistics_that_never_saw_a_field_do_not_scale_it(rows, fitted):
    slots = dict(fitted.slots) | {"fake.mean": Moments(0, 0.0, 0.0, 0.0, 0.0)}
    blind = dataclasses.replace(fitted, slots=slots)
    with pytest.raises(UsageError, match=r"no picture of 'tests' had a value of fake.mean"):
        apply(read_matrix(rows, Choice((), ("fake.mean",))), Recipe(Scale.ZSCORE), blind)
    apply(read_matrix(rows, Choice((), ("fake.tilt",))), Recipe(Scale.ZSCORE), blind)


def test_statistics_hold_where_a_stage_ran_on_one_side_only_or_a_gallery_changed(fitted, run, tmp_path):
    made = json.loads(json.dumps(run.info))
    made["fingerprint"]["stages"] |= {"late": {"version": "1"}, "actors": {"gallery": "b"}}
    before = dataclasses.replace(
        fitted, make={**fitted.make, "stages": {**fitted.make["stages"], "actors": {"gallery": "a"}}}
    )
    require_same_make(before, made, tmp_path / "s.json")
    with pytest.raises(RunError, match=r"stages.actors.gallery: a -> b"):
        require_same_make(before, made, tmp_path / "s.json", person=True)


def test_statistics_of_another_make_are_refused(fitted, tmp_path):
    other = make_run(tmp_path, range(3), version="2")
    with pytest.raises(RunError, match=r"stages.seen.version: 1 -> 2"):
        require_same_make(fitted, other.info, tmp_path / "s.json")


def test_an_export_replaces_an_earlier_one_and_nothing_else(run, tmp_path):
    out = tmp_path / "out"
    write_export(run.folder, out, "numpy")
    (out / "stale").write_text("of the earlier one")
    written = write_export(run.folder, out, "vw")
    assert sorted(file.name for file in out.iterdir()) == ["actions.vw", "contract.json", "export.json", "ids.csv"]
    assert sorted(written.files) == sorted(file.name for file in out.iterdir())
    assert [file.name for file in tmp_path.iterdir()] == ["out"], "nothing is left beside it"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match="is no export of artvision"):
        write_export(run.folder, tmp_path / "mine", "vw")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_an_export_that_fails_leaves_the_earlier_one(run, tmp_path, monkeypatch):
    from artvision.export.formats.to_numpy import Numpy

    write_export(run.folder, tmp_path / "out", "vw")
    monkeypatch.setattr(Numpy, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RunError, match="No space left on device"):
        write_export(run.folder, tmp_path / "out", "numpy")
    assert (tmp_path / "out" / "actions.vw").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_the_same_rows_give_the_same_bytes(run, tmp_path):
    for form in ("numpy", "vw", "csv", "safetensors", "obp"):
        for name in ("a", "b"):
            write_export(run.folder, tmp_path / name, form)
        for file in (tmp_path / "a").iterdir():
            if file.name != "export.json" and form != "safetensors":
                assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_the_export_says_how_it_was_made(run, tmp_path):
    statistics = tmp_path / "s.json"
    matrix, info = read_corpus(run.folder)
    save(fit(matrix, "spring", info), statistics)
    write_export(run.folder, tmp_path / "out", "numpy", recipe=Recipe(Scale.ZSCORE), statistics=statistics)
    about = json.loads((tmp_path / "out" / "export.json").read_text())
    assert about["statistics"]["corpus"] == "spring"
    assert about["contract_sha256"] == run.info["contract_sha256"]
    assert about["fill"] == "zero"
    assert [slot["name"] for slot in about["slots"]] == VECTOR
    assert about["slots"][4]["known"] == 0.5
    assert json.loads((tmp_path / "out" / "contract.json").read_text()) == run.contract
