"""What the operation of CloudTrail that is built is called with: nothing."""

from __future__ import annotations

MEMBERS: dict = {}
ROWS: dict = {}
