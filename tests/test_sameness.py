"""Same picture, same numbers: byte-equal rows for any batch size, order and number of workers, with all real stages."""

import hashlib

import pytest
import skimage.data
from PIL import Image
from tiny_clip import write_tiny_clip

from artvision import Settings, extract

WAYS = [("1", 1, False), ("3", 2, True), ("16", 2, False), ("2", 3, True)]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Seven crops of photographs with and without faces, of several shapes and formats."""
    folder = tmp_path_factory.mktemp("same")
    sources = [skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea()]
    for number in range(7):
        source = sources[number % 3]
        width = 150 + 40 * number
        picture = Image.fromarray(source[: 220 + 10 * number, :width])
        picture.save(folder / f"{number}.{['jpg', 'png', 'webp'][number % 3]}")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "model"
    write_tiny_clip(folder)
    return folder


def digests(paths, out, **settings):
    """asset_id -> sha256 of its row as text, in which every float has all its digits; without the run's id."""
    rows = extract(paths, out, Settings(**settings)).run.table().drop(["run_id"]).to_pylist()
    return {row["asset_id"]: hashlib.sha256(repr(row).encode()).hexdigest() for row in rows}


def check(pictures, tmp_path, model):
    every = []
    for number, (batch, workers, backwards) in enumerate(WAYS):
        paths = pictures[::-1] if backwards else pictures
        every.append(digests(paths, tmp_path / f"run{number}", model=model, batch_size=batch, workers=workers))
    assert all(other == every[0] for other in every[1:])
    assert len(set(every[0].values())) == len(pictures)


def test_on_the_starter(pictures, tmp_path):
    check(pictures, tmp_path, "starter")


def test_on_random_weights(pictures, tmp_path, tiny_model):
    check(pictures, tmp_path, f"local-dir:{tiny_model}")


@pytest.mark.soak
def test_on_random_weights_of_the_production_model(pictures, tmp_path):
    check(pictures, tmp_path, "ViT-B-32-256/random")


def test_a_picture_alone_has_the_row_it_has_in_company(pictures, tmp_path):
    together = digests(pictures, tmp_path / "all", model="starter")
    alone = digests(pictures[2:3], tmp_path / "one", model="starter")
    assert alone == {name: together[name] for name in alone}
