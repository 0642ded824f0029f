"""Terraform's AWS provider: applies, plans no change, applies a change, destroys.

`GARRISON_TERRAFORM_PLUGINS` names a folder with a mirror of the provider (`registry.terraform.io/hashicorp/aws/…`);
the `terraform` command is in it or on the path.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support import pages, root

# The provider polls for consistency, and starts anew for every command.
pytestmark = [pytest.mark.terraform, pytest.mark.timeout(900)]

CONFIGURATION = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "%(account)s"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  default_tags { tags = { managed-by = "terraform" } }
  endpoints {
    kms = "%(endpoint)s"
    sts = "%(endpoint)s"
  }
}

provider "aws" {
  alias                       = "west"
  region                      = "us-west-2"
  access_key                  = "%(account)s"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    kms = "%(endpoint)s"
    sts = "%(endpoint)s"
  }
}

data "aws_caller_identity" "me" {}

resource "aws_kms_key" "symmetric" {
  description             = "by terraform"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = %(period)d
  tags                    = { team = "blue" }
}

resource "aws_kms_key" "with_policy" {
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Owner"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "NoSigning"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["kms:Sign", "kms:Verify"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_kms_key" "signing" {
  deletion_window_in_days  = 7
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_key" "mac" {
  deletion_window_in_days  = 7
  customer_master_key_spec = "HMAC_256"
  key_usage                = "GENERATE_VERIFY_MAC"
  is_enabled               = false
}

resource "aws_kms_alias" "symmetric" {
  name          = "alias/terraform"
  target_key_id = aws_kms_key.symmetric.key_id
}

resource "aws_kms_key_policy" "signing" {
  key_id = aws_kms_key.signing.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_grant" "other_account" {
  name              = "terraform"
  key_id            = aws_kms_key.symmetric.key_id
  grantee_principal = "%(grantee)s"
  operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]
  constraints {
    encryption_context_equals = { tenant = "blue" }
  }
}

resource "aws_kms_key" "multi_region" {
  deletion_window_in_days = 7
  multi_region            = true
}

resource "aws_kms_replica_key" "west" {
  provider                = aws.west
  description             = "the copy"
  deletion_window_in_days = 7
  primary_key_arn         = aws_kms_key.multi_region.arn
}

resource "aws_kms_external_key" "imported" {
  description             = "imported"
  deletion_window_in_days = 7
  enabled                 = true
  key_material_base64     = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
}

resource "aws_kms_ciphertext" "secret" {
  key_id    = aws_kms_key.symmetric.key_id
  plaintext = "by terraform"
  context   = { tenant = "blue" }
}

data "aws_kms_alias" "symmetric" {
  name       = "alias/terraform"
  depends_on = [aws_kms_alias.symmetric]
}

output "alias_target" { value = data.aws_kms_alias.symmetric.target_key_arn }
output "symmetric" { value = aws_kms_key.symmetric.arn }
output "ciphertext" { value = aws_kms_ciphertext.secret.ciphertext_blob }
"""


def terraform_binary(plugins: Path) -> str:
    inside = plugins / "terraform"
    found = str(inside) if inside.is_file() else shutil.which("terraform")
    return found or pytest.fail("no `terraform` in the folder of GARRISON_TERRAFORM_PLUGINS or on the path")


@pytest.fixture
def terraform(tmp_path):
    named = os.environ.get("GARRISON_TERRAFORM_PLUGINS")
    if not named:
        pytest.skip("GARRISON_TERRAFORM_PLUGINS does not name a folder with a mirror of Terraform's AWS provider")
    plugins = Path(named)
    assert (plugins / "registry.terraform.io/hashicorp/aws").is_dir(), f"{plugins} holds no mirror of the AWS provider"
    binary = terraform_binary(plugins)
    folder = tmp_path / "terraform"
    folder.mkdir()
    settings = folder / "cli.tfrc"
    settings.write_text(
        f'provider_installation {{ filesystem_mirror {{ path = "{plugins}" }} }}\ndisable_checkpoint = true\n'
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    environment = {**kept, "TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1", "HOME": str(folder)}

    def run(*arguments: str, codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [binary, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode in codes, f"terraform {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done

    run.folder = folder
    return run


def test_apply_plan_change_destroy(terraform, server, kms, account, other_account):
    values = {"endpoint": server.endpoint, "account": account, "grantee": root(other_account), "period": 180}

    def configure(**changed) -> None:
        (terraform.folder / "main.tf").write_text(CONFIGURATION % {**values, **changed})

    configure()
    terraform("init", "-input=false", "-no-color")
    terraform("apply", "-auto-approve", "-input=false", "-no-color")
    output = {name: entry["value"] for name, entry in json.loads(terraform("output", "-json").stdout).items()}
    assert output["alias_target"] == output["symmetric"]

    key_id = output["symmetric"].split("/")[-1]
    assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 180
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key_id)["Tags"]}
    assert tags == {"team": "blue", "managed-by": "terraform"}
    [grant] = kms.list_grants(KeyId=key_id)["Grants"]
    assert (grant["Name"], grant["GranteePrincipal"]) == ("terraform", root(other_account))
    states = {
        state["Description"] or state["KeySpec"]: state["KeyState"]
        for state in (kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in pages(kms.list_keys, "Keys")[0])
    }
    assert states["imported"] == states["by terraform"] == "Enabled"
    assert states["HMAC_256"] == "Disabled"
    west = server.client("kms", account, "us-west-2")
    [replica] = west.list_keys()["Keys"]
    assert west.describe_key(KeyId=replica["KeyId"])["KeyMetadata"]["Description"] == "the copy"

    # With -detailed-exitcode 0 means no difference.
    terraform("plan", "-detailed-exitcode", "-input=false", "-no-color")
    configure(period=365)
    terraform("plan", "-detailed-exitcode", "-input=false", "-no-color", codes=(2,))
    terraform("apply", "-auto-approve", "-input=false", "-no-color")
    assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 365
    terraform("plan", "-detailed-exitcode", "-input=false", "-no-color")

    terraform("destroy", "-auto-approve", "-input=false", "-no-color")
    for client in (kms, west):
        for key in pages(client.list_keys, "Keys")[0]:
            state = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
            assert state in ("PendingDeletion", "PendingReplicaDeletion")
    assert not [alias for alias in kms.list_aliases()["Aliases"] if alias["AliasName"] == "alias/terraform"]
