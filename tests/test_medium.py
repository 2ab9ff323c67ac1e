"""Photograph or illustration: photographs, drawn pictures, the weights, and faces on what is drawn."""

import tomllib
from importlib import resources

import numpy as np
import pytest
from drawings import cartoon
from hypothesis import given, settings
from hypothesis import strategies as st
from lit_heads import shown
from pictures import encode
from test_pixels_stages import ART, HOSTILE

from artvision import extract, read_run, stages
from artvision.contract import Missing
from artvision.detection.geometry import Face
from artvision.image import SCORE_SIDE
from artvision.pixels.medium import ILLUSTRATION, PHOTOGRAPH, Judge, shipped, signs
from artvision.pixels.pyramid import Pyramid
from artvision.settings import Settings
from artvision.stages.base import Result
from artvision.stages.faces import Faces
from artvision.stages.medium import Medium
from artvision.suite.axis import LeftOut
from artvision.suite.people import lead, shot

STAGE = Medium(Settings())
FIELDS = {field.name: field for field in STAGE.fields()}
PHOTOS = [name for name in ART if not name.startswith(("scene", "drawn"))]


def said(pixels):
    return STAGE.run([shown(pixels)], {})[0].values


def weighed(pixels):
    return signs(shown(pixels).derived(Pyramid.of, SCORE_SIDE))


@pytest.mark.parametrize("name", PHOTOS)
def test_photographs_are_photographs(name):
    assert said(ART[name](1280))["medium.kind"] == PHOTOGRAPH


def test_cartoons_are_illustrations_and_none_a_photograph():
    kinds = [said(cartoon(seed=seed))["medium.kind"] for seed in range(6)]
    assert kinds.count(ILLUSTRATION) >= 5
    assert PHOTOGRAPH not in kinds


