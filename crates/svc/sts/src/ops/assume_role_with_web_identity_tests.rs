//! `AssumeRoleWithWebIdentity`, through dispatch, with tokens that are really signed.

use garrison_clock::Clock as _;
use garrison_jwt::{JwkSet, SigningAlgorithm, SigningKey};
use garrison_kernel::ports::OpenIdProvider;
use serde_json::{Value, json};

use crate::testing::{STRANGER, World, name_and_message};

const URL: &str = "issuer.example/realm";
const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/issuer.example/realm";
const TRUST: &str = r#"{"Effect":"Allow",
    "Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/issuer.example/realm"},
    "Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],
    "Condition":{"StringEquals":{"issuer.example/realm:aud":"app","issuer.example/realm:sub":"repo:main"}}}"#;

struct Provided {
    world: World,
    key: SigningKey,
    role: String,
}

impl Provided {
    fn new() -> Self {
        let world = World::new();
        let algorithm = SigningAlgorithm::Es384;
        let key =
            SigningKey::from_pkcs8(algorithm, "k".to_owned(), &SigningKey::generate(algorithm).unwrap())
                .unwrap();
        let set = JwkSet::parse(json!({ "keys": [key.jwk().unwrap()] }).to_string().as_bytes()).unwrap();
        world.sts.issuers().remember(URL, set, world.test.clock.protocol_now());
        world.know(|known| {
            known.add_open_id(OpenIdProvider {
                arn: PROVIDER.into(),
                url: URL.into(),
                client_ids: vec!["app".to_owned(), "other".to_owned()],
                thumbprints: Vec::new(),
            });
        });
        let role = world.role("111122223333", "Deployer", TRUST);
        Self { world, key, role }
    }

    /// The claims of a good token, and others on top; null leaves one out.
    fn claims(&self, more: Value) -> Value {
        let now = self.world.test.clock.protocol_now().as_seconds();
        let mut claims = json!({
            "iss": format!("https://{URL}"), "sub": "repo:main", "aud": "app", "iat": now, "exp": now + 300,
        });
        let all = claims.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        all.retain(|_, value| !value.is_null());
        claims
    }

    async fn ask(&self, role: &str, token: &str) -> Result<Value, garrison_schema::ApiError> {
        let input = json!({ "RoleArn": role, "RoleSessionName": "ci", "WebIdentityToken": token });
        self.world.call("AssumeRoleWithWebIdentity", &self.world.anonymous(), input).await
    }

    async fn present(&self, more: Value) -> Result<Value, garrison_schema::ApiError> {
        self.ask(&self.role, &self.key.sign(&self.claims(more)).unwrap()).await
    }
}

#[tokio::test]
async fn answers() {
    let provided = Provided::new();
    let output = provided
        .present(json!({
            "aud": ["somebody", "app"],
            "amr": ["pwd", "otp"],
            "https://aws.amazon.com/source_identity": "dev",
            "https://aws.amazon.com/tags": {
                "principal_tags": { "team": ["x"], "cost": "1" }, "transitive_tag_keys": ["team"],
            },
        }))
        .await
        .unwrap();
    assert_eq!(output["SubjectFromWebIdentityToken"], "repo:main");
    assert_eq!(output["Audience"], "app");
    assert_eq!(output["Provider"], PROVIDER);
    assert_eq!(output["SourceIdentity"], "dev");
    assert_eq!(output["AssumedRoleUser"]["Arn"], "arn:aws:sts::111122223333:assumed-role/Deployer/ci");
    let session = provided.world.open(&output);
    assert_eq!(session.session.provider.as_deref(), Some(PROVIDER));
    assert_eq!(session.session.transitive_tags, ["team"]);
    assert_eq!(session.session.tags.len(), 2);
    let key =
        |name: &str| session.session.context.iter().find(|(own, _)| own == name).map(|(_, v)| v.clone());
    assert_eq!(key("issuer.example/realm:sub").unwrap(), ["repo:main"]);
    assert_eq!(key("issuer.example/realm:aud").unwrap(), ["app"]);
    assert_eq!(key("issuer.example/realm:amr").unwrap(), ["pwd", "otp"]);
    assert_eq!(provided.world.used(), ["Deployer"]);
}

