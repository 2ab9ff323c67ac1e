"""RapidOCR's detector and reader (PP-OCRv6, Apache-2.0) as its wheel carries them; the only place that knows it.

Its parts are used and not its front: that one pairs boxes with the scores of others after sorting them, and fetches a
model that is not as expected. Here the sessions are made from checked files, with one thread each.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artvision.extras import extra
from artvision.image import Picture, Pixels
from artvision.lettering import FLOOR, MODEL, SIDE, UPSCALE
from artvision.lettering.regions import Line
from artvision.weights import get_model, require


class _Config(dict[str, Any]):
    """What the package expects of its settings: keys that are attributes too."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class Reader:
    """Finds lines of text and reads them, on the CPU; safe to share between threads."""

    def __init__(self) -> None:
        """Load both networks. Raises UsageError without the extra `text`, WeightsError where files are not right."""
        extra("rapidocr", "text")
        extra("onnxruntime", "text")
        detector, reader = require(get_model(MODEL))
        from rapidocr.ch_ppocr_det import TextDetector
        from rapidocr.ch_ppocr_rec import TextRecInput, TextRecognizer
        from rapidocr.utils.process_img import get_rotate_crop_image
        from rapidocr.utils.typings import EngineType, LangRec

        # It tells what it loads, to a terminal that is ours.
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        shared = {"engine_type": EngineType.ONNXRUNTIME, "font_path": None, "lang_type": LangRec.CH}
        found = {"limit_type": "max", "limit_side_len": UPSCALE * SIDE, "box_thresh": FLOOR}
        # One at a time: neighbours would decide the padding.
        read = {"rec_batch_num": 1, "rec_img_shape": [3, 48, 320]}
        self._detector = TextDetector(_Config(shared, session=_session(detector), **found))
        self._reader = TextRecognizer(_Config(shared, session=_session(reader), **read))
        self._cut_out = get_rotate_crop_image
        self._input = TextRecInput

    def lines(self, picture: Picture) -> list[Line]:
        """Every find on the picture, in no stated order, as it was read."""
        pixels = picture.at(min(SIDE, UPSCALE * max(picture.width, picture.height)))
        size = pixels.shape[1], pixels.shape[0]
        blue_first = np.ascontiguousarray(pixels[:, :, ::-1])
        lines = []
        for corners, found in self._finds(blue_first):
            text, read = self._read(blue_first, corners)
            lines.append(Line(corners.astype(np.float64), size, found, text, read))
        return lines

    def _finds(self, pixels: Pixels) -> list[tuple[NDArray[np.float32], float]]:
        """(corners, score) of each find; none on a picture so narrow that the network's grid of 32 leaves nothing."""
        prepared = self._detector.get_preprocess()(pixels)
        if prepared is None:
            return []
        boxes, scores = self._detector.postprocess_op(self._detector.session(prepared), pixels.shape[:2])
        return [(box, min(1.0, float(score))) for box, score in zip(boxes, scores, strict=True)]

    def _read(self, pixels: Pixels, corners: NDArray[np.float32]) -> tuple[str, float]:
        """(text, score) of the line between the corners; a standing line is laid down."""
        output = self._reader(self._input(img=[self._cut_out(pixels, corners)]))
        return str(next(iter(output.txts or ("",)))), float(output.scores[0])


def _session(path: Path) -> Any:
    """One thread: workers are the parallelism, and sums keep their order."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
