"""Terraform's AWS provider: whatever it has for IAM and Organizations stands in one of the configurations beside this file."""

import re

import pytest

from provider import CONFIGURATIONS, terraform  # noqa: F401, a fixture

pytestmark = [pytest.mark.terraform, pytest.mark.timeout(300)]


def test_every_type_is_used(terraform):  # noqa: F811
    resources, data = terraform("member").kinds("aws_iam_", "aws_organizations_")
    assert resources and data
    text = "\n".join(file.read_text() for file in CONFIGURATIONS.glob("*/*.tf"))
    used = set(re.findall(r'^(resource|data) "(\w+)"', text, re.MULTILINE))
    missing = {("resource", name) for name in resources} | {("data", name) for name in data}
    assert sorted(missing - used) == []
