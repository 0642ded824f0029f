//! An organization as people have them, built through the interface: units with a hundred accounts each, service and
//! resource control policies, and in every account managed policies, a role that has them, and a key.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::Result;
use crate::api::{Api, element, member};
use crate::client::{Credentials, IAM, KMS, ORGANIZATIONS, signed};
use crate::garrison::Garrison;
use crate::process::Server;
use crate::report::progress;
use crate::requests::encrypt_input;

/// Customer managed policies of each account.
pub(crate) const POLICIES: usize = 10;
/// Statements of each of them: 50 for who has all.
pub(crate) const STATEMENTS: usize = 5;
/// Accounts of a unit.
const ACCOUNTS_PER_UNIT: usize = 100;
/// How many accounts are furnished at the same time.
const THREADS: usize = 16;
/// The role that the management account works with in the accounts that it makes.
const ADMINISTRATOR: &str = "OrganizationAccountAccessRole";
/// The role that everything belongs to.
const ROLE: &str = "app";
const USER: &str = "ann";
const BOUNDARY: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
/// A tag of the role and the user, on which their policies look.
const TAGS: [(&str, &str); 2] = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "payments")];

/// An account of an organization.
pub(crate) struct Member {
    account: String,
    administrator: Credentials,
    /// A session of its role.
    pub(crate) session: Credentials,
    key: String,
}

/// Builds an organization of so many accounts beside the one that manages it.
pub(crate) fn build(garrison: &Garrison, accounts: usize) -> Result<Vec<Member>> {
    let mut api = garrison.api()?;
    let root = &garrison.root;
    let made = api.json(root, ORGANIZATIONS, "CreateOrganization", &json!({"FeatureSet": "ALL"}))?;
    let parent = govern(&mut api, root, &member(&made, "/Organization/Id")?)?;
    for index in 0..accounts {
        if index % 1000 == 999 {
            progress(&format!("{} of {accounts} accounts made", index + 1));
        }
        let input = json!({"AccountName": format!("a{index}"), "Email": format!("a{index}@example.com")});
        api.json(root, ORGANIZATIONS, "CreateAccount", &input)?;
    }
    let ids = members(&mut api, root)?;
    let mut unit = String::new();
    for (index, id) in ids.iter().enumerate() {
        if index % ACCOUNTS_PER_UNIT == 0 {
            let input = json!({"ParentId": parent, "Name": format!("unit {index}")});
            let made = api.json(root, ORGANIZATIONS, "CreateOrganizationalUnit", &input)?;
            unit = member(&made, "/OrganizationalUnit/Id")?;
        }
        let input = json!({"AccountId": id, "SourceParentId": parent, "DestinationParentId": unit});
        api.json(root, ORGANIZATIONS, "MoveAccount", &input)?;
    }
    let operator = operator(&mut api, root)?;
    furnish_all(garrison, &operator, &ids)
}

/// The same Encrypt of 32 bytes with its own key by a principal of an account.
pub(crate) fn encrypt(server: &Server, member: &Member, who: &Credentials) -> Result<Vec<u8>> {
    signed(server.address, who, KMS, "Encrypt", &encrypt_input(&member.key, 32).to_string())
}

/// Adds to an account a user who has what the role has; an access key of theirs.
pub(crate) fn add_user(garrison: &Garrison, member: &Member) -> Result<Credentials> {
    let (mut api, administrator) = (garrison.api()?, &member.administrator);
    let mut input = vec![("UserName", USER), ("PermissionsBoundary", BOUNDARY)];
    input.extend(TAGS);
    api.query(administrator, IAM, "CreateUser", &input)?;
    for number in 0..POLICIES {
        let arn = policy_arn(&member.account, number);
        api.query(administrator, IAM, "AttachUserPolicy", &[("UserName", USER), ("PolicyArn", &arn)])?;
    }
    access_key(&mut api, administrator, USER)
}

fn access_key(api: &mut Api, who: &Credentials, user: &str) -> Result<Credentials> {
    let answer = api.query(who, IAM, "CreateAccessKey", &[("UserName", user)])?;
    Ok(Credentials {
        access_key_id: element(&answer, "AccessKeyId")?,
        secret: element(&answer, "SecretAccessKey")?,
        token: None,
    })
}

/// Hangs policies on the organization's root, beside those that AWS hangs there; the root's id.
fn govern(api: &mut Api, root: &Credentials, organization: &str) -> Result<String> {
    let roots = api.json(root, ORGANIZATIONS, "ListRoots", &json!({}))?;
    let parent = member(&roots, "/Roots/0/Id")?;
    let regions = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "NotAction": ["iam:*", "sts:*", "organizations:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}},
    }});
    let perimeter = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }});
    for (kind, content) in [("SERVICE_CONTROL_POLICY", regions), ("RESOURCE_CONTROL_POLICY", perimeter)] {
        api.json(root, ORGANIZATIONS, "EnablePolicyType", &json!({"RootId": parent, "PolicyType": kind}))?;
        let input = json!({"Name": kind, "Description": "", "Type": kind, "Content": content.to_string()});
        let policy = api.json(root, ORGANIZATIONS, "CreatePolicy", &input)?;
        let policy = member(&policy, "/Policy/PolicySummary/Id")?;
        api.json(root, ORGANIZATIONS, "AttachPolicy", &json!({"PolicyId": policy, "TargetId": parent}))?;
    }
    Ok(parent)
}

