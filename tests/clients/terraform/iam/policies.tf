# Policies of every kind, and who has them.

data "aws_iam_policy_document" "read" {
  policy_id = "read"
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::data", "arn:aws:s3:::data/&{aws:username}/*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

data "aws_iam_policy_document" "merged" {
  source_policy_documents = [data.aws_iam_policy_document.read.json]
  statement {
    sid           = "NoIam"
    effect        = "Deny"
    not_actions   = ["iam:Get*", "iam:List*"]
    not_resources = ["arn:aws:iam::*:user/robot"]
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "*", Resource = "*" } })
}

resource "aws_iam_policy" "other_boundary" {
  name_prefix = "boundary-"
  path        = "/boundaries/"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*"], Resource = ["*"] }] })
}

resource "aws_iam_policy" "read" {
  name        = "read"
  path        = "/data/"
  description = "reads data"
  policy      = var.changed ? data.aws_iam_policy_document.merged.json : data.aws_iam_policy_document.read.json
  tags        = { team = local.word }
}

# One attachment that has everybody.
resource "aws_iam_policy_attachment" "read" {
  name       = "read"
  policy_arn = aws_iam_policy.read.arn
  users      = [aws_iam_user.alice.name]
  groups     = [aws_iam_group.operators.name]
  roles      = var.changed ? [aws_iam_role.federated.name] : [aws_iam_role.app.name, aws_iam_role.federated.name]
}

resource "aws_iam_user_policy" "alice" {
  name   = "inline"
  user   = aws_iam_user.alice.name
  policy = var.changed ? data.aws_iam_policy_document.merged.json : data.aws_iam_policy_document.read.json
}

resource "aws_iam_group_policy" "operators" {
  name   = "inline"
  group  = aws_iam_group.readers.name
  policy = var.changed ? data.aws_iam_policy_document.merged.json : data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy" "app" {
  name   = "inline"
  role   = aws_iam_role.app.id
  policy = var.changed ? data.aws_iam_policy_document.merged.json : data.aws_iam_policy_document.read.json
}

resource "aws_iam_user_policy_attachment" "robot" {
  user       = aws_iam_user.robot.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_group_policy_attachment" "readers" {
  group      = aws_iam_group.readers.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

# What may be there, and nothing else.
resource "aws_iam_user_policies_exclusive" "robot" {
  user_name    = aws_iam_user.robot.name
  policy_names = []
}

resource "aws_iam_group_policies_exclusive" "readers" {
  group_name   = aws_iam_group.readers.name
  policy_names = [aws_iam_group_policy.operators.name]
}

resource "aws_iam_role_policies_exclusive" "app" {
  role_name    = aws_iam_role.app.name
  policy_names = [aws_iam_role_policy.app.name]
}

resource "aws_iam_user_policy_attachments_exclusive" "robot" {
  user_name   = aws_iam_user.robot.name
  policy_arns = [aws_iam_user_policy_attachment.robot.policy_arn]
}

resource "aws_iam_group_policy_attachments_exclusive" "readers" {
  group_name  = aws_iam_group.readers.name
  policy_arns = [aws_iam_group_policy_attachment.readers.policy_arn]
}

resource "aws_iam_role_policy_attachments_exclusive" "federated" {
  role_name   = aws_iam_role.federated.name
  policy_arns = [aws_iam_policy_attachment.read.policy_arn]
}
