//! `AssumeRoleWithSAML`, through dispatch, with an assertion that another implementation signed
//! (`crates/engines/saml/testdata`).

use std::sync::Arc;
use std::time::Duration;

use garrison_crypto::LockedSecret;
use garrison_kernel::ports::SamlProvider;
use serde_json::{Value, json};

use crate::testing::{World, name_and_message};

const RESPONSE: &str = include_str!("../../testdata/response.xml");
/// The same, its assertion encrypted by another implementation (`crates/engines/saml/testdata/encrypt.py`).
const ENCRYPTED: &str = include_str!("../../testdata/encrypted.xml");
const DECRYPTION_KEY: &[u8] = include_bytes!("../../../../engines/saml/testdata/decryption-key.der");
const METADATA: &str = include_str!("../../testdata/metadata.xml");
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/Idp";
const TRUST: &str = r#"{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/Idp"},
    "Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],
    "Condition":{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml","saml:doc":"111122223333/Idp",
    "saml:sub_type":"persistent","saml:eduPersonAffiliation":"staff"}}}"#;

/// A world with the provider, whose clock stands where the sample's does.
fn world() -> World {
    let world = World::new();
    world.know(|known| {
        known.add_saml(SamlProvider {
            arn: PROVIDER.into(),
            metadata: METADATA.into(),
            private_keys: Vec::new(),
            encryption_required: false,
        });
    });
    world
}

/// The same with other metadata, and with a key for encrypted assertions.
fn other_world(metadata: &str, encryption_required: bool) -> World {
    let world = World::new();
    let key = LockedSecret::copy_of(DECRYPTION_KEY).unwrap();
    world.know(|known| {
        known.add_saml(SamlProvider {
            arn: PROVIDER.into(),
            metadata: metadata.into(),
            private_keys: vec![Arc::new(key)],
            encryption_required,
        });
    });
    world
}

fn ask(role: &str, response: &str) -> Value {
    let encoded = base64_simd::STANDARD.encode_to_string(response);
    json!({ "RoleArn": role, "PrincipalArn": PROVIDER, "SAMLAssertion": encoded })
}

async fn present(world: &World, input: Value) -> Result<Value, garrison_schema::ApiError> {
    world.call("AssumeRoleWithSAML", &world.anonymous(), input).await
}

#[tokio::test]
async fn answers() {
    let world = world();
    let role = world.role("111122223333", "Admin", TRUST);
    let output = present(&world, ask(&role, RESPONSE)).await.unwrap();
    assert_eq!(
        output["AssumedRoleUser"]["Arn"],
        "arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com"
    );
    assert_eq!(output["Subject"], "alice");
    assert_eq!(output["SubjectType"], "persistent");
    assert_eq!(output["Issuer"], "https://idp.example/metadata");
    assert_eq!(output["Audience"], "https://signin.aws.amazon.com/saml");
    assert_eq!(output["SourceIdentity"], "alice");
    // base64(SHA-1("https://idp.example/metadata111122223333/Idp"))
    assert_eq!(output["NameQualifier"].as_str().unwrap().len(), 28);
    let session = world.open(&output);
    let carried = &session.session;
    assert_eq!(
        carried.expires.since(world.root().time),
        Duration::from_secs(7200),
        "SessionDuration of the assertion"
    );
    assert_eq!(carried.tags, [("team".to_owned(), "x".to_owned())]);
    assert_eq!(carried.transitive_tags, ["team"]);
    assert_eq!(carried.provider.as_deref(), Some(PROVIDER));
    let key =
        |name: &str| carried.context.iter().find(|(own, _)| own == name).map(|(_, v)| v.clone()).unwrap();
    assert_eq!(key("saml:sub"), ["alice"]);
    assert_eq!(key("saml:edupersonaffiliation"), ["staff", "member"]);
    let mut short = ask(&role, RESPONSE);
    short["DurationSeconds"] = json!(900);
    let output = present(&world, short).await.unwrap();
    assert_eq!(world.open(&output).session.expires.since(world.root().time), Duration::from_secs(900));
    assert_eq!(world.used(), ["Admin", "Admin"]);
}

