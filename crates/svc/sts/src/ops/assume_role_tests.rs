//! `AssumeRole`, through dispatch.

use std::time::Duration;

use serde_json::{Value, json};

use crate::testing::{CODE, STRANGER, World, name_and_message};

/// Trusts the account.
const OPEN: &str = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},
    "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}"#;
/// Trusts the account to assume the role, and no more.
const BARE: &str = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}"#;

fn ask(arn: &str) -> Value {
    json!({ "RoleArn": arn, "RoleSessionName": "work" })
}

fn asking(arn: &str, more: Value) -> Value {
    let mut input = ask(arn);
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

/// Trusts the account under a condition.
fn under(condition: &str) -> String {
    BARE.replace("\"Action\"", &format!("\"Condition\":{condition},\"Action\""))
}

#[tokio::test]
async fn answers() {
    let world = World::new();
    let arn = world.role("111122223333", "team/Reader", OPEN);
    let alice = world.user("alice");
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let input = asking(
        &arn,
        json!({
            "Policy": policy,
            "PolicyArns": [{ "arn": "arn:aws:iam::aws:policy/Known" }],
            "Tags": [{ "Key": "team", "Value": "x" }, { "Key": "Cost", "Value": "1" }],
            "TransitiveTagKeys": ["team"],
            "SourceIdentity": "alice",
            "DurationSeconds": 7200,
        }),
    );
    let output = world.call("AssumeRole", &alice, input).await.unwrap();
    let user = json!({ "AssumedRoleId": "AROAEXAMPLE:work", "Arn": "arn:aws:sts::111122223333:assumed-role/Reader/work" });
    assert_eq!(output["AssumedRoleUser"], user);
    assert_eq!(output["SourceIdentity"], "alice");
    assert!(output["PackedPolicySize"].as_i64().unwrap() > 1);
    let session = world.open(&output);
    assert_eq!(&*session.caller.arn, "arn:aws:sts::111122223333:assumed-role/Reader/work");
    let carried = &session.session;
    assert_eq!(carried.expires.since(alice.time), Duration::from_secs(7200));
    assert_eq!(carried.source_identity.as_deref(), Some("alice"));
    assert_eq!(carried.tags.len(), 2);
    assert_eq!(carried.transitive_tags, ["team"]);
    assert_eq!(carried.policies.len(), 1);
    assert_eq!(carried.policy_arns, ["arn:aws:iam::aws:policy/Known"]);
    assert!(carried.mfa.is_none());
    assert_eq!(world.used(), ["Reader"]);

    let plain = world.call("AssumeRole", &alice, ask(&arn)).await.unwrap();
    assert_eq!(plain["PackedPolicySize"], Value::Null);
    assert_eq!(world.open(&plain).session.expires.since(alice.time), Duration::from_secs(3600));
}

#[tokio::test]
async fn a_denial_is_the_same_whether_the_role_exists_or_not() {
    let world = World::new();
    let closed = BARE.replace("111122223333", STRANGER);
    for account in ["111122223333", STRANGER] {
        let arn = world.role(account, "Closed", &closed);
        let absent = format!("arn:aws:iam::{account}:role/Nothing");
        let moved = format!("arn:aws:iam::{account}:role/path/Closed");
        let mut messages = Vec::new();
        for arn in [&arn, &absent, &moved] {
            let (name, message) =
                name_and_message(world.call("AssumeRole", &world.user("alice"), ask(arn)).await);
            assert_eq!(name, "AccessDenied");
            let expected = format!(
                "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: sts:AssumeRole on resource: {arn}"
            );
            assert!(message.starts_with(&expected), "{message}");
            messages.push(message.replace(arn.as_str(), "ARN"));
        }
        messages.dedup();
        assert_eq!(messages.len(), 1, "{messages:?}");
    }
}

#[tokio::test]
async fn both_sides_must_allow_across_accounts_and_one_that_names_the_user_within() {
    let world = World::new();
    let foreign = world.role(STRANGER, "Shared", OPEN);
    assert!(world.call("AssumeRole", &world.user("alice"), ask(&foreign)).await.is_ok());
    let demanded = world.demands("AssumeRole", &world.user("nobody"), ask(&foreign)).await;
    assert_eq!(demanded, ("sts:AssumeRole".to_owned(), foreign));
    let own = world.role(
        "111122223333",
        "Own",
        &BARE.replace("111122223333", "arn:aws:iam::111122223333:user/nobody"),
    );
    assert!(world.call("AssumeRole", &world.user("nobody"), ask(&own)).await.is_ok());
}

#[tokio::test]
async fn tags_and_source_identities_need_permissions_of_their_own() {
    let world = World::new();
    let arn = world.role("111122223333", "Bare", BARE);
    let alice = world.user("alice");
    for (more, action) in [
        (json!({ "Tags": [{ "Key": "team", "Value": "x" }] }), "sts:TagSession"),
        (json!({ "SourceIdentity": "alice" }), "sts:SetSourceIdentity"),
    ] {
        let demanded = world.demands("AssumeRole", &alice, asking(&arn, more)).await;
        assert_eq!(demanded, (action.to_owned(), arn.clone()));
    }
}

#[tokio::test]
async fn trust_policies_see_the_request() {
    let world = World::new();
    let alice = world.user("alice");
    let cases = [
        (r#"{"StringEquals":{"sts:ExternalId":"e-1"}}"#, json!({ "ExternalId": "e-1" })),
        (r#"{"StringEquals":{"sts:RoleSessionName":"work"}}"#, json!({})),
        (
            r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}"#,
            json!({ "SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "TokenCode": CODE }),
        ),
    ];
    for (index, (condition, more)) in cases.into_iter().enumerate() {
        let arn = world.role("111122223333", &format!("Under{index}"), &under(condition));
        assert!(world.call("AssumeRole", &alice, asking(&arn, more.clone())).await.is_ok(), "{condition}");
        if more.as_object().unwrap().is_empty() {
            continue;
        }
        let (name, _) = name_and_message(world.call("AssumeRole", &alice, ask(&arn)).await);
        assert_eq!(name, "AccessDenied", "{condition}");
    }
    let tagged = OPEN.replace(
        "\"Action\"",
        r#""Condition":{"StringEquals":{"aws:RequestTag/team":"x","sts:SourceIdentity":"alice"},
        "ForAllValues:StringEquals":{"aws:TagKeys":["team"],"sts:TransitiveTagKeys":["team"]}},"Action""#,
    );
    let arn = world.role("111122223333", "Tagged", &tagged);
    let tags = |key: &str| json!({ "Tags": [{ "Key": key, "Value": "x" }], "TransitiveTagKeys": [key], "SourceIdentity": "alice" });
    assert!(world.call("AssumeRole", &alice, asking(&arn, tags("team"))).await.is_ok());
    assert!(world.call("AssumeRole", &alice, asking(&arn, tags("other"))).await.is_err());
}

#[tokio::test]
async fn a_second_factor_counts_in_a_session_without_one() {
    let world = World::new();
    let arn = world.role("111122223333", "Mfa", &under(r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#));
    let session = world.call("GetSessionToken", &world.user("alice"), json!({})).await.unwrap();
    let cx = world.of_session(&session);
    assert!(world.call("AssumeRole", &cx, ask(&arn)).await.is_err());
    let shown = json!({ "SerialNumber": "arn:aws:iam::111122223333:mfa/alice", "TokenCode": CODE });
    let output = world.call("AssumeRole", &cx, asking(&arn, shown.clone())).await.unwrap();
    assert!(world.open(&output).session.mfa.is_none(), "a role's session does not keep it");
    let session = world.call("GetSessionToken", &world.user("alice"), shown).await.unwrap();
    assert!(world.call("AssumeRole", &world.of_session(&session), ask(&arn)).await.is_ok());
}

#[tokio::test]
async fn a_chain_keeps_what_lasts_and_is_short() {
    let world = World::new();
    let (first, second) =
        (world.role("111122223333", "First", OPEN), world.role("111122223333", "Second", OPEN));
    world.allow("First", r#"{"Effect":"Allow","Action":"sts:*","Resource":"*"}"#);
    let input = asking(
        &first,
        json!({
            "Tags": [{ "Key": "team", "Value": "x" }, { "Key": "here", "Value": "y" }],
            "TransitiveTagKeys": ["team"], "SourceIdentity": "alice", "DurationSeconds": 7200,
        }),
    );
    let output = world.call("AssumeRole", &world.user("alice"), input).await.unwrap();
    let cx = world.of_session(&output);
    let chained = world.call("AssumeRole", &cx, ask(&second)).await.unwrap();
    let session = world.open(&chained);
    assert_eq!(session.session.source_identity.as_deref(), Some("alice"));
    assert_eq!(session.session.tags, [("team".to_owned(), "x".to_owned())]);
    assert_eq!(session.session.transitive_tags, ["team"]);
    assert_eq!(session.session.expires.since(cx.time), Duration::from_secs(3600));
    for (more, name) in [
        (json!({ "DurationSeconds": 3601 }), "ValidationException"),
        (json!({ "SourceIdentity": "bob" }), "AccessDenied"),
        (json!({ "Tags": [{ "Key": "TEAM", "Value": "z" }] }), "ValidationException"),
    ] {
        let refused = world.call("AssumeRole", &cx, asking(&second, more.clone())).await;
        assert_eq!(name_and_message(refused).0, name, "{more}");
    }
    // What is inherited needs the permissions as well.
    let bare = world.role("111122223333", "Bare", BARE);
    assert_eq!(world.demands("AssumeRole", &cx, ask(&bare)).await, ("sts:TagSession".to_owned(), bare));
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = World::new();
    let arn = world.role("111122223333", "Role", OPEN);
    let tag = json!([{ "Key": "a", "Value": "b" }]);
    for (input, name, message) in [
        (ask("arn:aws:iam::111122223333:user/alice"), "ValidationException", "Request ARN is invalid"),
        (ask("arn:aws:iam::x:role/Role"), "ValidationException", "Request ARN is invalid"),
        (ask("not an ARN of twenty"), "ValidationException", "Request ARN is invalid"),
        (
            asking(&arn, json!({ "DurationSeconds": 7201 })),
            "ValidationException",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (asking(&arn, json!({ "Policy": "{}" })), "MalformedPolicyDocumentException", ""),
        (
            asking(
                &arn,
                json!({ "Policy": format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                "Action":"kms:*","Resource":"arn:aws:kms:*:*:key/{}"}}}}"#, "x".repeat(4500)) }),
            ),
            "PackedPolicyTooLargeException",
            "Packed policy consumes 113% of allotted space, please use smaller policy.",
        ),
        (asking(&arn, json!({ "Tags": tag, "TransitiveTagKeys": ["c"] })), "ValidationException", ""),
        (asking(&arn, json!({ "SourceIdentity": "aws:x" })), "ValidationException", ""),
        (asking(&arn, json!({ "ProvidedContexts": [{}] })), "ValidationException", ""),
        (asking(&arn, json!({ "TokenCode": CODE })), "AccessDenied", ""),
    ] {
        let refused = name_and_message(world.call("AssumeRole", &world.user("alice"), input.clone()).await);
        assert_eq!(refused.0, name, "{input}: {}", refused.1);
        assert!(message.is_empty() || refused.1 == message, "{input}: {}", refused.1);
    }
    let by_root = world.call("AssumeRole", &world.root(), ask(&arn)).await;
    let refusal = "Roles may not be assumed by root accounts.".to_owned();
    assert_eq!(name_and_message(by_root), ("AccessDenied", refusal));
    let federated =
        world.call("GetFederationToken", &world.user("alice"), json!({ "Name": "bob" })).await.unwrap();
    let by_federated = world.call("AssumeRole", &world.of_session(&federated), ask(&arn)).await;
    assert_eq!(name_and_message(by_federated).0, "AccessDenied");
}
