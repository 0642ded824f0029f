"""Every operation: denied without its documented permission, allowed with exactly it, on exactly the right resource.

The expectation comes from public service-authorization data (`service_authorization.json`), not from Garrison.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import facts
import rows_cloudtrail
import rows_iam
import rows_kms
import rows_logs
import rows_organizations
import rows_sts
from conftest import Production
from rows import Case, case
from support import refused
from world import World

HERE = Path(__file__).parent
TABLES = {
    "kms": rows_kms,
    "iam": rows_iam,
    "sts": rows_sts,
    "organizations": rows_organizations,
    "cloudtrail": rows_cloudtrail,
    "logs": rows_logs,
}
DENIED = re.compile(
    r"User: (?P<caller>\S+) is not authorized to perform: (?P<action>\S+)( on resource: (?P<resource>.+?))?"
    r" because no identity-based policy allows the (?P<again>\S+) action"
)
CODES = {"AccessDenied", "AccessDeniedException"}
BUILT = [(service, operation) for service in TABLES for operation in facts.built(service)]
ELSEWHERE = [*facts.by_trust(), "kms:RetireGrant"]
OPERATIONS = [(service, operation) for service, operation in BUILT if f"{service}:{operation}" not in ELSEWHERE]
# Operations that get past authorization to an error, for want of something that no test can give them.
ERRORS = {entry["operation"]: entry for entry in tomllib.loads((HERE / "errors_when_allowed.toml").read_text())["error"]}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = Production(tmp_path_factory.mktemp("authorization")).start()
    yield World(server)
    assert server.stop() == 0


def allow(action: str | list[str], resource: str | list[str] = "*") -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def allow_all_but(action: str) -> dict:
    return {"Effect": "Allow", "NotAction": action, "Resource": "*"}


def other_than(arn: str) -> str:
    """The ARN of another resource of the same type, or of some resource where the action is about none."""
    return "arn:aws:iam::123456789012:user/other" if arn == "*" else arn[:-1] + ("x" if arn[-1] != "x" else "y")


def refusal(the: Case) -> dict | None:
    """The error of the case's call; none when it succeeds."""
    try:
        the.call()
    except ClientError as error:
        return error.response["Error"]
    return None


def is_denial(error: dict | None) -> bool:
    return error is not None and error["Code"] in CODES and "is not authorized to perform" in error["Message"]


def assert_denied(the: Case, action: str, arns: list[str]) -> None:
    """The call must be denied because of this action on one of these resources."""
    error = refusal(the)
    assert is_denial(error), f"not denied, although {action} on {arns} is not allowed: {error}"
    found = DENIED.fullmatch(error["Message"])
    assert found, error
    assert (found["caller"], found["action"], found["again"]) == (the.caller.user_arn, action, action)
    unnamed = action in facts.OTHER_PAGES["unnamed"]["actions"]
    names = [None] if unnamed else [name for arn in arns for name in (arn, *shown_as(action, arn))]
    assert found["resource"] in names, (error, names)


def shown_as(action: str, arn: str) -> list[str]:
    """What a denial of IAM's own says where others say the ARN."""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    if not action.startswith("iam:"):
        return []
    if not path:
        return ["policy path /"] if kind == "policy" else []
    if kind in ("user", "group", "role", "instance-profile"):
        return [f"{kind.replace('-', ' ')} {path.rpartition('/')[2]}"]
    if kind != "policy":
        return []
    version = "" if action != "iam:GetPolicyVersion" else " version v1"
    return [f"policy {arn}{version}", f"policy {path}"]


@pytest.mark.parametrize(("service", "operation"), OPERATIONS, ids=[":".join(pair) for pair in OPERATIONS])
def test_an_operation_needs_its_permission(world, service, operation):
    table, name = TABLES[service], f"{service}:{operation}"
    the = case(world, service, operation, table.ROWS, table.MEMBERS)
    if name in facts.permitted_to_all():
        the.caller.may({"Effect": "Deny", "Action": "*", "Resource": "*"})
        assert refusal(the) is None
        return
    for action in dict.fromkeys(action for action, _ in the.needs):
        the.caller.may(allow_all_but(action))
        assert_denied(the, action, [arn for of, arn in the.needs if of == action])
    for action, arn in the.needs:
        others = [other for of, other in the.needs if (of, other) != (action, arn) and of == action]
        the.caller.may(allow_all_but(action), allow(action, [*others, other_than(arn)]))
        assert_denied(the, action, [arn])
    the.caller.may(*(allow(action, "*" if facts.collection(action) else arn) for action, arn in the.needs))
    error = refusal(the)
    expected = ERRORS.get(name, {}).get("code")
    assert (error and error["Code"]) == expected, error


def test_a_grant_allows_its_retirement_and_no_policy_does(world):
    """KMS Developer Guide, "AWS KMS permissions": of `kms:RetireGrant`, the grant decides, and a policy alone allows nothing."""
    caller = world.caller
    kms = caller.client("kms")
    caller.may(allow("kms:*"))
    given = world.grant()
    message = f"User: {caller.user_arn} is not authorized to perform: kms:RetireGrant on resource: {world.arns[given['KeyId']][0]}"
    with refused("AccessDeniedException", re.compile("^" + re.escape(message))):
        kms.retire_grant(**given)
    caller.may(allow("s3:GetObject"))
    kms.retire_grant(**world.grant(RetiringPrincipal=caller.user_arn))


def test_the_tables_name_only_what_is_built():
    """Every built operation has its case above; a row for something else would be for nothing."""
    for service, table in TABLES.items():
        assert set(table.ROWS) <= set(facts.built(service))
    built = {":".join(pair) for pair in BUILT}
    assert set(ERRORS) <= built
    assert set(facts.permitted_to_all()) | set(facts.by_trust()) <= built


def test_no_service_is_served_without_a_table(world):
    assert set(world.server.get("/_garrison/health")["services"]) == set(TABLES)


def test_what_differs_from_the_reference_still_differs():
    """An entry that the fixture catches up with goes."""
    for action in facts.OTHER_PAGES["collections"]:
        assert facts.documented(action)["resources"] == {}
    for entry in facts.OTHER_PAGES["differs"]:
        found = facts.documented(entry["action"])
        assert found is None or found["resources"] != entry["resources"], entry
        assert entry["page"] and entry["why"]
