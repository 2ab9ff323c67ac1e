"""Whether a shot looks over a shoulder: what lies beside the lead face, in front of it."""

from __future__ import annotations