#[tokio::test]
async fn an_assertion_may_be_encrypted_or_must_be() {
    let invalid = "InvalidIdentityTokenException";
    for (required, in_the_clear) in [(false, Ok(())), (true, Err(invalid))] {
        let world = other_world(METADATA, required);
        let role = world.role("111122223333", "Admin", TRUST);
        let output = present(&world, ask(&role, ENCRYPTED)).await.unwrap();
        assert_eq!(output["Subject"], "alice");
        let answer = present(&world, ask(&role, RESPONSE)).await;
        assert_eq!(answer.as_ref().map(|_| ()).map_err(|error| error.schema.name), in_the_clear);
    }
    let keyless = world();
    let role = keyless.role("111122223333", "Admin", TRUST);
    assert_eq!(name_and_message(present(&keyless, ask(&role, ENCRYPTED)).await).0, invalid);
}

#[tokio::test]
async fn metadata_that_has_expired_verifies_nothing() {
    for (until, good) in [("2027-01-15T08:00:00Z", false), ("2037-01-15T08:00:00Z", true)] {
        let dated =
            METADATA.replace("<EntityDescriptor ", &format!("<EntityDescriptor validUntil=\"{until}\" "));
        let world = other_world(&dated, false);
        let role = world.role("111122223333", "Admin", TRUST);
        assert_eq!(present(&world, ask(&role, RESPONSE)).await.is_ok(), good, "{until}");
    }
}

#[tokio::test]
async fn the_trust_policy_decides() {
    let world = world();
    let denial = |action: &str| ("AccessDenied", format!("Not authorized to perform {action}"));
    for (name, trust, action) in [
        ("Admin", TRUST.replace("\"staff\"", "\"guest\""), "sts:AssumeRoleWithSAML"),
        ("Other", TRUST.to_owned(), "sts:AssumeRoleWithSAML"),
        ("Tagless", TRUST.replace("\"sts:TagSession\",", ""), "sts:TagSession"),
        ("Nameless", TRUST.replace(",\"sts:SetSourceIdentity\"", ""), "sts:SetSourceIdentity"),
    ] {
        let role = world.role("111122223333", name, &trust);
        assert_eq!(name_and_message(present(&world, ask(&role, RESPONSE)).await), denial(action), "{name}");
    }
    let absent = ask("arn:aws:iam::111122223333:role/Absent", RESPONSE);
    assert_eq!(name_and_message(present(&world, absent).await), denial("sts:AssumeRoleWithSAML"));
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let world = world();
    let role = world.role("111122223333", "Admin", TRUST);
    let invalid = "InvalidIdentityTokenException";
    let mut elsewhere = ask(&role, RESPONSE);
    elsewhere["PrincipalArn"] = json!("arn:aws:iam::444455556666:saml-provider/Idp");
    let mut unknown = ask(&role, RESPONSE);
    unknown["PrincipalArn"] = json!("arn:aws:iam::111122223333:saml-provider/Unknown");
    let mut text = ask(&role, RESPONSE);
    text["SAMLAssertion"] = json!("not base64");
    for (input, name, message) in [
        (elsewhere, invalid, "Specified provider doesn't exist"),
        (unknown, invalid, "Specified provider doesn't exist"),
        (text, invalid, "Invalid base64 SAMLResponse"),
        (ask(&role, &RESPONSE.replace(">alice<", ">admin<")), invalid, "Response signature invalid"),
        (ask(&role, "<a/>"), invalid, "Your request included an invalid SAML response"),
        (
            ask(&role, &RESPONSE.replace("status:Success", "status:Requester")),
            "IDPRejectedClaimException",
            "",
        ),
    ] {
        let refused = name_and_message(present(&world, input).await);
        assert_eq!(refused.0, name, "{}", refused.1);
        assert!(refused.1.starts_with(message), "{}", refused.1);
    }
    world.test.clock.tick(Duration::from_secs(301));
    let late = name_and_message(present(&world, ask(&role, RESPONSE)).await);
    assert_eq!(
        late,
        ("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance".to_owned())
    );
}
