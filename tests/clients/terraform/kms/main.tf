# Keys in two Regions, with aliases, policies, grants and imported material.

variable "grantee" {
  type = string
}

provider "aws" {
  alias      = "west"
  region     = "us-west-2"
  access_key = var.access_key
  secret_key = var.secret_key
  endpoints {
    kms = var.endpoint
    sts = var.endpoint
  }
}

resource "aws_kms_key" "symmetric" {
  description             = "by terraform"
  deletion_window_in_days = 7
  enable_key_rotation     = true
  rotation_period_in_days = var.changed ? 365 : 180
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
  grantee_principal = var.grantee
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
