import hashlib
import sys
from pathlib import Path

import pytest
from PIL import Image

from artvision.sources import read_sources

pytest.importorskip("skimage", reason="the example artwork is made from photographs of scikit-image (extra: dev)")
pytest.importorskip("matplotlib", reason="the example artwork is made from a photograph of matplotlib (extra: dev)")

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


@pytest.fixture(scope="module")
def script():
    """`scripts/make_examples.py` as a module, found as it is when it is run."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        import make_examples

        yield make_examples
    finally:
        sys.path.remove(str(SCRIPTS))


@pytest.fixture(scope="module")
def examples(script, tmp_path_factory):
    out = tmp_path_factory.mktemp("examples")
    return out, script.make(out)


def test_the_catalogue_names_every_picture(examples):
    out, paths = examples
    found = read_sources([str(out / "catalog.csv")])
    assert found.skipped == ()
    assert sorted(asset.path for asset in found.assets) == sorted(map(str, paths))
    assert {asset.artwork_type for asset in found.assets} == {"poster", "key art", "still", "tile"}
    assert {name for asset in found.assets for name in asset.cast} == {"Ilse Marrow", "Tomas Reyl", "Edda Kirsch"}


def test_each_title_has_a_poster_key_art_and_stills(examples):
    assets = read_sources([str(examples[0] / "catalog.csv")]).assets
    kinds = {
        title: [asset.artwork_type for asset in assets if asset.title_id == title]
        for title in ("meridian", "compiler", "bean")
    }
    for title, have in kinds.items():
        assert len(have) >= 4, title
        assert {"poster", "key art", "still"} <= set(have), title


def test_shapes_and_formats_are_those_of_real_artwork(examples):
    shapes, formats = {}, set()
    for asset in read_sources([str(examples[0] / "catalog.csv")]).assets:
        with Image.open(asset.path) as image:
            image.load()
            shapes.setdefault(asset.artwork_type, set()).add(image.width / image.height)
            formats.add(image.format)
            assert image.mode == "RGB"
    assert formats == {"JPEG", "PNG", "WEBP"}
    assert shapes == {"poster": {2 / 3}, "key art": {16 / 9}, "still": {16 / 9}, "tile": {1.0}}


@pytest.mark.parametrize("name", ["compiler/still.webp", "bean/cup.jpg"])
def test_the_same_bytes_come_out_again(script, examples, tmp_path, name, monkeypatch):
    monkeypatch.setattr(script, "ARTWORK", {name: script.ARTWORK[name]})
    (again,) = script.make(tmp_path)
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256((examples[0] / name).read_bytes()).digest()
