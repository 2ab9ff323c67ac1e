"""The libraries of the extra `index`, or one line that says where they come from."""

from __future__ import annotations

from artvision.errors import UsageError

try:
    import cv2
    import imagehash
except ImportError:
    raise UsageError("plates need opencv-python-headless and imagehash; pip install 'artvision[index]'") from None

__all__ = ["cv2", "imagehash"]
