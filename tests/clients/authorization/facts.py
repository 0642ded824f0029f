"""What AWS's Service Authorization Reference says, read from the fixture, and what its other pages say beside it."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
MODELS = HERE.parents[2] / "models"
FIXTURE = json.loads((HERE / "service_authorization.json").read_text())
OTHER_PAGES = tomllib.loads((HERE / "other_pages.toml").read_text())
SERVICES = ["kms", "iam", "sts", "organizations", "cloudtrail", "logs"]
# Variables of ARN patterns that hold slashes.
DEEP = re.compile(r"WithPath$|^OidcProviderName$|^EntityPath$|^FederatedUserName$")


def built(service: str) -> list[str]:
    """The operations that the coverage list calls built."""
    return tomllib.loads((MODELS / f"{service}.toml").read_text())["operations"]


def documented(action: str) -> dict | None:
    """What the reference says of an action; none when it has no such action."""
    service, name = action.split(":")
    return FIXTURE["services"][service]["actions"].get(name)


@cache
def pattern(service: str, resource_type: str) -> re.Pattern:
    """What the ARNs of a resource type look like."""
    text = FIXTURE["services"][service]["resource_types"][resource_type]["arn"]
    named = {"Partition": "aws", "Region": "[a-z0-9-]+", "Account": r"\d{12}"}
    parts = re.split(r"\$\{(\w+)\}", text)
    for index in range(1, len(parts), 2):
        parts[index] = named.get(parts[index]) or (".+" if DEEP.search(parts[index]) else "[^/:]+")
    parts[::2] = map(re.escape, parts[::2])
    return re.compile("".join(parts))


def types_of(action: str) -> dict[str, str]:
    """The resource types of an action, each `required` or `optional`; empty when it is about no resource."""
    for entry in OTHER_PAGES["differs"]:
        if entry["action"] == action:
            return entry["resources"]
    entry = documented(action)
    assert entry is not None, f"{action} is not in the fixture: other_pages.toml must say what AWS's pages say of it"
    return entry["resources"]


def actions_of(operation: str) -> list[str]:
    """The actions that AWS asks permission for when an operation (`service:Name`) is called."""
    for entry in OTHER_PAGES["actions"]:
        if operation in entry["operations"]:
            return entry["actions"]
    return [operation]


def collection(action: str) -> str | None:
    """The collection that AWS asks about where the reference names no resource type: the end of its ARN."""
    return OTHER_PAGES["collections"].get(action)


def ending(action: str, resource_type: str) -> str:
    """What AWS puts behind the ARN of a resource of this type when it asks about it, beside what the reference says."""
    for entry in OTHER_PAGES["endings"]:
        of_type = action.split(":")[0] == entry["service"] and resource_type == entry["resource_type"]
        if of_type and action not in entry["except"]:
            return entry["ending"]
    return ""


def permitted_to_all() -> dict[str, dict]:
    """Operations that AWS documents as needing no permission."""
    return {entry["operation"]: entry for entry in OTHER_PAGES["no_permission"]}


def by_trust() -> list[str]:
    """Operations that a role's trust policy alone allows."""
    return OTHER_PAGES["by_trust"]["operations"]
