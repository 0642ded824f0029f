//! `AssumeRoleWithSAML`: credentials of a role's session for whoever a SAML provider vouches for.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/AssumeRoleWithSAML>. The request carries no signature.
//! Permissions, by the role's trust policy alone: `sts:AssumeRoleWithSAML`; where the assertion has session tags or a source
//! identity, `sts:TagSession` and `sts:SetSourceIdentity` too.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use garrison_api_sts::errors as api;
use garrison_api_sts::operations::AssumeRoleWithSAML;
use garrison_api_sts::types::{AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse, AssumedRoleUser};
use garrison_kernel::ports::SamlProvider;
use garrison_kernel::principal::{Federated, FederationKind};
use garrison_kernel::session_token::{SessionGrant, assumed_role};
use garrison_kernel::{Access, Caller, Context, Handler, Principal, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_saml::{Assertion, Encryption, Metadata};
use garrison_schema::ApiError;
use garrison_types::{Arn, Timestamp};

use crate::keys::RequestKeys;
use crate::passed::Passed;
use crate::role::{RoleTarget, session_seconds};
use crate::saml::{self, Asked};
use crate::service::Sts;

/// Whom the provider vouches for, and what they ask for.
#[derive(Debug)]
pub struct Target {
    role: RoleTarget,
    provider: Arc<SamlProvider>,
    asked: Asked,
    /// `NameQualifier`: the issuer, the account and the provider's name as one.
    name_qualifier: String,
    passed: Passed,
    /// Condition keys that last as long as the session.
    lasting: Vec<(String, Vec<String>)>,
    keys: RequestKeys,
}

impl Handler<Sts> for AssumeRoleWithSAML {
    const ACCESS: Access = Access { response_elements: true, ..Access::key_use("sts:AssumeRoleWithSAML") }
        .omitting_response(super::NOT_AUDITED);
    type Target = Target;

    async fn resolve(
        sts: &Sts,
        _: &Context,
        input: &AssumeRoleWithSAMLRequest,
    ) -> Result<Resolved<Target>, ApiError> {
        let role = RoleTarget::find(sts, &input.role_arn).await?;
        let (provider, name) = provider(sts, &role, &input.principal_arn).await?;
        let now = sts.kernel().clock().protocol_now();
        let assertion = verified(&provider, &input.saml_assertion, now)?;
        let asked = Asked::read(&assertion, &role.arn, &provider.arn, now)?;
        let (policy, policy_arns) = (input.policy.as_deref(), input.policy_arns.as_deref());
        let passed = Passed::new(policy, policy_arns, asked.tags.clone(), &asked.transitive, Vec::new())?;
        let document = format!("{}/{name}", role.account);
        let qualified =
            digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{}{document}", assertion.issuer).as_bytes());
        let name_qualifier = base64_simd::STANDARD.encode_to_string(qualified.as_ref());
        let mut lasting = saml::condition_keys(&assertion, &asked);
        lasting.push(("saml:doc".to_owned(), vec![document]));
        lasting.push(("saml:namequalifier".to_owned(), vec![name_qualifier.clone()]));
        let keys = lasting
            .iter()
            .fold(RequestKeys::default(), |keys, (name, values)| keys.with_all(name, values.clone()));
        let keys = keys
            .with("sts:rolesessionname", Some(&*asked.session_name))
            .with("sts:sourceidentity", asked.source_identity.as_deref())
            .with("aws:federatedprovider", Some(&*provider.arn))
            .with_all("sts:transitivetagkeys", passed.transitive.clone())
            .with_tags(&passed.tags);
        let caller = Caller::new(
            Principal::Federated(Arc::new(Federated {
                kind: FederationKind::Saml,
                account: role.account,
                provider: Arc::clone(&provider.arn),
                subject: asked.subject.as_str().into(),
            })),
            None,
        );
        let named = asked.source_identity.is_some();
        let checks = role.checks("sts:AssumeRoleWithSAML", &passed, named, &caller);
        let resources = vec![role.audited()];
        let target = Target { role, provider, asked, name_qualifier, passed, lasting, keys };
        Ok(Resolved { target, checks, resources })
    }

    fn condition<'a>(
        _: &'a Sts,
        _: &'a Context,
        _: &'a AssumeRoleWithSAMLRequest,
        target: &'a Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys.values(key)
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &AssumeRoleWithSAMLRequest,
        target: &Target,
    ) -> Result<Reply<AssumeRoleWithSAMLResponse>, ApiError> {
        let (role, asked) = (target.role.role()?, &target.asked);
        // The shorter of what the request, the assertion and the provider's own session allow.
        let requested = input.duration_seconds.into_iter().chain(asked.duration).min();
        let seconds = session_seconds(role, requested, false)?;
        let seconds = asked.session_ends_in.map_or(seconds, |ends| ends.min(seconds));
        target.passed.check_managed(sts, role.account).await?;
        let session = assumed_role(&role.arn, &role.id, &asked.session_name)
            .ok_or_else(|| errors::internal("a role whose ARN is none"))?;
        let user =
            AssumedRoleUser { assumed_role_id: session.user_id.to_string(), arn: session.arn.to_string() };
        let mut grant = SessionGrant::new(Principal::AssumedRole(session.into()));
        target.passed.fill(&mut grant);
        grant.source_identity.clone_from(&asked.source_identity);
        grant.provider = Some(target.provider.arn.to_string());
        grant.context.clone_from(&target.lasting);
        grant.minimum_token_size = super::assume_role::minimum(input.minimum_session_token_size);
        let issued = sts.issue(&grant, cx.time, seconds)?;
        sts.directory().role_used(role.account, &role.name, cx);
        Ok(Reply::new(AssumeRoleWithSAMLResponse {
            credentials: Some(issued.credentials),
            assumed_role_user: Some(user),
            packed_policy_size: target.passed.packed,
            subject: Some(asked.subject.clone()),
            subject_type: Some(asked.subject_type.clone()),
            issuer: Some(asked.issuer.clone()),
            audience: Some(asked.recipient.clone()),
            name_qualifier: Some(target.name_qualifier.clone()),
            source_identity: asked.source_identity.clone(),
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.size),
        }))
    }
}

