//! `GetWebIdentityToken`: a signed token by which the caller shows itself elsewhere.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetWebIdentityToken>. Permissions: `sts:GetWebIdentityToken`;
//! with tags, `sts:TagGetWebIdentityToken` too. Source of the claims: IAM User Guide, "Understanding token claims".

use std::time::Duration;

use garrison_api_sts::errors as api;
use garrison_api_sts::operations::GetWebIdentityToken;
use garrison_api_sts::types::{GetWebIdentityTokenRequest, GetWebIdentityTokenResponse};
use garrison_jwt::SigningAlgorithm;
use garrison_kernel::{Access, Check, Context, Handler, Principal, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use serde_json::{Map, Value, json};

use crate::keys::RequestKeys;
use crate::passed::pairs;
use crate::service::Sts;

/// A token's life when none is asked for, in seconds.
const DEFAULT_SECONDS: i32 = 300;
/// The largest claims, in bytes.
const MAX_CLAIMS: usize = 4096;
/// The claim under which AWS's own claims stand.
const NAMESPACE: &str = "https://sts.amazonaws.com/";

/// What a request asks for.
#[derive(Debug)]
pub struct Target {
    algorithm: SigningAlgorithm,
    keys: RequestKeys,
}

impl Handler<Sts> for GetWebIdentityToken {
    const ACCESS: Access = Access::key_use("sts:GetWebIdentityToken");
    type Target = Target;

    async fn resolve(
        _: &Sts,
        _: &Context,
        input: &GetWebIdentityTokenRequest,
    ) -> Result<Resolved<Target>, ApiError> {
        let algorithms = [SigningAlgorithm::Es384, SigningAlgorithm::Rs256];
        let algorithm = algorithms.into_iter().find(|known| known.name() == input.signing_algorithm);
        let algorithm =
            algorithm.ok_or_else(|| errors::validation("SigningAlgorithm must be one of: [ES384, RS256]"))?;
        let tags = pairs(input.tags.as_deref());
        let keys = RequestKeys::default()
            .with_all("sts:identitytokenaudience", input.audience.clone())
            .with("sts:signingalgorithm", Some(&*input.signing_algorithm))
            .with("sts:durationseconds", Some(input.duration_seconds.unwrap_or(DEFAULT_SECONDS).to_string()))
            .with_tags(&tags);
        let resolved = Resolved::new(Target { algorithm, keys }, Check::any());
        Ok(match tags.is_empty() {
            true => resolved,
            false => resolved.and(Check::any().action("sts:TagGetWebIdentityToken")),
        })
    }

    fn condition<'a>(
        _: &'a Sts,
        _: &'a Context,
        _: &'a GetWebIdentityTokenRequest,
        target: &'a Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys.values(key)
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &GetWebIdentityTokenRequest,
        target: &Target,
    ) -> Result<Reply<GetWebIdentityTokenResponse>, ApiError> {
        let issuer = sts.directory().outbound_issuer(cx.account()).await?.ok_or_else(|| {
            api::outbound_web_identity_federation_disabled_exception(
                "Outbound web identity federation is not enabled for this account.",
            )
        })?;
        let seconds = u64::try_from(input.duration_seconds.unwrap_or(DEFAULT_SECONDS)).unwrap_or_default();
        // Whoever verifies a token knows the wall clock alone.
        let issued = sts.kernel().clock().protocol_now().truncated_to_seconds();
        let expires = issued + Duration::from_secs(seconds);
        let ends = cx.caller.session.as_ref().map(|session| session.expires);
        if ends.is_some_and(|ends| cx.time + Duration::from_secs(seconds) > ends) {
            return Err(api::session_duration_escalation_exception(
                "The requested token duration would extend the session beyond its original expiration time.",
            ));
        }
        let claims = json!({
            "iss": &*issuer,
            "sub": subject(cx),
            "aud": audience(&input.audience),
            "iat": issued.as_seconds(),
            "exp": expires.as_seconds(),
            "jti": sts.kernel().new_id().to_string(),
            NAMESPACE: own_claims(sts, cx, input).await?,
        });
        if claims.to_string().len() > MAX_CLAIMS {
            return Err(api::jwt_payload_size_exceeded_exception("The token's payload is too large."));
        }
        let mut writes = WriteSet::new();
        let key =
            sts.signing_keys().get_or_make(sts.kernel(), cx.account(), target.algorithm, &mut writes).await?;
        let token = key.sign(&claims).map_err(errors::internal)?;
        let output =
            GetWebIdentityTokenResponse { web_identity_token: Some(token.into()), expiration: Some(expires) };
        Ok(Reply::with_writes(output, writes))
    }
}