@pytest.mark.parametrize("name", [*ART, "cartoon"])
def test_two_resolutions_of_one_picture_agree_within_the_stated_tolerance(name):
    made = {**ART, "cartoon": lambda side: cartoon(side * 2 // 3, side)}[name]
    first, *others = (said(made(side)) for side in (2000, 1280, 800))
    for other in others:
        score = first["medium.illustration"]
        assert other["medium.illustration"] == pytest.approx(score, abs=FIELDS["medium.illustration"].tolerance)
        assert other["medium.kind"] == first["medium.kind"]


def test_every_sign_has_a_weight_and_every_weight_a_sign():
    table = tomllib.loads(resources.files("artvision").joinpath("data/medium.toml").read_text(encoding="utf-8"))
    assert list(table["signs"]) == list(weighed(cartoon()))
    assert 0 < table["limits"]["photograph"] < table["limits"]["illustration"] < 1
    assert shipped() is shipped()
    assert table["kept_back"]["interval"][0] > 0.7
    assert all(field.evidence == table["kept_back"] for field in STAGE.fields())


def test_other_weights_are_another_make(monkeypatch):
    before = STAGE.fingerprint()
    monkeypatch.setattr("artvision.pixels.medium.data_text", lambda _: "bias = 1")
    assert STAGE.fingerprint() != before


def judge(upper=0.8, lower=0.3):
    limits = {"illustration": upper, "photograph": lower}
    return Judge.of(
        {"bias": 0.0, "limits": limits, "kept_back": {}, "signs": {"one": [1.0, 2.0, 0.5], "two": [0.0, 1.0, -1.0]}}
    )


def test_a_score_in_closed_form():
    assert judge().score({"one": 1.0, "two": 0.0}) == pytest.approx(0.5)
    assert judge().score({"one": 5.0, "two": 0.0}) == pytest.approx(1 / (1 + np.exp(-1)))
    assert judge().score({"one": 1.0, "two": 2.0}) == pytest.approx(1 / (1 + np.exp(2)))


@pytest.mark.parametrize(
    ("score", "kind"),
    [(0.0, PHOTOGRAPH), (0.3, PHOTOGRAPH), (0.31, None), (0.79, None), (0.8, ILLUSTRATION), (1.0, ILLUSTRATION)],
)
def test_between_the_limits_there_is_no_label(score, kind):
    assert judge().kind(score) == kind


def test_signs_of_plain_pictures_in_closed_form():
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, 256:] = 255
    found = weighed(stripes)
    assert found["grey"] == 1
    assert found["vivid"] == 0
    assert found["dark"] == pytest.approx(0.5, abs=0.01)
    assert found["contrast"] == pytest.approx(50, abs=0.01)
    assert found["outlines"] == pytest.approx(128 / (127 * 128 * 2), rel=0.01)  # one step a row, of all to both sides
    assert found["flat"] == pytest.approx(1 - found["outlines"])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_have_a_score(name):
    found = said(HOSTILE[name])
    if found["medium.illustration"] is Missing.NOT_APPLICABLE:
        assert found["medium.kind"] is Missing.NOT_APPLICABLE
        assert shown(HOSTILE[name]).derived(Pyramid.of, SCORE_SIDE).lightness.std() < 2
    else:
        assert 0 <= found["medium.illustration"] <= 1
        assert found["medium.kind"] in {PHOTOGRAPH, ILLUSTRATION, Missing.ABSTAINED}


@pytest.mark.parametrize("name", ["black", "white", "only (255, 0, 0)", "one pixel"])
def test_a_blank_picture_was_made_with_nothing(name):
    assert set(said(HOSTILE[name]).values()) == {Missing.NOT_APPLICABLE}


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32), st.sampled_from([2, 16, 256]))
def test_any_picture_has_a_score(height, width, seed, levels):
    random = np.random.default_rng(seed)
    pixels = (random.integers(0, levels, (height, width, 3)) * (255 // (levels - 1))).astype(np.uint8)
    score = said(pixels)["medium.illustration"]
    assert score is Missing.NOT_APPLICABLE or 0 <= score <= 1


def face(score):
    return Face((0.4, 0.3, 0.6, 0.6), score, ((0.5, 0.4),) * 5, 0.0, 0.0, 1.0, 0.05)


def told(kind):
    return Result({"medium.illustration": 0.5, "medium.kind": kind})


@pytest.fixture
def finding(monkeypatch):
    """The stage, with finds of the given scores on each picture."""

    def made(*scores):
        monkeypatch.setattr(
            "artvision.detection.reading.find_faces", lambda _, batch: [[face(s) for s in scores]] * len(batch)
        )
        stage = Faces(Settings())
        stage._detector = object()
        return stage

    return made


@pytest.mark.parametrize("scores", [(), (0.8,), (0.94, 0.9)])
def test_an_illustration_without_a_sure_face_is_not_a_picture_without_people(finding, scores):
    found = finding(*scores).run([shown(cartoon(60, 90))], {"medium": [told(ILLUSTRATION)]})[0]
    assert set(found.values.values()) == {Missing.NOT_APPLICABLE}
    assert found.columns["faces"] is None


@pytest.mark.parametrize("scores", [(), (0.8,), (0.96, 0.8)])
@pytest.mark.parametrize("kind", [PHOTOGRAPH, Missing.ABSTAINED, None])
def test_faces_are_counted_on_photographs_where_nothing_is_sure_and_where_medium_did_not_run(finding, scores, kind):
    upstream = {"medium": [told(kind)]} if kind else {}
    found = finding(*scores).run([shown(cartoon(60, 90))], upstream)[0]
    assert found.values["face.count"] == len(scores) == len(found.columns["faces"])


def test_a_sure_face_on_an_illustration_counts(finding):
    found = finding(0.96, 0.8).run([shown(cartoon(60, 90))], {"medium": [told(ILLUSTRATION)]})[0]
    assert found.values["face.count"] == 2


def test_neighbours_of_an_illustration_keep_their_count(finding):
    kinds = [told(PHOTOGRAPH), told(ILLUSTRATION), told(PHOTOGRAPH)]
    found = finding().run([shown(cartoon(60, 90))] * 3, {"medium": kinds})
    assert [result.values["face.count"] for result in found] == [0, Missing.NOT_APPLICABLE, 0]


def test_medium_runs_before_faces_where_both_are_chosen():
    for names in ("medium,faces", "faces,medium", "faces"):
        chosen = stages.create(Settings(stages=names, model="starter"))[1]
        assert [stage.name for stage in chosen] == [name for name in ("medium", "faces") if name in names]


def test_a_run_says_why_a_cartoon_has_no_faces_and_keeps_all_else(tmp_path):
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "cartoon.png").write_bytes(encode(cartoon(400, 600)))
    (tmp_path / "art" / "photo.png").write_bytes(encode(ART["coffee"](600)))
    extract(tmp_path / "art", tmp_path / "run", Settings(stages="medium,faces,figure,face_light"))
    rows = {row["asset_id"]: row for row in read_run(tmp_path / "run").table().to_pylist()}
    drawn, photo = rows["cartoon.png"], rows["photo.png"]
    assert drawn["face.count"] is drawn["faces"] is drawn["shot.scale"] is None
    assert {"field": "face.count", "state": "not_applicable"} in drawn["missing"]
    assert drawn["status.faces"] == "ok"
    assert drawn["figure.mask"] == "saliency"
    assert photo["face.count"] == 0
    assert photo["faces"] == []


def row(kind, count=None):
    return {"medium.kind": kind, "face.count": count, "shot.scale": None}


def test_a_suite_of_drawings_is_not_told_to_show_people():
    for axis in (lead([row(ILLUSTRATION)] * 3), shot([row(ILLUSTRATION)] * 3)):
        assert isinstance(axis, LeftOut)
        assert "look drawn" in axis.reason


def test_painted_people_are_people():
    assert lead([row(ILLUSTRATION, 2), row(ILLUSTRATION, 1), row(ILLUSTRATION)]).values == (
        "somebody",
        "somebody",
        None,
    )


def test_a_drawing_in_a_suite_of_photographs_neither_shows_people_nor_lacks_them():
    rows = [row(PHOTOGRAPH, 1), row(PHOTOGRAPH, 0), row(ILLUSTRATION)]
    assert lead(rows).values == ("somebody", "nobody", None)
    assert shot(rows).values[2] is None


def test_a_style_tag_does_not_overrule_what_the_pixels_say():
    photograph = row(PHOTOGRAPH, 1) | {"style.comic_art": 0.9, "style.photograph": 0.1}
    unsure = row(None, 1) | {"style.comic_art": 0.9, "style.photograph": 0.1}
    assert not isinstance(lead([photograph] * 2), LeftOut)
    assert isinstance(lead([unsure] * 2), LeftOut)
