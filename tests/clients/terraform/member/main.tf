# Works in an account of the organization, through the role that its creation left there.

variable "account" {
  type = string
}

provider "aws" {
  alias      = "member"
  region     = "eu-central-1"
  access_key = var.access_key
  secret_key = var.secret_key
  assume_role {
    role_arn     = "arn:aws:iam::${var.account}:role/OrganizationAccountAccessRole"
    session_name = "terraform"
    duration     = "15m"
  }
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

data "aws_caller_identity" "member" {
  provider = aws.member
}

# Who stands behind the session: the role in the member's account.
data "aws_iam_session_context" "member" {
  provider = aws.member
  arn      = data.aws_caller_identity.member.arn
}

resource "aws_iam_user" "carol" {
  provider = aws.member
  name     = "carol"
  path     = "/people/"
}

resource "aws_iam_user_policy" "carol" {
  provider = aws.member
  name     = "own"
  user     = aws_iam_user.carol.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["iam:GetUser", "iam:CreateGroup"], Resource = "*" }]
  })
}

resource "aws_iam_access_key" "carol" {
  provider = aws.member
  user     = aws_iam_user.carol.name
}

output "caller" { value = data.aws_caller_identity.me.arn }
output "session" { value = data.aws_caller_identity.member.arn }
output "issuer" { value = data.aws_iam_session_context.member.issuer_arn }
output "carol" {
  value     = [aws_iam_access_key.carol.id, aws_iam_access_key.carol.secret]
  sensitive = true
}
