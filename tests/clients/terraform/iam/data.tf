# Every data source of IAM, read after what it is about exists.

data "aws_iam_session_context" "me" {
  arn = data.aws_caller_identity.me.arn
}

data "aws_iam_session_context" "app" {
  arn = "arn:aws:sts::${data.aws_caller_identity.me.account_id}:assumed-role/${aws_iam_role.app.name}/session"
}

data "aws_iam_access_keys" "robot" {
  user       = aws_iam_user.robot.name
  depends_on = [aws_iam_access_key.robot]
}

data "aws_iam_account_alias" "account" {
  depends_on = [aws_iam_account_alias.account]
}

data "aws_iam_group" "operators" {
  group_name = aws_iam_group_membership.operators.group
}

data "aws_iam_instance_profile" "app" {
  name = aws_iam_instance_profile.app.name
}

data "aws_iam_instance_profiles" "app" {
  role_name  = aws_iam_role.app.name
  depends_on = [aws_iam_instance_profile.app]
}

data "aws_iam_openid_connect_provider" "by_arn" {
  arn = aws_iam_openid_connect_provider.issuer.arn
}

data "aws_iam_openid_connect_provider" "by_url" {
  url = "https://${aws_iam_openid_connect_provider.issuer.url}"
}

data "aws_iam_policy" "by_arn" {
  arn = aws_iam_policy.read.arn
}

data "aws_iam_policy" "by_name" {
  name        = aws_iam_policy.read.name
  path_prefix = "/data/"
}

data "aws_iam_policy" "of_aws" {
  name = "AdministratorAccess"
}

data "aws_iam_role" "app" {
  name = aws_iam_role.app.name
}

data "aws_iam_roles" "of_services" {
  path_prefix = "/service/"
  name_regex  = "a.*"
  depends_on  = [aws_iam_role.app]
}

data "aws_iam_saml_provider" "company" {
  arn = aws_iam_saml_provider.company.arn
}

data "aws_iam_server_certificate" "site" {
  name = aws_iam_server_certificate.site.name
}

data "aws_iam_user" "alice" {
  user_name = aws_iam_user.alice.name
}

data "aws_iam_user_ssh_key" "robot" {
  username          = aws_iam_user.robot.name
  ssh_public_key_id = aws_iam_user_ssh_key.robot.ssh_public_key_id
  encoding          = "SSH"
}

data "aws_iam_users" "people" {
  path_prefix = "/people/"
  depends_on  = [aws_iam_user.alice]
}

data "aws_iam_principal_policy_simulation" "robot" {
  policy_source_arn = aws_iam_user.robot.arn
  action_names      = ["iam:ListUsers", "iam:DeleteUser"]
  depends_on = [
    aws_iam_user_policy_attachment.robot, aws_iam_user_policies_exclusive.robot, aws_iam_user_group_membership.robot,
    aws_iam_group_policy.operators, aws_iam_group_policy_attachment.readers, aws_iam_group_membership.operators,
  ]
}

output "account" { value = data.aws_caller_identity.me.account_id }
output "me" { value = data.aws_iam_session_context.me.issuer_arn }
output "session_issuer" { value = data.aws_iam_session_context.app.issuer_name }
output "keys" { value = [for key in data.aws_iam_access_keys.robot.access_keys : key.status] }
output "alias" { value = data.aws_iam_account_alias.account.account_alias }
output "operators" { value = sort([for user in data.aws_iam_group.operators.users : user.user_name]) }
output "profile_role" { value = data.aws_iam_instance_profile.app.role_name }
output "policy" { value = jsondecode(data.aws_iam_policy.by_name.policy) }
output "policy_of_aws" { value = data.aws_iam_policy.of_aws.arn }
output "boundary" { value = data.aws_iam_role.app.permissions_boundary }
output "roles" { value = data.aws_iam_roles.of_services.names }
output "people" { value = data.aws_iam_users.people.names }
output "simulated" { value = { for one in data.aws_iam_principal_policy_simulation.robot.results : one.action_name => one.decision } }
output "password" {
  value     = aws_iam_user_login_profile.alice.password
  sensitive = true
}
output "access_key" {
  value     = [aws_iam_access_key.robot.id, aws_iam_access_key.robot.secret]
  sensitive = true
}
output "seed" {
  value     = aws_iam_virtual_mfa_device.phone.base_32_string_seed
  sensitive = true
}