/// The IAM principal: of a session, its role or its user.
fn subject(cx: &Context) -> String {
    match &cx.caller.principal {
        Principal::AssumedRole(session) => session.role_arn.to_string(),
        Principal::FederatedUser(session) => session.issuer_arn.to_string(),
        _ => cx.caller.arn.to_string(),
    }
}

/// One audience is text, several are a list.
fn audience(audiences: &[String]) -> Value {
    match audiences {
        [one] => json!(one),
        several => json!(several),
    }
}

fn object(tags: &[(String, String)]) -> Value {
    Value::Object(tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect())
}

/// What AWS says beside the standard claims.
async fn own_claims(sts: &Sts, cx: &Context, input: &GetWebIdentityTokenRequest) -> Result<Value, ApiError> {
    let (organizations, identities) = (sts.kernel().organizations(), sts.kernel().identities());
    let membership = match organizations.cached(cx.account()) {
        Some(membership) => membership,
        None => organizations.membership(cx.account()).await?,
    };
    let policies = match identities.cached(&cx.caller.principal) {
        Some(policies) => policies,
        None => identities.policies(&cx.caller.principal).await?,
    };
    let mut claims = Map::new();
    let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    say("aws_account", json!(cx.account().as_str()));
    say("source_region", json!(cx.region.as_str()));
    say("principal_id", json!(subject(cx)));
    if let Some(organization) = &membership.organization {
        say("org_id", json!(&*organization.id));
        say("ou_path", json!([&*organization.path]));
    }
    let session = cx.caller.session.as_deref();
    let mut tags = policies.tags.clone();
    for (key, value) in session.map_or(&[][..], |session| &session.tags) {
        tags.retain(|(own, _)| !own.eq_ignore_ascii_case(key));
        tags.push((key.clone(), value.clone()));
    }
    if !tags.is_empty() {
        say("principal_tags", object(&tags));
    }
    if let Some(session) = session {
        say("original_session_exp", json!(session.expires.to_iso8601_seconds()));
        session.source_identity.as_deref().map(|source| say("source_identity", json!(source)));
        session.provider.as_deref().map(|provider| say("federated_provider", json!(provider)));
    }
    let request = pairs(input.tags.as_deref());
    if !request.is_empty() {
        say("request_tags", object(&request));
    }
    Ok(Value::Object(claims))
}

#[cfg(test)]
mod tests {
    use garrison_clock::Clock as _;
    use garrison_jwt::{JwkSet, Jws};
    use serde_json::{Value, json};

    use crate::testing::{Known, OUTBOUND, World, name_and_message};