/// The ids of every account that was made.
fn members(api: &mut Api, root: &Credentials) -> Result<Vec<String>> {
    let (mut ids, mut token) = (Vec::new(), Value::Null);
    loop {
        let input = if token.is_null() { json!({}) } else { json!({"NextToken": token}) };
        let mut page = api.json(root, ORGANIZATIONS, "ListAccounts", &input)?;
        for account in page.get("Accounts").and_then(Value::as_array).into_iter().flatten() {
            if account.get("JoinedMethod").and_then(Value::as_str) == Some("CREATED") {
                ids.push(member(account, "/Id")?);
            }
        }
        token = page.get_mut("NextToken").map(Value::take).unwrap_or_default();
        if token.is_null() {
            return Ok(ids);
        }
    }
}

/// A user of the management account who may do everything: root users do not assume roles.
fn operator(api: &mut Api, root: &Credentials) -> Result<Credentials> {
    let everything = "arn:aws:iam::aws:policy/AdministratorAccess";
    api.query(root, IAM, "CreateUser", &[("UserName", "operator")])?;
    api.query(root, IAM, "AttachUserPolicy", &[("UserName", "operator"), ("PolicyArn", everything)])?;
    access_key(api, root, "operator")
}

fn furnish_all(garrison: &Garrison, operator: &Credentials, ids: &[String]) -> Result<Vec<Member>> {
    let done = AtomicUsize::new(0);
    let furnish_some = |ids: &[String]| -> Result<Vec<Member>> {
        let mut api = garrison.api()?;
        let furnish = |id: &String| {
            let member = furnish(&mut api, operator, id);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(1000) {
                progress(&format!("{done} accounts furnished"));
            }
            member
        };
        ids.iter().map(furnish).collect()
    };
    std::thread::scope(|scope| {
        let furnish_some = &furnish_some;
        let running: Vec<_> = ids
            .chunks(ids.len().div_ceil(THREADS).max(1))
            .map(|ids| scope.spawn(move || furnish_some(ids)))
            .collect();
        let mut all = Vec::with_capacity(ids.len());
        for thread in running {
            all.extend(thread.join().map_err(|_| "a client thread panicked")??);
        }
        Ok(all)
    })
}

fn furnish(api: &mut Api, operator: &Credentials, account: &str) -> Result<Member> {
    let administrator = api.assume(operator, account, ADMINISTRATOR)?;
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole",
    }})
    .to_string();
    let mut input = vec![
        ("RoleName", ROLE),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("PermissionsBoundary", BOUNDARY),
    ];
    input.extend(TAGS);
    api.query(&administrator, IAM, "CreateRole", &input)?;
    for number in 0..POLICIES {
        let (name, arn) = (policy_name(number), policy_arn(account, number));
        let document = policy(number).to_string();
        api.query(
            &administrator,
            IAM,
            "CreatePolicy",
            &[("PolicyName", &name), ("PolicyDocument", &document)],
        )?;
        api.query(&administrator, IAM, "AttachRolePolicy", &[("RoleName", ROLE), ("PolicyArn", &arn)])?;
    }
    let key =
        api.json(&administrator, KMS, "CreateKey", &json!({"Policy": key_policy(account).to_string()}))?;
    let key = member(&key, "/KeyMetadata/KeyId")?;
    let session = api.assume(&administrator, account, ROLE)?;
    Ok(Member { account: account.to_owned(), administrator, session, key })
}

fn policy_name(number: usize) -> String {
    format!("p{number}")
}

fn policy_arn(account: &str, number: usize) -> String {
    format!("arn:aws:iam::{account}:policy/{}", policy_name(number))
}

/// Statements on buckets, tables and keys, each with a condition. The last statement of the last policy is the only one
/// that allows what is asked.
fn policy(number: usize) -> Value {
    let actions = ["s3:GetObject", "kms:Decrypt", "kms:Describe*", "dynamodb:*", "kms:Encrypt"];
    let mut statements: Vec<Value> = actions
        .iter()
        .take(STATEMENTS)
        .enumerate()
        .map(|(at, action)| {
            let of = number * STATEMENTS + at;
            json!({
                "Effect": "Allow", "Action": action, "Resource": format!("arn:aws:kms:*:*:key/k{of}-*"),
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": format!("team-{of}")}},
            })
        })
        .collect();
    if number + 1 == POLICIES
        && let Some(last) = statements.last_mut()
    {
        *last = json!({
            "Effect": "Allow", "Action": ["kms:Encrypt", "kms:GenerateDataKey*"], "Resource": "arn:aws:kms:*:*:key/*",
            "Condition": {
                "StringEquals": {"aws:PrincipalTag/team": "payments"}, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
            },
        });
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The account's policies decide, but for a service's own calls.
fn key_policy(account: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        },
    ]})
}
