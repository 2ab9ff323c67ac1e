"""Many pictures on the device at once: the parts against what they stand for, the whole against pictures alone."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sightings import portrait

from artvision.detection import THRESHOLDS, boxes, tensors, together
from artvision.detection.mtcnn import Detector, levels
from artvision.detection.networks import Proposal
from artvision.detection.pooling import AreaTable
from artvision.detection.rooms import best_first, greedy, listed, seats
from artvision.detection.stacking import STEP, Stack, grouped, pack, packed_size, unpack
from artvision.detection.thinning import thinned, window_edges
from artvision.detection.walk import logit
from artvision.image import resize

pytestmark = pytest.mark.usefixtures("one_thread")
QUICK = settings(max_examples=40, deadline=None)
DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")),
]


@QUICK
@given(st.lists(st.lists(st.booleans(), min_size=9, max_size=9), min_size=1, max_size=4), st.integers(1, 12))
def test_a_list_has_what_is_true_in_order_as_far_as_there_is_room(rows, room):
    flags = torch.tensor(rows)
    places, filled = seats(flags, room)
    assert places.shape == filled.shape == (len(rows), room)
    for row, place, full in zip(rows, places, filled, strict=True):
        assert place[full].tolist() == np.flatnonzero(row)[:room].tolist()
    assert torch.equal(listed(flags[0], room)[0], places[0])


def random_boxes(rng, count):
    corner = rng.integers(0, 60, (count, 2)).astype(np.float32)
    return np.concatenate([corner, corner + rng.integers(4, 40, (count, 2))], 1).astype(np.float32)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("of_smaller", [False, True])
def test_greedy_suppression_keeps_what_it_keeps_on_the_host(seed, of_smaller):
    rng = np.random.default_rng(seed)
    found = random_boxes(rng, 50)
    scores = rng.integers(0, 9, 50).astype(np.float32)  # with ties
    filled = torch.tensor(rng.random(50) < 0.8)[None]
    order = best_first(torch.from_numpy(scores)[None], filled)
    stack, seated = torch.from_numpy(found)[order], filled.gather(1, order)
    kept, settled = greedy(tensors.crowded(stack, 0.4, of_smaller=of_smaller), seated)
    mine = np.flatnonzero(filled[0].numpy())
    expected = mine[boxes.suppress(found[mine], scores[mine], 0.4, of_smaller=of_smaller)]
    assert settled.all()
    assert order[kept].tolist() == expected.tolist()


def test_suppression_that_needs_more_rounds_says_so():
    chain = torch.stack([torch.tensor([10.0 * i, 0, 10.0 * i + 19, 10]) for i in range(40)])[None]
    close, candidates = tensors.crowded(chain, 0.3), torch.ones(1, 40, dtype=torch.bool)
    assert not greedy(close, candidates, rounds=12)[1].any()
    kept, settled = greedy(close, candidates, rounds=42)
    assert settled.all()
    assert kept[0].nonzero().flatten().tolist() == list(range(0, 40, 2))


def test_box_maths_is_the_hosts_to_the_bit():
    rng = np.random.default_rng(5)
    found, offsets = random_boxes(rng, 30) + np.float32(0.3), rng.normal(size=(30, 4)).astype(np.float32)
    stack = torch.from_numpy(found)
    for of_smaller in (False, True):
        expected = boxes.crowded(found, found, 0.4, of_smaller=of_smaller)
        np.testing.assert_array_equal(tensors.crowded(stack[None], 0.4, of_smaller=of_smaller)[0].numpy(), expected)
    np.testing.assert_array_equal(tensors.squared(stack).numpy(), boxes.squared(found))
    for grow in (0, 1):
        moved = tensors.moved(stack, torch.from_numpy(offsets), grow=grow)
        np.testing.assert_array_equal(moved.numpy(), boxes.moved(found, offsets, grow=grow))


@pytest.mark.parametrize("scale", [0.6, 0.425, 0.48, 1.0, 2.0, 0.01])
def test_windows_on_their_grid_are_suppressed_as_boxes_are(scale):
    rng = np.random.default_rng(int(1000 * scale))
    scores = rng.integers(0, 12, (2, 17, 23)).astype(np.float32)  # with ties
    candidates = rng.random(scores.shape) < 0.5
    edges = window_edges(scale)
    kept, settled = thinned(torch.from_numpy(scores), torch.from_numpy(candidates), torch.from_numpy(edges), 0.5)
    assert settled.all()
    for one, chosen, own in zip(scores, candidates, kept.numpy(), strict=True):
        y, x = np.nonzero(chosen)
        placed = np.stack([edges[0, x], edges[0, y], edges[1, x], edges[1, y]], 1)
        keep = boxes.suppress(placed, one[y, x], 0.5)
        assert sorted(zip(y[keep], x[keep], strict=True)) == sorted(zip(*np.nonzero(own), strict=True))


SHAPES = [(60, 90), (61, 83), (33, 90), (13, 47), (40, 7), (8, 8)]


def stacked(pictures):
    """One stack of all, whatever their shapes."""
    height, width = (max(picture.shape[side] for picture in pictures) for side in (0, 1))
    canvas = np.full((len(pictures), height, width, 3), 201, np.uint8)  # what lies beyond has no part in anything
    for place, picture in zip(canvas, pictures, strict=True):
        place[: picture.shape[0], : picture.shape[1]] = picture
    extents = torch.tensor([picture.shape[:2] for picture in pictures])
    return Stack(AreaTable(torch.from_numpy(canvas)), extents)


def noise(shapes):
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for shape in shapes]


@pytest.mark.parametrize("scale", [0.6, 0.4254, 0.3])
def test_each_picture_of_a_stack_has_the_level_and_windows_it_has_alone(scale):
    pictures, proposal = noise(SHAPES), Proposal("pnet", "cpu")
    pixels, sizes = stacked(pictures).level(scale)
    assert torch.isfinite(pixels).all()
    logits, _ = proposal(pixels, sizes)
    for index, (picture, (height, width)) in enumerate(zip(pictures, sizes.tolist(), strict=True)):
        assert (height, width) == (int(picture.shape[0] * scale + 1), int(picture.shape[1] * scale + 1))
        alone = AreaTable(torch.from_numpy(picture[None])).level(height, width)
        assert torch.equal(pixels[index, :, :height, :width], alone[0])
        rows, columns = proposal.windows(sizes)[index].tolist()
        if rows > 0 and columns > 0:
            assert logits[index, :rows, :columns] == pytest.approx(proposal(alone)[0][0], abs=1e-5)


def test_pictures_are_grouped_by_shape_and_bounded_by_room():
    shapes = [(540, 960, 3), (960, 640, 3), (530, 960, 3), (540, 960, 3), (100, 90, 3)]
    groups = grouped(shapes, 10**9)
    assert [group.indices for group in groups] == [(0, 2, 3), (1,), (4,)]
    assert (groups[0].height, groups[0].width) == (540, 960)
    assert max(len(group.indices) for group in grouped(shapes, 540 * 960)) == 1
    assert sorted(i for group in grouped(shapes, 2 * 540 * 960) for i in group.indices) == [0, 1, 2, 3, 4]
    assert all(-(-shapes[i][0] // STEP) == -(-group.height // STEP) for group in groups for i in group.indices)


def test_a_batch_is_unpacked_as_it_was_packed():
    pictures = noise(SHAPES)
    groups = grouped([picture.shape for picture in pictures], 2 * 60 * 90)
    room = np.full(packed_size(groups), 77, np.uint8)
    pack(pictures, groups, room)
    for group, stack in zip(groups, unpack(torch.from_numpy(room), groups), strict=True):
        assert stack.extents.tolist() == [list(pictures[index].shape[:2]) for index in group.indices]
        for number, index in enumerate(group.indices):
            height, width = pictures[index].shape[:2]
            alone = AreaTable(torch.from_numpy(pictures[index][None])).sums
            assert torch.equal(stack.table.sums[number, : height + 1, : width + 1], alone[0])


@pytest.fixture(autouse=True)
def _small_rooms(monkeypatch):
    """The real ones are for busy pictures of 960 pixels; empty places are computed too."""
    for name, room in (("WINDOWS", (256, 96)), ("SEATS", 64), ("FACES", (32, 8))):
        monkeypatch.setattr(together, name, room)


def crowd():
    """Two faces, four, none, one cut by the frame, a flat one, one too small for any window, of several shapes."""
    art = portrait("astronaut")
    five = np.concatenate([np.concatenate([resize(art, 140)] * 2, 1)] * 2, 0)
    return [
        np.concatenate([resize(art, 200), resize(art, 200)[:, ::-1]], 1),
        five,
        resize(skimage.data.coffee(), 200),
        resize(portrait("hopper")[90:420, 150:400], 200),
        np.full((100, 160, 3), 128, np.uint8),
        np.zeros((9, 30, 3), np.uint8),
    ]


def same(alone, stacked, atol=0.05):
    for one, other in zip(alone, stacked, strict=True):
        assert one.boxes == pytest.approx(other.boxes, abs=atol)
        assert one.scores == pytest.approx(other.scores, abs=1e-4)
        assert one.points == pytest.approx(other.points, abs=2 * atol)


@pytest.fixture(scope="module")
def found():
    return Detector().detect(crowd())


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("smallest", [20, 40])
def test_together_the_same_faces_are_found(device, smallest):
    detector = Detector(device, together=True)
    alone = Detector().detect(crowd(), smallest=smallest)
    assert sum(len(one.boxes) for one in alone) >= 6
    same(alone, detector.detect(crowd(), smallest=smallest))
    assert detector.detect([]) == []


@pytest.mark.parametrize(
    ("name", "value"), [("WINDOWS", (20, 0)), ("SEATS", 2), ("FACES", (1, 0)), ("CROPS", {24: 64, 48: 8})]
)
def test_where_room_is_short_nothing_is_lost_and_it_is_counted(found, monkeypatch, name, value):
    monkeypatch.setattr(together, name, value)
    detector = Detector(together=True)
    same(found, detector.detect(crowd()))
    assert (detector.alone > 0) == (name != "CROPS")


def test_one_upload_and_one_download_a_batch(monkeypatch):
    from artvision.lanes import Lane

    told = []
    for name in ("upload", "download"):
        honest = getattr(Lane, name)
        monkeypatch.setattr(Lane, name, lambda *given, honest=honest, name=name: told.append(name) or honest(*given))
    Detector(together=True).detect(crowd())
    assert told == ["upload", "download"]


def test_nothing_on_the_way_is_known_to_the_host():
    """On a device without any data whatever looks at a value fails, as it would wait on a real one."""
    detector = Detector("cpu", together=True)
    for network in (detector.proposal, detector.refinement, detector.output):
        network._state = {name: value.to("meta") for name, value in network._state.items()}
        network.device = "meta"
    groups = grouped([picture.shape for picture in noise(SHAPES)], 10**9)
    content = torch.empty(packed_size(groups), dtype=torch.uint8, device="meta")
    with torch.inference_mode():
        for stack, group in zip(unpack(content, groups), groups, strict=True):
            answer = detector.together(stack, levels(group.height, group.width, 20))
            assert answer.shape == (len(group.indices), 1 + together.SEATS, together.VALUES)
            assert answer.device.type == "meta"


def test_a_value_that_is_looked_at_would_be_noticed():
    with pytest.raises((NotImplementedError, RuntimeError)):
        (torch.zeros(3, device="meta") >= logit(THRESHOLDS[0])).nonzero()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_cuda_the_host_waits_for_nothing_on_the_way():
    detector = Detector("cuda", together=True)
    detector.detect(crowd())  # the first call uploads what levels need
    groups = grouped([picture.shape for picture in crowd()], 10**9)
    with detector._lanes.borrowed() as lane:
        pack(crowd(), groups, lane.buffer(packed_size(groups)))
        torch.cuda.set_sync_debug_mode("error")
        try:
            for stack, group in zip(unpack(lane.upload(packed_size(groups)), groups), groups, strict=True):
                detector.together(stack, levels(group.height, group.width, 20))
        finally:
            torch.cuda.set_sync_debug_mode("default")