    fn ask(algorithm: &str) -> Value {
        json!({ "Audience": ["api"], "SigningAlgorithm": algorithm })
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.know(Known::enable_outbound);
        let account = world.root().account();
        let trust = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"]}"#;
        let arn = world.role("111122223333", "path/Job", trust);
        world.allow("Job", r#"{"Effect":"Allow","Action":"sts:*","Resource":"*"}"#);
        let role =
            json!({ "RoleArn": arn, "RoleSessionName": "s", "Tags": [{ "Key": "team", "Value": "x" }] });
        let session = world.call("AssumeRole", &world.user("alice"), role).await.unwrap();
        let cx = world.of_session(&session);
        assert_eq!(world.sts.web_identity_keys(account).await.unwrap(), Some(json!({ "keys": [] })));
        for algorithm in ["ES384", "RS256", "ES384"] {
            let mut input = ask(algorithm);
            input["Tags"] = json!([{ "Key": "run", "Value": "7" }]);
            let output = world.call("GetWebIdentityToken", &cx, input).await.unwrap();
            let keys = world.sts.web_identity_keys(account).await.unwrap().unwrap();
            let keys = JwkSet::parse(keys.to_string().as_bytes()).unwrap();
            let token = output["WebIdentityToken"].as_str().unwrap();
            let claims = Jws::parse(token).unwrap().verify(&keys).unwrap();
            let now = world.test.clock.protocol_now();
            assert_eq!(claims.text("iss"), Some(OUTBOUND));
            assert_eq!(claims.text("sub"), Some(&*arn));
            assert_eq!(claims.text("aud"), Some("api"));
            assert_eq!(claims.time("exp").unwrap().since(now).as_secs(), 300);
            let own = claims.value("https://sts.amazonaws.com/").unwrap();
            assert_eq!(own["aws_account"], "111122223333");
            assert_eq!(own["org_id"], "o-example");
            assert_eq!(own["principal_tags"], json!({ "team": "x" }));
            assert_eq!(own["request_tags"], json!({ "run": "7" }));
        }
        let keys = world.sts.web_identity_keys(account).await.unwrap().unwrap();
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2, "a key is made once");
        let discovery = world.sts.web_identity_configuration(account).await.unwrap().unwrap();
        assert_eq!(discovery["issuer"], OUTBOUND);
        assert_eq!(discovery["jwks_uri"], format!("{OUTBOUND}/.well-known/jwks.json"));
        world.sts.forget();
        assert_eq!(world.sts.web_identity_keys(account).await.unwrap(), Some(keys), "sealed in the store");
    }

    #[tokio::test]
    async fn it_demands_the_permission_for_the_audience() {
        let world = World::new();
        world.know(Known::enable_outbound);
        let demanded = world.demands("GetWebIdentityToken", &world.user("nobody"), ask("ES384")).await;
        assert_eq!(demanded, ("sts:GetWebIdentityToken".to_owned(), "*".to_owned()));
        world.allow(
            "caller",
            r#"{"Effect":"Allow","Action":"sts:GetWebIdentityToken","Resource":"*","Condition":{
                "ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"api"},
                "StringEquals":{"sts:SigningAlgorithm":"ES384"},"NumericLessThanEquals":{"sts:DurationSeconds":"300"}}}"#,
        );
        let cx = world.user("caller");
        assert!(world.call("GetWebIdentityToken", &cx, ask("ES384")).await.is_ok());
        let mut tagged = ask("ES384");
        tagged["Tags"] = json!([{ "Key": "run", "Value": "7" }]);
        let demanded = world.demands("GetWebIdentityToken", &cx, tagged).await;
        assert_eq!(demanded.0, "sts:TagGetWebIdentityToken");
        let (mut other, mut long) = (ask("ES384"), ask("ES384"));
        other["Audience"] = json!(["api", "other"]);
        long["DurationSeconds"] = json!(301);
        for input in [ask("RS256"), other, long] {
            assert_eq!(world.demands("GetWebIdentityToken", &cx, input).await.0, "sts:GetWebIdentityToken");
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_refused() {
        let world = World::new();
        let alice = world.user("alice");
        let refused = world.call("GetWebIdentityToken", &alice, ask("ES384")).await;
        assert_eq!(name_and_message(refused).0, "OutboundWebIdentityFederationDisabledException");
        assert_eq!(world.sts.web_identity_keys(alice.account()).await.unwrap(), None);
        world.know(Known::enable_outbound);
        let refused = world.call("GetWebIdentityToken", &alice, ask("HS256")).await;
        assert_eq!(name_and_message(refused).0, "ValidationException");
        let session = world.call("GetSessionToken", &alice, json!({ "DurationSeconds": 900 })).await.unwrap();
        let mut long = ask("ES384");
        long["DurationSeconds"] = json!(901);
        let refused = world.call("GetWebIdentityToken", &world.of_session(&session), long).await;
        assert_eq!(name_and_message(refused).0, "SessionDurationEscalationException");
        let mut large = ask("ES384");
        let tag = |n: usize| json!({ "Key": format!("key{n}"), "Value": "v".repeat(256) });
        large["Tags"] = (0..16).map(tag).collect();
        let refused = world.call("GetWebIdentityToken", &alice, large).await;
        assert_eq!(name_and_message(refused).0, "JWTPayloadSizeExceededException");
    }
}
