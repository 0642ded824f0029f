//! `AssumeRoleWithWebIdentity`: credentials of a role's session for whoever an OpenID Connect provider vouches for.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/AssumeRoleWithWebIdentity>. The request carries no signature.
//! Permissions, by the role's trust policy alone: `sts:AssumeRoleWithWebIdentity`; where the token has session tags or a
//! source identity, `sts:TagSession` and `sts:SetSourceIdentity` too.

use std::sync::Arc;

use garrison_api_sts::errors as api;
use garrison_api_sts::operations::AssumeRoleWithWebIdentity;
use garrison_api_sts::types::{
    AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, AssumedRoleUser,
};
use garrison_jwt::{Claims, Jws, JwtError};
use garrison_kernel::ports::OpenIdProvider;
use garrison_kernel::principal::{Federated, FederationKind};
use garrison_kernel::session_token::{SessionGrant, assumed_role};
use garrison_kernel::{Access, Caller, Context, Handler, Principal, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_types::Timestamp;
use serde_json::Value;

use crate::keys::RequestKeys;
use crate::passed::Passed;
use crate::role::{RoleTarget, session_seconds};
use crate::service::Sts;

/// The claim with session tags. Source: IAM User Guide, "Pass session tags in AWS STS".
const TAGS: &str = "https://aws.amazon.com/tags";
/// The claim with the source identity. Source: IAM User Guide, "Monitor and control actions taken with assumed roles".
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// Whom the provider vouches for, and what they ask for.
#[derive(Debug)]
pub struct Target {
    role: RoleTarget,
    provider: Arc<OpenIdProvider>,
    subject: String,
    audience: String,
    source_identity: Option<String>,
    passed: Passed,
    /// Condition keys that last as long as the session.
    lasting: Vec<(String, Vec<String>)>,
    keys: RequestKeys,
}

impl Handler<Sts> for AssumeRoleWithWebIdentity {
    const ACCESS: Access =
        Access { response_elements: true, ..Access::key_use("sts:AssumeRoleWithWebIdentity") }
            .omitting_response(super::NOT_AUDITED);
    type Target = Target;

    async fn resolve(
        sts: &Sts,
        _: &Context,
        input: &AssumeRoleWithWebIdentityRequest,
    ) -> Result<Resolved<Target>, ApiError> {
        if input.provider_id.is_some() {
            return Err(errors::validation(
                "ProviderId is for OAuth 2.0 access tokens, which are not taken here: leave it out for OpenID Connect.",
            ));
        }
        let role = RoleTarget::find(sts, &input.role_arn).await?;
        let (provider, claims) = verified(sts, &role, &input.web_identity_token).await?;
        let subject = claims.text("sub").ok_or_else(|| missing("sub"))?.to_owned();
        let audience = audience(&claims, &provider)?;
        check_times(&claims, sts.kernel().clock().protocol_now())?;
        let (tags, transitive) = session_tags(&claims)?;
        let (policy, policy_arns) = (input.policy.as_deref(), input.policy_arns.as_deref());
        let passed = Passed::new(policy, policy_arns, tags, &transitive, Vec::new())?;
        let source_identity = claims.text(SOURCE_IDENTITY).map(str::to_owned);
        let lasting = lasting(&provider.url, &subject, &audience, &claims);
        let keys = lasting
            .iter()
            .fold(RequestKeys::default(), |keys, (name, values)| keys.with_all(name, values.clone()));
        let keys = keys
            .with("sts:rolesessionname", Some(&*input.role_session_name))
            .with("sts:sourceidentity", source_identity.as_deref())
            .with("aws:federatedprovider", Some(&*provider.arn))
            .with_all("sts:transitivetagkeys", passed.transitive.clone())
            .with_tags(&passed.tags);
        let caller = Caller::new(
            Principal::Federated(Arc::new(Federated {
                kind: FederationKind::WebIdentity,
                account: role.account,
                provider: Arc::clone(&provider.arn),
                subject: subject.as_str().into(),
            })),
            None,
        );
        let checks =
            role.checks("sts:AssumeRoleWithWebIdentity", &passed, source_identity.is_some(), &caller);
        let resources = vec![role.audited()];
        let target = Target { role, provider, subject, audience, source_identity, passed, lasting, keys };
        Ok(Resolved { target, checks, resources })
    }

    fn condition<'a>(
        _: &'a Sts,
        _: &'a Context,
        _: &'a AssumeRoleWithWebIdentityRequest,
        target: &'a Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys.values(key)
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &AssumeRoleWithWebIdentityRequest,
        target: &Target,
    ) -> Result<Reply<AssumeRoleWithWebIdentityResponse>, ApiError> {
        let role = target.role.role()?;
        let seconds = session_seconds(role, input.duration_seconds, false)?;
        target.passed.check_managed(sts, role.account).await?;
        let session = assumed_role(&role.arn, &role.id, &input.role_session_name)
            .ok_or_else(|| errors::internal("a role whose ARN is none"))?;
        let user =
            AssumedRoleUser { assumed_role_id: session.user_id.to_string(), arn: session.arn.to_string() };
        let mut grant = SessionGrant::new(Principal::AssumedRole(session.into()));
        target.passed.fill(&mut grant);
        grant.source_identity.clone_from(&target.source_identity);
        grant.provider = Some(target.provider.arn.to_string());
        grant.context.clone_from(&target.lasting);
        grant.minimum_token_size = super::assume_role::minimum(input.minimum_session_token_size);
        let issued = sts.issue(&grant, cx.time, seconds)?;
        sts.directory().role_used(role.account, &role.name, cx);
        Ok(Reply::new(AssumeRoleWithWebIdentityResponse {
            credentials: Some(issued.credentials),
            subject_from_web_identity_token: Some(target.subject.clone()),
            assumed_role_user: Some(user),
            packed_policy_size: target.passed.packed,
            provider: Some(target.provider.arn.to_string()),
            audience: Some(target.audience.clone()),
            source_identity: target.source_identity.clone(),
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.size),
        }))
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    api::invalid_identity_token_exception(message)
}

