# An organization: its tree, its accounts and who administers it.

resource "aws_organizations_organization" "company" {
  feature_set = "ALL"
  aws_service_access_principals = concat(
    ["cloudtrail.amazonaws.com", "config.amazonaws.com", "iam.amazonaws.com"],
    var.changed ? ["guardduty.amazonaws.com"] : ["ram.amazonaws.com"],
  )
  enabled_policy_types = concat(
    ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY"],
    var.changed ? ["CHATBOT_POLICY"] : ["AISERVICES_OPT_OUT_POLICY"],
  )
}

locals {
  root = aws_organizations_organization.company.roots[0].id
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "Workloads ${local.word}"
  parent_id = local.root
  tags      = { stage = local.word }
}

resource "aws_organizations_organizational_unit" "production" {
  name      = "Production"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_organizational_unit" "test" {
  name      = "Test"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_account" "app" {
  name      = "app"
  email     = "app-${data.aws_caller_identity.me.account_id}@example.com"
  parent_id = var.changed ? aws_organizations_organizational_unit.production.id : aws_organizations_organizational_unit.test.id
  tags      = { stage = local.word }
}

resource "aws_organizations_account" "audit" {
  name                       = "audit"
  email                      = "audit-${data.aws_caller_identity.me.account_id}@example.com"
  parent_id                  = local.root
  role_name                  = "Administration"
  iam_user_access_to_billing = "DENY"
  lifecycle { ignore_changes = [role_name] }
}

# Closed by the second application.
resource "aws_organizations_account" "closing" {
  count             = var.changed ? 0 : 1
  name              = "closing"
  email             = "closing-${data.aws_caller_identity.me.account_id}@example.com"
  parent_id         = local.root
  close_on_deletion = true
}

resource "aws_organizations_delegated_administrator" "config" {
  account_id        = aws_organizations_account.audit.id
  service_principal = "config.amazonaws.com"
}

resource "aws_organizations_resource_policy" "delegation" {
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Read"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${aws_organizations_account.audit.id}:root" }
      Action = concat(
        ["organizations:DescribeOrganization", "organizations:ListAccounts"],
        var.changed ? ["organizations:ListRoots"] : [],
      )
      Resource = "*"
    }]
  })
  tags = { stage = local.word }
}

resource "aws_iam_organizations_features" "root_access" {
  enabled_features = var.changed ? ["RootCredentialsManagement"] : ["RootCredentialsManagement", "RootSessions"]
  depends_on       = [aws_organizations_organization.company]
}

# Somebody of the management account who may do everything: a root user assumes no roles.
resource "aws_iam_user" "administrator" {
  name          = "administrator"
  force_destroy = true
}

resource "aws_iam_user_policy_attachment" "administrator" {
  user       = aws_iam_user.administrator.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_access_key" "administrator" {
  user       = aws_iam_user.administrator.name
  depends_on = [aws_iam_user_policy_attachment.administrator]
}

output "app" { value = aws_organizations_account.app.id }
output "audit" { value = aws_organizations_account.audit.id }
output "closing" { value = one(aws_organizations_account.closing[*].id) }
output "administrator" {
  value     = [aws_iam_access_key.administrator.id, aws_iam_access_key.administrator.secret]
  sensitive = true
}