#[tokio::test]
async fn the_trust_policy_decides() {
    let provided = Provided::new();
    let denial = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned());
    for more in [json!({ "sub": "repo:other" }), json!({ "aud": "other" })] {
        assert_eq!(name_and_message(provided.present(more).await), denial);
    }
    let token = provided.key.sign(&provided.claims(json!({}))).unwrap();
    let absent = provided.ask("arn:aws:iam::111122223333:role/None", &token).await;
    assert_eq!(name_and_message(absent), denial);
    let closed = provided.world.role(
        "111122223333",
        "Closed",
        &TRUST.replace("oidc-provider/issuer", "oidc-provider/x"),
    );
    assert_eq!(name_and_message(provided.ask(&closed, &token).await), denial);
    let bare = TRUST.replace(",\"sts:TagSession\",\"sts:SetSourceIdentity\"", "");
    let bare = provided.world.role("111122223333", "Bare", &bare);
    for (claims, action) in [
        (json!({ "https://aws.amazon.com/tags": { "principal_tags": { "a": ["b"] } } }), "sts:TagSession"),
        (json!({ "https://aws.amazon.com/source_identity": "dev" }), "sts:SetSourceIdentity"),
    ] {
        let token = provided.key.sign(&provided.claims(claims)).unwrap();
        let (name, message) = name_and_message(provided.ask(&bare, &token).await);
        assert_eq!((name, message), ("AccessDenied", format!("Not authorized to perform {action}")));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said() {
    let provided = Provided::new();
    let now = provided.world.test.clock.protocol_now().as_seconds();
    let invalid = "InvalidIdentityTokenException";
    for (more, name, message) in [
        (
            json!({ "iss": "https://unknown.example" }),
            invalid,
            "No OpenIDConnect provider found in your account for https://unknown.example",
        ),
        (
            json!({ "iss": format!("http://{URL}") }),
            invalid,
            "No OpenIDConnect provider found in your account for ",
        ),
        (json!({ "iss": null }), invalid, "Missing a required claim: iss"),
        (json!({ "sub": null }), invalid, "Missing a required claim: sub"),
        (json!({ "aud": null }), invalid, "Missing a required claim: aud"),
        (json!({ "exp": null }), invalid, "Missing a required claim: exp"),
        (json!({ "iat": null }), invalid, "Missing a required claim: iat"),
        (json!({ "aud": "elsewhere" }), invalid, "Incorrect token audience"),
        (json!({ "azp": "elsewhere" }), invalid, "Incorrect token audience"),
        (json!({ "nbf": now + 301 }), invalid, "Token is not valid yet"),
        (json!({ "iat": now + 301 }), invalid, "Token is not valid yet"),
        (json!({ "exp": now }), "ExpiredTokenException", "Token expired: current date/time "),
        (
            json!({ "https://aws.amazon.com/tags": { "principal_tags": { "a": [1] } } }),
            invalid,
            "The session tags",
        ),
    ] {
        let refused = name_and_message(provided.present(more.clone()).await);
        assert_eq!(refused.0, name, "{more}: {}", refused.1);
        assert!(refused.1.starts_with(message), "{more}: {}", refused.1);
    }
    let token = provided.key.sign(&provided.claims(json!({}))).unwrap();
    let altered = token.replacen('.', ".e", 1);
    for token in ["no token", &altered, "e30.e30.e30"] {
        let refused = name_and_message(provided.ask(&provided.role, token).await);
        assert!(refused.1.starts_with("The ID Token provided is not a valid JWT."), "{}", refused.1);
    }
    let (body, signature) = token.rsplit_once('.').unwrap();
    let mut forged: Vec<char> = signature.chars().collect();
    forged[10] = if forged[10] == 'A' { 'B' } else { 'A' };
    let forged = format!("{body}.{}", forged.into_iter().collect::<String>());
    let refused = name_and_message(provided.ask(&provided.role, &forged).await);
    assert_eq!(refused.0, invalid);
    let elsewhere = format!("arn:aws:iam::{STRANGER}:role/Deployer");
    let refused = name_and_message(provided.ask(&elsewhere, &token).await);
    assert!(refused.1.starts_with("No OpenIDConnect provider"), "{}", refused.1);
}

#[tokio::test]
async fn the_record_is_of_whom_the_provider_vouches_for() {
    use garrison_store::AuditQuery;
    let provided = Provided::new();
    provided.present(json!({})).await.unwrap();
    provided.present(json!({ "sub": "repo:other" })).await.unwrap_err();
    let cx = provided.world.root();
    let query = AuditQuery {
        account: cx.account(),
        region: cx.region,
        from: cx.time,
        to: cx.time,
        attribute: None,
        limit: 10,
        after: None,
    };
    let page = provided.world.test.kernel.audit().lookup(&query).await.unwrap();
    let mut subjects = Vec::new();
    for record in &page.records {
        let record: Value = serde_json::from_slice(&record.json).unwrap();
        assert_eq!(record["userIdentity"]["type"], "WebIdentityUser");
        assert_eq!(record["userIdentity"]["identityProvider"], PROVIDER);
        assert_eq!(record["responseElements"]["credentials"]["secretAccessKey"], Value::Null);
        assert_eq!(record["responseElements"]["credentials"]["sessionToken"], Value::Null);
        assert_eq!(record["requestParameters"]["webIdentityToken"], Value::Null);
        subjects.push(record["userIdentity"]["userName"].as_str().unwrap().to_owned());
    }
    subjects.sort();
    assert_eq!(subjects, ["repo:main", "repo:other"]);
}
