"""In which arithmetic CLIP's image network runs: what --precision asks for, and what a device can do."""

from __future__ import annotations

from artvision.device import Device
from artvision.errors import UsageError
from artvision.settings import suggest

DTYPES = {"fp32": "float32", "bf16": "bfloat16", "int8": "int8"}  # as the fingerprint names them
ABLE = {"cpu": ("fp32",), "cpu:0": ("fp32", "bf16"), "cuda": ("bf16", "fp32"), "mps": ("fp32",)}  # first: auto
AMPERE = 8  # compute capability from which CUDA devices multiply bfloat16 themselves


def choose_precision(wanted: str, device: Device) -> str:
    """Resolve `--precision`: fp32, bf16 or int8. Raises UsageError where the device has no such arithmetic."""
    if wanted not in {"auto", *DTYPES}:
        raise UsageError(f"--precision {wanted!r} is none of auto, {', '.join(DTYPES)}{suggest(wanted, DTYPES)}")
    able = ABLE.get(device.name, ABLE[device.kind])
    if "bf16" in able and device.kind == "cuda" and not _multiplies_bf16(device):
        able = ("fp32",)
    if wanted == "auto":
        return able[0]
    if wanted not in able:
        raise UsageError(f"--precision {wanted} is not for {device.name}, which does {' and '.join(able)}; use auto")
    return wanted


def _multiplies_bf16(device: Device) -> bool:
    import torch

    return torch.cuda.get_device_properties(device.name).major >= AMPERE