fn missing(claim: &str) -> ApiError {
    invalid(format!("Missing a required claim: {claim}"))
}

/// The provider in the role's account that the token says it is of, and what the token says, once its signature is the
/// provider's.
async fn verified(
    sts: &Sts,
    role: &RoleTarget,
    token: &str,
) -> Result<(Arc<OpenIdProvider>, Claims), ApiError> {
    let token = Jws::parse(token).map_err(|_| {
        invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        )
    })?;
    let issuer = token.claimed_issuer().ok_or_else(|| missing("iss"))?.to_owned();
    let unknown = || invalid(format!("No OpenIDConnect provider found in your account for {issuer}"));
    let url = issuer.strip_prefix("https://").ok_or_else(unknown)?;
    let provider = sts.directory().open_id_provider(role.account, url).await?.ok_or_else(unknown)?;
    let now = sts.kernel().clock().protocol_now();
    let keys = |fresh| sts.issuers().keys(&provider.url, &provider.thumbprints, now, fresh);
    let kept = keys(false).await.map_err(crate::issuers::IssuerError::into_api)?;
    let claims = match token.clone().verify(&kept) {
        // The issuer may have a new key.
        Err(JwtError::NoKey) => {
            let fresh = keys(true).await.map_err(crate::issuers::IssuerError::into_api)?;
            token.verify(&fresh)
        }
        other => other,
    };
    let claims = claims.map_err(|error| {
        invalid("The web identity token that was passed could not be validated by AWS.").with_internal(error)
    })?;
    Ok((provider, claims))
}

/// The audience, which must be one that the provider takes: `azp` where the token has it, else of `aud`.
fn audience(claims: &Claims, provider: &OpenIdProvider) -> Result<String, ApiError> {
    let asked = match claims.text("azp") {
        Some(party) => vec![party],
        None => claims.texts("aud"),
    };
    if asked.is_empty() {
        return Err(missing("aud"));
    }
    let taken = asked.iter().find(|audience| provider.client_ids.iter().any(|id| id == *audience));
    taken.map(|audience| (*audience).to_owned()).ok_or_else(|| invalid("Incorrect token audience"))
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<(), ApiError> {
    let time = |name: &str| claims.time(name).ok_or_else(|| missing(name));
    let (expires, issued) = (time("exp")?, time("iat")?);
    if now >= expires {
        return Err(api::expired_token_exception(format!(
            "Token expired: current date/time {} must be before the expiration date/time {}",
            now.as_seconds(),
            expires.as_seconds()
        )));
    }
    // Clocks differ a little.
    let ahead = now + std::time::Duration::from_secs(300);
    if issued > ahead || claims.time("nbf").is_some_and(|from| from > ahead) {
        return Err(invalid("Token is not valid yet"));
    }
    Ok(())
}

/// Session tags and the keys of those that are transitive.
type Tags = (Vec<(String, String)>, Vec<String>);

/// The session tags of the token.
fn session_tags(claims: &Claims) -> Result<Tags, ApiError> {
    let Some(claim) = claims.value(TAGS) else { return Ok((Vec::new(), Vec::new())) };
    let malformed = || invalid("The session tags of the token are malformed");
    let mut tags = Vec::new();
    for (key, value) in claim.get("principal_tags").and_then(Value::as_object).into_iter().flatten() {
        let value = match value {
            Value::String(value) => value,
            Value::Array(values) => match values.as_slice() {
                [Value::String(value)] => value,
                _ => return Err(malformed()),
            },
            _ => return Err(malformed()),
        };
        tags.push((key.clone(), value.clone()));
    }
    let transitive = claim.get("transitive_tag_keys").and_then(Value::as_array);
    let transitive = transitive.into_iter().flatten().map(|key| key.as_str().map(str::to_owned));
    Ok((tags, transitive.collect::<Option<_>>().ok_or_else(malformed)?))
}

/// The provider's condition keys.
fn lasting(url: &str, subject: &str, audience: &str, claims: &Claims) -> Vec<(String, Vec<String>)> {
    let url = url.to_lowercase();
    let methods: Vec<String> = claims.texts("amr").into_iter().map(str::to_owned).collect();
    let mut keys = vec![
        (format!("{url}:sub"), vec![subject.to_owned()]),
        (format!("{url}:aud"), vec![audience.to_owned()]),
    ];
    if !methods.is_empty() {
        keys.push((format!("{url}:amr"), methods));
    }
    keys
}

#[cfg(test)]
#[path = "assume_role_with_web_identity_tests.rs"]
mod tests;
