# What an account has one of, the providers that it trusts, and its certificates.

variable "alias" {
  type = string
}

variable "metadata" {
  type = string
}

variable "other_metadata" {
  type = string
}

variable "certificate" {
  type = string
}

variable "private_key" {
  type = string
}

variable "ssh_key" {
  type = string
}

resource "aws_iam_account_alias" "account" {
  account_alias = var.alias
}

resource "aws_iam_account_password_policy" "account" {
  minimum_password_length        = var.changed ? 16 : 14
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
  max_password_age               = var.changed ? 90 : null
  password_reuse_prevention      = var.changed ? 5 : null
}

resource "aws_iam_security_token_service_preferences" "account" {
  global_endpoint_token_version = var.changed ? "v1Token" : "v2Token"
}

resource "aws_iam_openid_connect_provider" "issuer" {
  url             = "https://issuer.example.com/path"
  client_id_list  = var.changed ? ["app", "third"] : ["app", "other"]
  thumbprint_list = [var.changed ? "cf23df2207d99a74fbe169e3eba035e633b65d94" : "990f4193972f2becf12ddeda5237f9c952f20d9e"]
  tags            = { team = local.word }
}

resource "aws_iam_openid_connect_provider" "without_thumbprint" {
  url            = "https://other.example.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_saml_provider" "company" {
  name                   = "company"
  saml_metadata_document = var.changed ? var.other_metadata : var.metadata
  tags                   = { team = local.word }
}

resource "aws_iam_server_certificate" "site" {
  name             = "site"
  path             = "/cloudfront/"
  certificate_body = var.certificate
  private_key      = var.private_key
  tags             = { team = local.word }
}
