"""What an accelerator does: speed end to end, encoder against its matrix products, faces, agreement with the CPU."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bench_pictures import make_pictures

from artvision import Settings, extract, image, read_run
from artvision.clip.accelerated import AcceleratedEncoder
from artvision.clip.model import resolve
from artvision.contract import Contract
from artvision.detection.mtcnn import Detector
from artvision.detection.reading import search_side
from artvision.device import Device, available_cores, choose_device
from artvision.image import FACE_SIDE, Picture
from artvision.pipeline import Engine
from artvision.reporting import Silent
from artvision.reproduction.comparing import Checked, Columns

SIDE = {"cuda": 8192, "mps": 4096, "cpu": 1024}  # of the square matrices whose product is the machine's peak
REPEATS = 5
SHOWN = 10  # columns of the comparison
GIB = 1 << 30


def measure(asked: Settings, count: int, batch: int, *, compiled: bool) -> dict[str, Any]:
    """Everything, on `count` made pictures. Raises UsageError where the device that is asked for is not there."""
    device = choose_device(asked.device)
    settings = asked.on(device)
    with tempfile.TemporaryDirectory() as folder:
        paths = make_pictures(Path(folder) / "images", count)
        return {
            "device": described(device),
            "precision": settings.precision,
            "pictures": count,
            "end to end": end_to_end(paths, Path(folder), asked),
            "encoder": encoder(asked.model, device, str(settings.precision), batch, compiled=compiled),
            "faces": faces(paths, device),
            "agreement with the CPU": agreement(Path(folder), paths, asked),
        }


def described(device: Device) -> str:
    """The device as its maker calls it."""
    return torch.cuda.get_device_name(device.name) if device.kind == "cuda" else device.name


def end_to_end(paths: Sequence[Path], folder: Path, settings: Settings) -> dict[str, Any]:
    """Images/s without loading, milliseconds a picture and step, and how near that is to decoding alone.

    A step's milliseconds are those of a worker, waiting for the device among them. `share of decoding's rate` is 1
    where the pipeline is bound by nothing but reading and decoding.
    """
    extract(paths[:2], folder / "warm", settings)
    start = time.perf_counter()
    summary = extract(paths, folder / "device", settings)
    rate = len(paths) / (time.perf_counter() - start - summary.steps["load"])
    alone = decoding_rate(paths, Engine.of(settings, Silent()))
    steps = sorted(summary.steps.items(), key=lambda step: -step[1])
    return {
        "images/s": round(rate, 1),
        "images/s, reading and decoding alone": round(alone, 1),
        "share of decoding's rate": round(rate / alone, 3),
        "ms of a worker a picture": {step: round(1000 * spent / len(paths), 1) for step, spent in steps},
    }


def decoding_rate(paths: Sequence[Path], engine: Engine) -> float:
    """Images/s that a worker a core reads and decodes as the engine's workers do, with nothing else to do."""
    decoding = engine.worker("").decoding
    start = time.perf_counter()
    with ThreadPoolExecutor(available_cores()) as pool:
        for _ in pool.map(lambda path: image.decode(path.read_bytes(), name=str(path), **vars(decoding)), paths):
            pass
    return len(paths) / (time.perf_counter() - start)


def encoder(model: str, device: Device, precision: str, batch: int, *, compiled: bool) -> dict[str, Any]:
    """FLOP/s of the image tower on `batch` pictures that lie on the device, against a large square product there."""
    loaded = AcceleratedEncoder(resolve(model), device.name, precision)
    height, width = loaded.model.preprocess.size
    pixels = torch.zeros((batch, height, width, 3), dtype=torch.uint8, device=device.name)
    flops = operations(loaded, pixels[:1]) * batch
    peak = matmul_rate(device, loaded)
    found: dict[str, Any] = {
        "batch": batch,
        "TFLOP a batch": round(flops / 1e12, 3),
        "TFLOP/s of a product": round(peak / 1e12, 2),
    }
    ways = {"as it is": False, **({"blocks compiled": True} if compiled else {})}
    for how, compiling in ways.items():
        if compiling:
            compile_blocks(loaded)
        spent = seconds(lambda: loaded.forward(pixels), device)
        rates = {
            "images/s": batch / spent,
            "TFLOP/s": flops / spent / 1e12,
            "share of the product's": flops / spent / peak,
        }
        found[how] = {name: float(f"{rate:.3g}") for name, rate in rates.items()}
    return found


def operations(loaded: AcceleratedEncoder, pixels: torch.Tensor) -> int:
    """Floating-point operations of a pass: two a multiplication with addition, products and convolutions only."""
    from torch.utils.flop_counter import FlopCounterMode

    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one operator for all of attention, which the counter cannot open
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            loaded.forward(pixels)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return int(counter.get_total_flops())


def matmul_rate(device: Device, loaded: AcceleratedEncoder) -> float:
    """FLOP/s of one large square product in the encoder's arithmetic."""
    side = SIDE[device.kind]
    dtype = torch.bfloat16 if loaded.precision == "bf16" else torch.float32
    a, b = (torch.rand((side, side), device=device.name, dtype=dtype) for _ in range(2))
    return 2 * side**3 / seconds(lambda: a @ b, device)


def compile_blocks(loaded: AcceleratedEncoder) -> None:
    """Let torch compile the transformer's blocks, which are alike, so that one is compiled."""
    from open_clip.transformer import ResidualAttentionBlock

    for block in loaded._network.visual.modules():
        if isinstance(block, ResidualAttentionBlock):
            block.compile()


def seconds(run: Callable[[], object], device: Device) -> float:
    """Median time of a call until the device is done, after one that warms it up."""
    times = []
    with torch.inference_mode():
        for _ in range(REPEATS + 1):
            start = time.perf_counter()
            run()
            if device.kind == "cuda":
                torch.cuda.synchronize(device.name)
            times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def faces(paths: Sequence[Path], device: Device) -> dict[str, Any]:
    """Both the time and the room that finding faces takes, decoding left out."""
    searched = [_searched(path) for path in paths]
    detector = Detector(device.name, together=True)
    detector.detect(searched[:1])
    if device.kind == "cuda":
        torch.cuda.reset_peak_memory_stats(device.name)
    start = time.perf_counter()
    found = detector.detect(searched)
    spent = time.perf_counter() - start
    peak = torch.cuda.max_memory_allocated(device.name) / GIB if device.kind == "cuda" else None
    return {
        "pictures": len(searched),
        "faces": sum(len(one.boxes) for one in found),
        "ms a picture": round(1000 * spent / len(searched), 2),
        "looked at alone, for want of room": detector.alone,
        "GiB on the device": None if peak is None else round(peak, 2),
    }


def _searched(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    decoded: Picture = image.decode(
        path.read_bytes(),
        name=str(path),
        long_side=FACE_SIDE,
        short_side=0,
        max_pixels=10**9,
        background=(128, 128, 128),
    )
    return decoded.at(search_side(decoded))


def agreement(folder: Path, paths: Sequence[Path], settings: Settings) -> dict[str, Any]:
    """The run on the device against one on the CPU, column by column: those that come nearest to their limit."""
    extract(paths, folder / "cpu", Settings(model=settings.model, device="cpu"))
    return compared(folder / "cpu", folder / "device", Engine.of(settings, Silent()).contract)


def compared(one: Path, other: Path, contract: Contract) -> dict[str, Any]:
    """Differences of two runs of one contract over the same pictures, as shares of what each column allows."""
    checked: dict[str, Checked] = {}
    columns = Columns(read_run(one).contract, contract, set(), checked, exact=False)
    stored, again = (_rows(folder) for folder in (one, other))
    for asset_id, row in stored.items():
        columns.compare(row, again[asset_id])
    judged = [column for column in checked.values() if column.limit is not None]
    judged.sort(key=lambda column: -_share(column))
    told = {
        column.name: {"largest difference": column.worst, "allowed": column.limit, "beyond it": len(column.violating)}
        for column in judged[:SHOWN]
    }
    labels = {column.name: len(column.differing) for column in checked.values() if column.limit is None}
    return {
        "pictures": len(stored),
        "columns judged": len(judged),
        "columns beyond their limit": [column.name for column in judged if column.violating],
        "nearest to their limit": told,
        "not judged, and how many differ": {label: count for label, count in labels.items() if count},
    }


def _rows(folder: Path) -> Mapping[str, dict[str, Any]]:
    return {row["asset_id"]: row for row in read_run(folder).table().to_pylist()}


def _share(column: Checked) -> float:
    """Of the allowed difference; a value that one side lacks counts as most."""
    return float("inf") if np.isnan(column.worst) else column.worst / (column.limit or 1.0)
