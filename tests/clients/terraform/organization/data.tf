# Every data source of Organizations, read after what it is about exists.

data "aws_organizations_organization" "company" {
  depends_on = [aws_organizations_organization.company, aws_organizations_account.app, aws_organizations_account.audit]
}

data "aws_organizations_organizational_unit" "workloads" {
  parent_id = local.root
  name      = aws_organizations_organizational_unit.workloads.name
}

data "aws_organizations_organizational_units" "top" {
  parent_id  = local.root
  depends_on = [aws_organizations_organizational_unit.workloads]
}

data "aws_organizations_organizational_unit_child_accounts" "top" {
  parent_id = local.root
  depends_on = [
    aws_organizations_organizational_unit.production, aws_organizations_organizational_unit.test,
    aws_organizations_account.app, aws_organizations_account.audit, aws_organizations_account.closing,
  ]
}

data "aws_organizations_organizational_unit_descendant_accounts" "all" {
  parent_id = local.root
  depends_on = [
    aws_organizations_organizational_unit.production, aws_organizations_organizational_unit.test,
    aws_organizations_account.app, aws_organizations_account.audit, aws_organizations_account.closing,
  ]
}

data "aws_organizations_organizational_unit_descendant_organizational_units" "all" {
  parent_id = local.root
  depends_on = [
    aws_organizations_organizational_unit.production, aws_organizations_organizational_unit.test,
    aws_organizations_account.app, aws_organizations_account.audit, aws_organizations_account.closing,
  ]
}

data "aws_organizations_delegated_administrators" "all" {
  depends_on = [aws_organizations_delegated_administrator.config]
}

data "aws_organizations_delegated_services" "audit" {
  account_id = aws_organizations_delegated_administrator.config.account_id
}

data "aws_organizations_policies" "service_control" {
  filter     = "SERVICE_CONTROL_POLICY"
  depends_on = [aws_organizations_policy.no_leaving]
}

data "aws_organizations_policies_for_target" "workloads" {
  target_id = aws_organizations_policy_attachment.no_leaving.target_id
  filter    = "SERVICE_CONTROL_POLICY"
}

data "aws_organizations_policy" "no_leaving" {
  policy_id = aws_organizations_policy.no_leaving.id
}

data "aws_organizations_resource_tags" "app" {
  resource_id = aws_organizations_account.app.id
}

output "accounts" { value = sort(data.aws_organizations_organization.company.accounts[*].name) }
output "unit" { value = data.aws_organizations_organizational_unit.workloads.arn == aws_organizations_organizational_unit.workloads.arn }
output "units" { value = sort(data.aws_organizations_organizational_unit_descendant_organizational_units.all.children[*].name) }
output "top_units" { value = data.aws_organizations_organizational_units.top.children[*].name }
output "top_accounts" { value = sort(data.aws_organizations_organizational_unit_child_accounts.top.accounts[*].name) }
output "all_accounts" { value = sort(data.aws_organizations_organizational_unit_descendant_accounts.all.accounts[*].name) }
output "delegates" { value = data.aws_organizations_delegated_administrators.all.delegated_administrators[*].name }
output "delegated" { value = data.aws_organizations_delegated_services.audit.delegated_services[*].service_principal }
output "policies" { value = length(data.aws_organizations_policies.service_control.ids) }
output "policies_of_workloads" { value = length(data.aws_organizations_policies_for_target.workloads.ids) }
output "description" { value = data.aws_organizations_policy.no_leaving.description }
output "tags" { value = data.aws_organizations_resource_tags.app.tags }
