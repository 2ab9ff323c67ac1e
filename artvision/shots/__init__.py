"""How a shot is staged: framing from measured columns, how people are grouped, how the camera is turned."""

from __future__ import annotations
