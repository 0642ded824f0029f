# Policies of every type that the organization enables, and what they hang on.

data "aws_iam_policy_document" "no_leaving" {
  statement {
    sid       = "NoLeaving"
    effect    = "Deny"
    actions   = var.changed ? ["organizations:LeaveOrganization", "iam:CreateGroup"] : ["organizations:LeaveOrganization"]
    resources = ["*"]
  }
}

resource "aws_organizations_policy" "no_leaving" {
  name        = "no leaving ${local.word}"
  description = "accounts stay, ${local.word}"
  content     = data.aws_iam_policy_document.no_leaving.json
  tags        = { stage = local.word }
  depends_on  = [aws_organizations_organization.company]
}

resource "aws_organizations_policy" "no_strangers" {
  name = "no strangers"
  type = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = ["kms:*", "sts:AssumeRole"]
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = aws_organizations_organization.company.id }
        BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}

resource "aws_organizations_policy" "tags" {
  name = "tags"
  type = "TAG_POLICY"
  content = jsonencode({
    tags = { CostCenter = {
      tag_key   = { "@@assign" = "CostCenter" }
      tag_value = { "@@assign" = var.changed ? ["100", "200", "300"] : ["100", "200"] }
    } }
  })
  depends_on = [aws_organizations_organization.company]
}

resource "aws_organizations_policy" "backups" {
  name = "backups"
  type = "BACKUP_POLICY"
  content = jsonencode({
    plans = { daily = {
      regions = { "@@assign" = ["eu-central-1"] }
      rules = { hourly = {
        schedule_expression      = { "@@assign" = "cron(0 5/1 ? * * *)" }
        target_backup_vault_name = { "@@assign" = "vault" }
        lifecycle                = { delete_after_days = { "@@assign" = var.changed ? "14" : "7" } }
      } }
      selections = { tags = { data = {
        iam_role_arn = { "@@assign" = "arn:aws:iam::$account:role/Backup" }
        tag_key      = { "@@assign" = "data" }
        tag_value    = { "@@assign" = ["keep"] }
      } } }
    } }
  })
  depends_on = [aws_organizations_organization.company]
}

resource "aws_organizations_policy_attachment" "no_leaving" {
  policy_id = aws_organizations_policy.no_leaving.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy_attachment" "no_strangers" {
  policy_id = aws_organizations_policy.no_strangers.id
  target_id = local.root
}

resource "aws_organizations_policy_attachment" "tags" {
  policy_id = aws_organizations_policy.tags.id
  target_id = aws_organizations_account.app.id
}

resource "aws_organizations_policy_attachment" "backups" {
  policy_id = aws_organizations_policy.backups.id
  target_id = aws_organizations_organizational_unit.production.id
}
