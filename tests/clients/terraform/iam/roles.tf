# Roles, their trust, instance profiles and service-linked roles.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.me.account_id]
    }
    principals {
      type        = "Service"
      identifiers = var.changed ? ["ec2.amazonaws.com"] : ["lambda.amazonaws.com", "ec2.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["one", "two"]
    }
  }
}

resource "aws_iam_role" "app" {
  name                  = "app"
  path                  = "/service/"
  description           = "the application, ${local.word}"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  max_session_duration  = var.changed ? 7200 : 3600
  permissions_boundary  = var.changed ? aws_iam_policy.other_boundary.arn : aws_iam_policy.boundary.arn
  force_detach_policies = true
  tags                  = { team = local.word }
}

# The older form: everything in one resource.
resource "aws_iam_role" "whole" {
  name_prefix = "whole-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  inline_policy {
    name   = "inline"
    policy = data.aws_iam_policy_document.read.json
  }
  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

resource "aws_iam_role" "federated" {
  name = "federated"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithWebIdentity"
        Principal = { Federated = aws_iam_openid_connect_provider.issuer.arn }
        Condition = { StringEquals = { "issuer.example.com:aud" = "app" } }
      },
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRoleWithSAML"
        Principal = { Federated = aws_iam_saml_provider.company.arn }
        Condition = { StringEquals = { "SAML:aud" = "https://signin.aws.amazon.com/saml" } }
      },
    ]
  })
}

resource "aws_iam_instance_profile" "app" {
  name = "app"
  path = "/service/"
  role = var.changed ? aws_iam_role.federated.name : aws_iam_role.app.name
  tags = { team = local.word }
}

resource "aws_iam_service_linked_role" "autoscaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "terraform"
  description      = "scales, ${local.word}"
  tags             = { team = local.word }
}

resource "aws_iam_service_linked_role" "config" {
  aws_service_name = "config.amazonaws.com"
}
