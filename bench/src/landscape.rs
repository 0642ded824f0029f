//! An organization as people have them, built through the interface: units with a hundred accounts each, service and
//! resource control policies, and in every account managed policies, a role that has them, and a key.

use std::sync::{Mutex, mpsc};

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
    let operator = operator(&mut api, root)?;
    let (made, to_furnish) = mpsc::channel();
    let to_furnish = Mutex::new(to_furnish);
    std::thread::scope(|scope| {
        // What changes the organization is made by one, since it would only wait for each other; what is in the accounts, by
        // many at the same time.
        let making = scope.spawn(move || make_all(&mut api, root, &parent, accounts, &made));
        let furnishing: Vec<_> =
            (0..THREADS).map(|_| scope.spawn(|| furnish_all(garrison, &operator, &to_furnish))).collect();
        making.join().map_err(|_| "the thread that makes accounts panicked")??;
        let mut members = Vec::with_capacity(accounts);
        for thread in furnishing {
            members.extend(thread.join().map_err(|_| "a thread that furnishes accounts panicked")??);
        }
        Ok(members)
    })
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

/// Makes accounts and moves them into units; tells of each.
fn make_all(
    api: &mut Api,
    root: &Credentials,
    parent: &str,
    accounts: usize,
    made: &mpsc::Sender<String>,
) -> Result<()> {
    let mut unit = String::new();
    for index in 0..accounts {
        if index % ACCOUNTS_PER_UNIT == 0 {
            let input = json!({"ParentId": parent, "Name": format!("unit {index}")});
            let answer = api.json(root, ORGANIZATIONS, "CreateOrganizationalUnit", &input)?;
            unit = member(&answer, "/OrganizationalUnit/Id")?;
        }
        if index % 1000 == 999 {
            progress(&format!("{} of {accounts} accounts made", index + 1));
        }
        let input = json!({"AccountName": format!("a{index}"), "Email": format!("a{index}@example.com")});
        let status = api.json(root, ORGANIZATIONS, "CreateAccount", &input)?;
        let input = json!({"CreateAccountRequestId": member(&status, "/CreateAccountStatus/Id")?});
        let status = api.json(root, ORGANIZATIONS, "DescribeCreateAccountStatus", &input)?;
        let id = member(&status, "/CreateAccountStatus/AccountId")?;
        let input = json!({"AccountId": id, "SourceParentId": parent, "DestinationParentId": unit});
        api.json(root, ORGANIZATIONS, "MoveAccount", &input)?;
        made.send(id)?;
    }
    Ok(())
}

/// A user of the management account who may do everything: root users do not assume roles.
fn operator(api: &mut Api, root: &Credentials) -> Result<Credentials> {
    let everything = "arn:aws:iam::aws:policy/AdministratorAccess";
    api.query(root, IAM, "CreateUser", &[("UserName", "operator")])?;
    api.query(root, IAM, "AttachUserPolicy", &[("UserName", "operator"), ("PolicyArn", everything)])?;
    access_key(api, root, "operator")
}

/// Furnishes accounts until no more are made.
fn furnish_all(
    garrison: &Garrison,
    operator: &Credentials,
    made: &Mutex<mpsc::Receiver<String>>,
) -> Result<Vec<Member>> {
    let mut api = garrison.api()?;
    let mut members = Vec::new();
    loop {
        let next = made.lock().map_err(|_| "a thread that furnishes accounts panicked")?.recv();
        match next {
            Ok(account) => members.push(furnish(&mut api, operator, &account)?),
            Err(mpsc::RecvError) => return Ok(members),
        }
    }
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
