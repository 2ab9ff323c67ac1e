"""Light on a face: balls lit from a known side, edges and slopes of light, lines around a head."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lit_heads import BOX, ball, ringed, seen, srgb
from test_pixels_stages import ART

from artvision.contract import Missing, Privacy
from artvision.pixels.face_light import FLARE, cut_off
from artvision.pixels.rim import _best_way
from artvision.settings import Settings
from artvision.stages.face_light import FaceLight

STAGE = FaceLight(Settings())
FIELDS = {field.name: field for field in STAGE.fields()}
LARGE = (0.2, 0.2, 0.8, 0.8)


def light(pixels, *boxes, **more):
    return {name.partition(".")[2]: value for name, value in seen(STAGE, pixels, *boxes, **more).items()}


def halves(right, left, side=300):
    """A face whose halves have these linear luminances."""
    columns = np.where(np.arange(side) >= side / 2, right, left)
    return srgb(np.broadcast_to(columns, (side, side)))[..., None].repeat(3, axis=2)


def slope(side=300):
    """Light that grows evenly from the left to the right."""
    return srgb(np.broadcast_to(np.linspace(0.05, 0.95, side), (side, side)))[..., None].repeat(3, axis=2)


@settings(max_examples=30, deadline=None)
@given(st.floats(-179, 179), st.floats(0, 60), st.floats(0.02, 0.3))
def test_a_lit_ball_tells_where_the_lamp_stands(tilt, height, ambient):
    found = light(ball(400, tilt, height, ambient), BOX)
    apart = (found["tilt"] - tilt + 180) % 360 - 180
    assert abs(apart) < 3


@pytest.mark.parametrize(("tilt", "side", "above"), [(90, 1, 0), (-90, -1, 0), (0, 0, 1), (180, 0, -1)])
def test_side_and_above_have_the_sign_of_the_lamp(tilt, side, above):
    found = light(ball(400, tilt, 20), BOX)
    assert np.sign(np.round(found["side"], 1)) == side
    assert np.sign(np.round(found["above"], 1)) == above


def test_light_from_the_camera_has_no_direction_and_no_edge():
    found = light(ball(400, 0, 90), BOX)
    assert found["ratio"] < 0.1
    assert found["tilt"] is found["hardness"] is Missing.ABSTAINED


@pytest.mark.parametrize(("right", "left"), [(0.8, 0.2), (0.1, 0.4), (0.5, 0.01)])
def test_the_ratio_of_two_halves_in_closed_form(right, left):
    found = light(halves(right, left), LARGE)
    stops = np.log2((right + FLARE) / (left + FLARE))
    assert found["side"] == pytest.approx(stops, abs=0.06)
    assert found["ratio"] == pytest.approx(abs(stops), abs=0.06)
    assert abs(found["above"]) < 0.01
    assert found["tilt"] == pytest.approx(90 * np.sign(stops), abs=0.5)


def test_an_edge_is_hard_a_slope_soft_and_a_side_lit_ball_between():
    assert light(halves(0.8, 0.1), LARGE)["hardness"] == pytest.approx(1, abs=0.02)
    assert light(slope(), LARGE)["hardness"] == pytest.approx(0, abs=0.02)
    assert light(ball(400, 90, 0), BOX)["hardness"] == pytest.approx(0.25, abs=0.08)


def test_a_face_that_is_all_but_black_has_no_edge_of_light():
    found = light(halves(0.0015, 0.0), LARGE)
    assert found["ratio"] > 0.5
    assert found["hardness"] is Missing.ABSTAINED


def test_more_fill_lowers_the_ratio():
    ratios = [light(ball(400, 90, 30, fill), BOX)["ratio"] for fill in (0.01, 0.05, 0.2, 0.5)]
    assert ratios == sorted(ratios, reverse=True)


def test_a_line_of_light_around_a_head_is_a_rim_and_an_outline_is_none():
    dark, bright, middle = (30, 30, 30), (255, 255, 255), (60, 60, 60)
    assert light(ringed(400, dark, bright, dark), BOX)["rim"] > 0.95
    assert light(ringed(400, dark, dark, bright), BOX)["rim"] == pytest.approx(0, abs=0.02)
    assert light(ringed(400, bright, bright, dark), BOX)["rim"] == pytest.approx(0, abs=0.02)
    assert light(ringed(400, middle, bright, bright), BOX)["rim"] == pytest.approx(0, abs=0.02)


def test_an_outline_moves_by_one_step_from_ray_to_ray():
    slant, jump = np.eye(6), np.zeros((4, 9))
    jump[np.arange(4), [0, 2, 4, 6]] = 1
    assert _best_way(slant) == _best_way(slant[:, ::-1]) == 6
    assert _best_way(jump) == 1
    assert _best_way(np.full((4, 3), 0.5)) == 2


def test_light_from_behind_one_side_is_half_a_rim():
    pixels = ringed(400, (30, 30, 30), (255, 255, 255), (30, 30, 30)).copy()
    pixels[:, :200] = ringed(400, (30, 30, 30), (30, 30, 30), (30, 30, 30))[:, :200]
    assert light(pixels, BOX)["rim"] == pytest.approx(0.5, abs=0.06)


def test_nothing_is_said_without_a_sure_face_and_of_a_small_one_it_abstains():
    pixels = ball(400, 90, 20)
    assert set(light(pixels).values()) == {Missing.NOT_APPLICABLE}
    assert set(light(pixels, BOX, score=0.9).values()) == {Missing.NOT_APPLICABLE}
    assert set(light(pixels, (0.5, 0.5, 0.53, 0.54)).values()) == {Missing.ABSTAINED}
    assert set(light(ball(100, 90, 20), BOX).values()) == {Missing.ABSTAINED}


def test_a_head_that_fills_the_frame_has_no_outline():
    assert light(ball(400, 90, 20, box=(0.0, 0.0, 1.0, 1.0)), (0.0, 0.0, 1.0, 1.0))["rim"] is Missing.ABSTAINED


@pytest.mark.parametrize(
    ("box", "gone"),
    [
        ((0.3, -0.25, 0.7, 0.27), {"above", "tilt", "ratio", "hardness"}),  # half of it above the frame
        ((0.3, 0.75, 0.7, 1.27), {"above", "tilt", "ratio", "hardness"}),
        ((-0.2, 0.2, 0.2, 0.72), {"side", "tilt", "ratio", "hardness"}),
        ((0.8, 0.2, 1.2, 0.72), {"side", "tilt", "ratio", "hardness"}),
        ((-0.02, 0.2, 0.38, 0.72), set()),  # a twentieth
        ((0.3, -0.04, 0.7, 0.48), set()),
        ((-0.2, -0.2, 0.2, 0.32), {"side", "above", "tilt", "ratio", "hardness"}),  # in the corner: nobody knows
        ((0.0, 0.0, 1.0, 1.0), {"side", "above", "tilt", "ratio", "hardness"}),
    ],
)
def test_halves_of_a_face_that_the_frame_cuts_are_not_told(box, gone):
    found = light(ball(400, 120, 20, box=box), tuple(min(1.0, max(0.0, edge)) for edge in box))
    missing = {name for name, value in found.items() if isinstance(value, Missing)}
    assert missing - {"rim"} == gone


@pytest.mark.parametrize(("aspect", "narrowed"), [(1.0, True), (2.0, False)])
def test_the_shape_of_a_face_is_that_of_its_pixels(aspect, narrowed):
    assert cut_off((0.0, 0.3, 0.2, 0.7), aspect) == (narrowed, False)
    assert cut_off((0.1, 0.3, 0.3, 0.7), aspect) == (False, False)


def test_light_of_a_half_of_a_face_that_is_seen_stays_true():
    whole, half = (0.3, 0.2, 0.7, 0.72), (0.3, -0.26, 0.7, 0.26)
    plain = light(ball(400, 90, 20, box=whole), whole)
    assert light(ball(400, 90, 20, box=half), (0.3, 0.0, 0.7, 0.26))["side"] == pytest.approx(plain["side"], abs=0.1)


@pytest.mark.parametrize("tilt", [-120, -60, 30, 90, 150])
@pytest.mark.parametrize("height", [0, 30])
def test_two_resolutions_of_one_head_agree(tilt, height):
    first, *others = (light(ball(side, tilt, height), BOX) for side in (2000, 1280, 800, 512))
    for other in others:
        for name, value in first.items():
            assert other[name] == pytest.approx(value, abs=FIELDS[f"face_light.{name}"].tolerance), name


@pytest.mark.parametrize("name", [name for name in ART if not name.startswith("scene")])
def test_two_resolutions_of_one_photograph_agree(name):
    first, *others = (light(ART[name](side), (0.3, 0.1, 0.6, 0.5)) for side in (2000, 1280, 800))
    for other in others:
        for field, value in first.items():
            near = pytest.approx(value, abs=FIELDS[f"face_light.{field}"].tolerance)
            assert other[field] == (value if isinstance(value, Missing) else near), field


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32),
    st.tuples(*(st.floats(0, 1),) * 4).map(lambda c: (*sorted(c[:2]), *sorted(c[2:]))),
)  # fmt: skip
def test_any_face_of_any_picture_has_values_in_range(height, width, seed, edges):
    x0, x1, y0, y1 = edges
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    if x1 <= x0 or y1 <= y0:
        return
    for name, value in seen(STAGE, pixels, (x0, y0, x1, y1)).items():
        if not isinstance(value, Missing):
            assert FIELDS[name].low <= value <= FIELDS[name].high, name


def test_what_is_said_of_a_face_is_about_a_person():
    assert {field.privacy for field in STAGE.fields()} == {Privacy.PERSON}