/// The provider, which must be of the role's account, and its name.
async fn provider(sts: &Sts, role: &RoleTarget, arn: &str) -> Result<(Arc<SamlProvider>, String), ApiError> {
    let parsed: Arn = arn.parse().map_err(|_| errors::validation("Request ARN is invalid"))?;
    let unknown = || saml::invalid("Specified provider doesn't exist");
    let name = parsed.resource().strip_prefix("saml-provider/").ok_or_else(unknown)?;
    if parsed.service() != "iam" || parsed.account() != role.account.as_str() {
        return Err(unknown());
    }
    let provider = sts.directory().saml_provider(role.account, name).await?;
    let provider = provider.filter(|provider| *provider.arn == *arn).ok_or_else(unknown)?;
    Ok((provider, name.to_owned()))
}

/// The assertion, once its signature is the provider's.
fn verified(provider: &SamlProvider, response: &str, now: Timestamp) -> Result<Assertion, ApiError> {
    let packed: String = response.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let text =
        base64_simd::STANDARD.decode_to_vec(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.ok_or_else(|| saml::invalid("Invalid base64 SAMLResponse"))?;
    let metadata = Metadata::parse(&provider.metadata).map_err(errors::internal)?;
    if metadata.valid_until.is_some_and(|until| until <= now) {
        return Err(saml::invalid("The metadata of the specified provider has expired"));
    }
    let encryption = Encryption {
        private_keys: provider.private_keys.iter().map(|key| key.expose()).collect(),
        required: provider.encryption_required,
    };
    Assertion::verified(&text, &metadata, &encryption).map_err(|error| match error {
        garrison_saml::SamlError::Signature => saml::invalid("Response signature invalid"),
        garrison_saml::SamlError::Status => {
            api::idp_rejected_claim_exception("The identity provider reports that authentication failed")
        }
        other => saml::invalid(format!("Your request included an invalid SAML response: {other}")),
    })
}

#[cfg(test)]
#[path = "assume_role_with_saml_tests.rs"]
mod tests;
