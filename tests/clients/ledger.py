"""What the tests' clients have called, and which errors came back: (operation, error code) of every call to KMS.

`test_zz_ledger.py` compares it with the interface model at the end.
"""

from __future__ import annotations

CALLED: set[str] = set()
REFUSED: dict[tuple[str, str], str] = {}


def watch(client) -> None:
    """Notes every answer that a client of KMS gets."""
    if client.meta.service_model.service_name == "kms":
        client.meta.events.register("after-call.kms", note)


def note(parsed: dict, model, **_) -> None:
    CALLED.add(model.name)
    if code := parsed.get("Error", {}).get("Code"):
        REFUSED.setdefault((model.name, code), parsed["Error"].get("Message", ""))
