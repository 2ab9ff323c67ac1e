"""Puts size and checksum of the trained files into `models/manifest.toml`, so that loading can verify them.

python scripts/starter/manifest.py        also by itself, after files were changed by hand
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

MANIFEST = Path(__file__).resolve().parent.parent.parent / "models" / "manifest.toml"
FILES = ("open_clip_model.safetensors", "open_clip_config.json", "evidence.json")


def record(folder: Path, manifest: Path = MANIFEST) -> None:
    """Write bytes and sha256 of the files in `folder` to the entry `starter`. KeyError where one is not listed."""
    text = manifest.read_text(encoding="utf-8")
    start = text.index('id = "starter"')
    end = text.find("[[model]]", start) % (len(text) + 1)
    entry = text[start:end]
    for name in FILES:
        entry = _with_file(entry, folder / name)
    manifest.write_text(text[:start] + entry + text[end:], encoding="utf-8")


def _with_file(entry: str, path: Path) -> str:
    data = path.read_bytes()
    pattern = rf'(name = "{re.escape(path.name)}"\nurl = ""\n)bytes = \d+\nsha256 = "[0-9a-f]*"'
    filled, count = re.subn(pattern, rf'\g<1>bytes = {len(data)}\nsha256 = "{hashlib.sha256(data).hexdigest()}"', entry)
    if count != 1:
        raise KeyError(f"{path.name} is not in the manifest's entry of the starter")
    return filled


if __name__ == "__main__":
    record(MANIFEST.parent / "starter")
