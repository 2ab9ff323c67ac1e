"""A drawing on which no face is found: every stage that goes by faces says so, and none says that nobody is there."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from artvision import Settings
from artvision.contract import Missing
from artvision.image import Picture
from artvision.record import check
from artvision.stages import create, run_order
from artvision.stages.base import Result

SETTINGS = Settings(model="starter", stages="all,canvases")
BY_FACES = ("actors", "canvases", "face_light", "figure", "layout", "shots")


def drawing():
    art = Image.new("RGB", (640, 480), (250, 210, 90))
    draw = ImageDraw.Draw(art)
    draw.ellipse((200, 90, 440, 400), fill=(240, 120, 60), outline=(0, 0, 0), width=6)
    for x in (260, 350):
        draw.ellipse((x, 190, x + 40, 230), fill=(0, 0, 0))
    draw.rectangle((0, 420, 640, 480), fill=(30, 90, 160))
    pixels = np.asarray(art)
    return Picture(pixels, 640, 480)


@pytest.fixture(scope="module")
def results():
    """What the stages but the models say, where faces are overlooked."""
    every, _ = create(SETTINGS)
    stages = {stage.name: stage for stage in every}
    faces = {field.name: Missing.NOT_APPLICABLE for field in stages["faces"].fields()}
    told = {"faces": Result(faces, {"faces": None})}
    names = {need for name in BY_FACES for need in stages[name].needs} | set(BY_FACES)
    for stage in run_order([stages[name] for name in names]):
        if stage.name not in {"faces", "actors"}:
            (told[stage.name],) = stage.run([drawing()], {name: [found] for name, found in told.items()})
            check(stage.fields(), told[stage.name])
    return told


@pytest.mark.parametrize(
    "field",
    ["shots staging.grouping", "shots staging.over_shoulder", "layout small.faces", "layout small.lead_width"],
)
def test_nobody_is_said_to_be_absent(results, field):
    stage, name = field.split()
    assert results[stage].values[name] == Missing.NOT_APPLICABLE


def test_pixels_are_measured_all_the_same(results):
    assert results["figure"].values["figure.mask"] == "saliency"
    assert isinstance(results["layout"].values["layout.slot_area"], float)
    assert results["canvases"].rows("canvases")
    assert results["faces"].rows("faces") == ()
