//! Policies and requests at random, made so that they often have to do with each other.

use garrison_policy::ResourcePolicyKind;
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::model::{Ask, HOME, Set, Val, Who};

const ACTIONS: &[&str] =
    &["kms:Decrypt", "KMS:decrypt", "kms:*", "kms:De*", "*", "s3:Get?bject", "s3:*", "k*:Decrypt"];
const ASKED_ACTIONS: &[&str] =
    &["kms:Decrypt", "kms:decrypt", "kms:Encrypt", "kms:RetireGrant", "s3:GetObject", "ec2:RunInstances"];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/${aws:PrincipalTag/team, 'blue'}/?",
    "arn:aws:s3:::b/${a:k}",
    "arn:aws:kms:*",
    "arn:aws:*:*:*:*:x",
];
const ASKED_RESOURCES: &[&str] = &[
    "*",
    "arn:aws:kms:eu-west-1:111122223333:key/1",
    "arn:aws:kms:eu-west-1:111122223333:key/12",
    "arn:aws:s3:::b/ann/x",
    "arn:aws:s3:::b/blue/x",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b:x",
];
const PRINCIPALS: &[&str] = &[
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/s1",
    "arn:aws:sts::111122223333:federated-user/fed",
    "444455556666",
    "arn:aws:iam::444455556666:user/ann",
    "AIDAANNANNANNANN",
    "AROAAPPAPPAPPAPP",
    "arn:aws:iam::111122223333:role/team/app",
    "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport",
];
const WHO: &[&str] = &[
    "root",
    "ann",
    "bob",
    "role",
    "session",
    "federated",
    "linked",
    "tagged",
    "saml",
    "oidc",
    "other-root",
    "other-ann",
    "other-session",
    "s3.amazonaws.com",
    "google",
    "anonymous",
];
const KEYS: &[&str] = &[
    "a:k",
    "A:K",
    "a:list",
    "aws:username",
    "aws:PrincipalArn",
    "aws:PrincipalTag/Team",
    "aws:PrincipalTag/level",
    "aws:PrincipalOrgID",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalIsAWSService",
];
const TEXTS: &[&str] = &[
    "",
    "x",
    "X",
    "x*",
    "?",
    "blue",
    "ann",
    "*",
    "${aws:username}",
    "${a:k}",
    "${a:no, 'x'}",
    "7",
    "true",
    "${*}",
    "é",
];
const ARNS: &[&str] =
    &["*", "arn:aws:iam::*:user/*", "arn:aws:iam::111122223333:user/ann", "arn:aws:s3:::${a:k}", "x"];
const NUMBERS: &[&str] = &["5", "7", "7.5", "-1", "1577836800"];
const DATES: &[&str] = &[
    "2020-01-01T00:00:00Z",
    "1577836801",
    "1999-12-31T23:59:59Z",
    "2020",
    "2020-01-01T01:00+01:00",
    "2019-12-31T19:00:01-05:00",
];
const NETWORKS: &[&str] = &["10.0.0.0/8", "10.1.2.3", "::/0", "2001:db8::/33", "0.0.0.0/0"];

fn operator_and_values() -> impl Strategy<Value = (String, Vec<String>)> {
    let family = prop_oneof![
        (
            select(
                &[
                    "StringEquals",
                    "StringNotEquals",
                    "StringEqualsIgnoreCase",
                    "StringNotEqualsIgnoreCase",
                    "StringLike",
                    "StringNotLike"
                ][..]
            ),
            Just(TEXTS)
        ),
        (select(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"][..]), Just(ARNS)),
        (
            select(
                &[
                    "NumericEquals",
                    "NumericNotEquals",
                    "NumericLessThan",
                    "NumericLessThanEquals",
                    "NumericGreaterThan",
                    "NumericGreaterThanEquals"
                ][..]
            ),
            Just(NUMBERS)
        ),
        (
            select(
                &[
                    "DateEquals",
                    "DateNotEquals",
                    "DateLessThan",
                    "DateLessThanEquals",
                    "DateGreaterThan",
                    "DateGreaterThanEquals"
                ][..]
            ),
            Just(DATES)
        ),
        (select(&["IpAddress", "NotIpAddress"][..]), Just(NETWORKS)),
        (Just("Bool"), Just(&["true", "false", "False"][..])),
        (Just("BinaryEquals"), Just(&["eA==", "AAEC"][..])),
    ];
    let qualified =
        (select(&["", "", "ForAllValues:", "ForAnyValue:"][..]), family, select(&["", "", "IfExists"][..]))
            .prop_flat_map(|(prefix, (base, values), suffix)| {
                let values = vec(select(values), 0..3);
                (Just(format!("{prefix}{base}{suffix}")), values)
            });
    let null = (Just("Null".to_owned()), vec(select(&["true", "false"][..]), 1..2));
    prop_oneof![12 => qualified, 1 => null]
        .prop_map(|(name, values)| (name, values.into_iter().map(str::to_owned).collect()))
}

/// A `Condition` element, or none.
pub(crate) fn conditions() -> impl Strategy<Value = Option<Value>> {
    let one = (operator_and_values(), select(KEYS));
    vec(one, 0..3).prop_map(|list| {
        let mut operators = Map::new();
        for ((operator, values), key) in list {
            let keys = operators.entry(operator).or_insert_with(|| json!({}));
            keys[key] = json!(values);
        }
        (!operators.is_empty()).then_some(Value::Object(operators))
    })
}

fn principal_element() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(json!("*")),
        5 => subsequence(PRINCIPALS, 1..4).prop_map(|list| json!({"AWS": list})),
        1 => Just(json!({"Service": "s3.amazonaws.com"})),
        1 => Just(json!({"Federated": "accounts.google.com", "AWS": "111122223333"})),
        1 => Just(json!({"Federated": ["arn:aws:iam::111122223333:saml-provider/adfs"]})),
    ]
}

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    (
        weighted(0.8),
        weighted(0.15),
        subsequence(ACTIONS, 1..3),
        weighted(0.15),
        subsequence(RESOURCES, 1..3),
        conditions(),
        weighted(0.2),
        principal_element(),
    )
        .prop_map(
            move |(
                allow,
                not_action,
                actions,
                not_resource,
                resources,
                conditions,
                not_principal,
                principal,
            )| {
                let mut statement = json!({"Effect": if allow { "Allow" } else { "Deny" }});
                statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
                statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
                if with_principal {
                    statement[if not_principal { "NotPrincipal" } else { "Principal" }] = principal;
                }
                if let Some(conditions) = conditions {
                    statement["Condition"] = conditions;
                }
                statement
            },
        )
}

