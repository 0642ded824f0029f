# Users, groups and what users sign in with.

resource "aws_iam_user" "alice" {
  name                 = "alice"
  path                 = "/people/"
  permissions_boundary = var.changed ? null : aws_iam_policy.boundary.arn
  tags                 = { team = local.word, "a key:with/other+signs" = "and @ value = 1" }
}

# Has what Terraform does not know when it is destroyed.
resource "aws_iam_user" "robot" {
  name          = "robot"
  force_destroy = true
}

resource "aws_iam_user" "renamed" {
  name = "user-${local.word}"
  path = "/${local.word}/"
}

resource "aws_iam_group" "renamed" {
  name = "group-${local.word}"
  path = "/${local.word}/"
}

resource "aws_iam_group" "operators" {
  name = "operators"
  path = "/teams/"
}

resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_membership" "operators" {
  name  = "operators"
  group = aws_iam_group.operators.name
  users = var.changed ? [aws_iam_user.alice.name] : [aws_iam_user.alice.name, aws_iam_user.robot.name]
}

resource "aws_iam_user_group_membership" "robot" {
  user   = aws_iam_user.robot.name
  groups = [aws_iam_group.readers.name]
}

resource "aws_iam_access_key" "robot" {
  user   = aws_iam_user.robot.name
  status = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_login_profile" "alice" {
  user            = aws_iam_user.alice.name
  password_length = 30
  depends_on      = [aws_iam_account_password_policy.account]
}

resource "aws_iam_user_ssh_key" "robot" {
  username   = aws_iam_user.robot.name
  encoding   = "SSH"
  public_key = var.ssh_key
  status     = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_signing_certificate" "robot" {
  user_name        = aws_iam_user.robot.name
  certificate_body = var.certificate
  status           = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_service_specific_credential" "robot" {
  user_name    = aws_iam_user.robot.name
  service_name = "codecommit.amazonaws.com"
  status       = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_virtual_mfa_device" "phone" {
  virtual_mfa_device_name = "phone"
  path                    = "/devices/"
  tags                    = { owner = local.word }
}