/// A policy document.
pub(crate) fn policy(with_principal: bool) -> impl Strategy<Value = Value> {
    (weighted(0.85), vec(statement(with_principal), 1..4)).prop_map(|(new, statements)| {
        json!({"Version": if new { "2012-10-17" } else { "2008-10-17" }, "Statement": statements})
    })
}

fn policies() -> impl Strategy<Value = Vec<Value>> {
    vec(policy(false), 0..3)
}

fn levels(with_principal: bool) -> impl Strategy<Value = Vec<Vec<Value>>> {
    let full = json!({"Version": "2012-10-17", "Statement":
        [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    let level = prop_oneof![3 => Just(vec![full]), 1 => vec(policy(with_principal), 0..3)];
    prop_oneof![3 => Just(Vec::new()), 1 => vec(level, 1..3)]
}

/// Policies of every kind.
pub(crate) fn set() -> impl Strategy<Value = Set> {
    let kinds = &[ResourcePolicyKind::Standard, ResourcePolicyKind::Key, ResourcePolicyKind::RoleTrust][..];
    let rarely = |with_principal| option::weighted(0.25, policy(with_principal));
    (
        policies(),
        policies(),
        rarely(false),
        prop_oneof![3 => Just(Vec::new()), 1 => policies()],
        option::weighted(0.7, (select(kinds), policy(true))),
        levels(false),
        levels(true),
        rarely(true),
        option::weighted(0.1, select(PRINCIPALS)),
    )
        .prop_map(|(identity, indexed, boundary, session, resource, scp, rcp, endpoint, grantee)| Set {
            identity,
            indexed,
            boundary,
            session,
            resource,
            scp,
            rcp,
            endpoint,
            grant: grantee.map(|grantee| ("g".to_owned(), grantee.to_owned())),
        })
}

fn value() -> impl Strategy<Value = Val> {
    prop_oneof![
        4 => select(&["", "x", "X", "blue", "ann", "7", "true", "a*", "x*", "é", "10.1.2.3", "::ffff:10.1.2.3", "2020-01-01", "arn:aws:iam::111122223333:user/ann", "arn:aws:s3:::x"][..])
            .prop_map(|text| Val::Str(text.to_owned())),
        1 => select(&[5_i64, 7, -1, 1_577_836_800][..]).prop_map(Val::Int),
        1 => any::<bool>().prop_map(Val::Bool),
        1 => select(&[1_577_836_800_000_i64, 1_577_836_801_000, 0][..]).prop_map(Val::Millis),
        1 => select(&["10.1.2.3", "11.0.0.1", "2001:db8::1", "2001:db8:8000::"][..]).prop_map(|ip| Val::Ip(ip.parse().unwrap())),
        1 => select(&["x", "\u{0}\u{1}\u{2}"][..]).prop_map(|text| Val::Bytes(text.into())),
    ]
}

/// A request.
pub(crate) fn ask() -> impl Strategy<Value = Ask> {
    let key = (
        select(&["a:k", "a:list", "aws:PrincipalTag/team"][..]),
        prop_oneof![3 => vec(value(), 1..2), 1 => vec(value(), 0..3)],
    );
    (
        select(WHO),
        select(ASKED_ACTIONS),
        select(ASKED_RESOURCES),
        select(&[Some(HOME), Some(HOME), Some("444455556666"), None][..]),
        vec(key, 0..3),
    )
        .prop_map(|(who, action, resource, owner, context)| Ask {
            who: Who::named(who),
            action: action.to_owned(),
            resource: resource.to_owned(),
            owner: owner.map(str::to_owned),
            context: context.into_iter().map(|(key, values)| (key.to_owned(), values)).collect(),
        })
}
