//! `CreateGrant`. Source: KMS API Reference, "CreateGrant".
//!
//! Action `kms:CreateGrant` on the key, which may be another account's; a grant that allows `CreateGrant` also
//! allows it, for what that grant itself allows. Condition keys of the grant to be, and `kms:EncryptionContext…` of
//! its constraint. Key state `Enabled`.

use std::fmt::Write as _;
use std::sync::Arc;

use garrison_api_kms::{errors as api, operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Grant, GrantConstraints, StateRule};
use crate::resolve::{Accept, KeyTarget, ensure_state};
use crate::service::Kms;
use crate::use_key::end_dry_run;
use crate::{grants, repo};

/// The most grants of a key (KMS Developer Guide, "Resource quotas").
const MAX_GRANTS: usize = 50_000;

/// The key and the grant to be.
pub struct Wanted {
    key: KeyTarget,
    grant: Grant,
    operations: Vec<String>,
    context_keys: Vec<String>,
}

impl Handler<Kms> for operations::CreateGrant {
    const ACCESS: Access = Access::write("kms:CreateGrant")
        .omitting_request(&["GrantTokens"])
        .omitting_response(&["GrantToken"]);
    type Target = Wanted;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let grant = grant(kms, cx, input)?;
        let key = kms.resolve_key(cx, &input.key_id, Accept::Key, Self::ACCESS.action).await?;
        let tokens = input.grant_tokens.as_deref().unwrap_or_default();
        let check = kms.check_create_grant(cx, &key.key, &grant, tokens)?;
        let resource = key.key.audit_resource();
        let operations = grant.operations.iter().map(ToString::to_string).collect();
        let context_keys =
            context(&grant.constraints).into_iter().flatten().map(|(key, _)| key.clone()).collect();
        Ok(Resolved::new(Wanted { key, grant, operations, context_keys }, check).with_resource(resource))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let constraints = &wanted.grant.constraints;
        let request = RequestKeys {
            encryption_context: context(constraints),
            encryption_context_keys: &wanted.context_keys,
            grant_constraint_source_arn: constraints.source_arn.as_deref(),
            grant_constraint_type: constraint_type(constraints),
            grantee_principal: input.grantee_principal.as_deref(),
            grantee_service_principal: input.grantee_service_principal.as_deref(),
            grant_is_for_aws_resource: Some(cx.via.is_some()),
            grant_operations: &wanted.operations,
            retiring_principal: input.retiring_principal.as_deref(),
            retiring_service_principal: input.retiring_service_principal.as_deref(),
            ..RequestKeys::default()
        };
        condition::about_key(cx, &wanted.key, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (key, grant) = (&wanted.key.key, &wanted.grant);
        ensure_state(key, StateRule::Enabled)?;
        grants::ensure_grantable(&key.key, grant)?;
        let existing = key.grants.grants.iter().find(|existing| is_retry(existing, grant));
        if existing.is_none() && key.grants.grants.len() >= MAX_GRANTS {
            let message = format!("{} already has {MAX_GRANTS} grants.", key.arn);
            return Err(api::limit_exceeded_exception(message));
        }
        end_dry_run(input.dry_run)?;
        let mut writes = WriteSet::new();
        if existing.is_none() {
            // A grant that came meanwhile may be the same one, or the last one that there is room for.
            repo::require_key(&mut writes, key);
            repo::require_grants(&mut writes, key);
            repo::put_grant(&mut writes, &key.key.address, grant);
        }
        let id = &existing.unwrap_or(grant).id;
        let output = types::CreateGrantResponse {
            grant_token: Some(kms.grant_token(key, id)?),
            grant_id: Some(id.to_string()),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

/// Whether a named grant is the one that was made before: everything but id and time is the same.
fn is_retry(existing: &Grant, new: &Grant) -> bool {
    let same = Grant { id: Arc::clone(&existing.id), created: existing.created, ..new.clone() };
    new.name.is_some() && same == *existing
}

fn context(constraints: &GrantConstraints) -> Option<&std::collections::BTreeMap<String, String>> {
    constraints.context_equals.as_ref().or(constraints.context_subset.as_ref())
}

fn constraint_type(constraints: &GrantConstraints) -> Option<&'static str> {
    match constraints {
        GrantConstraints { context_equals: Some(_), .. } => Some("EncryptionContextEquals"),
        GrantConstraints { context_subset: Some(_), .. } => Some("EncryptionContextSubset"),
        GrantConstraints { source_arn: Some(_), .. } => Some("SourceArn"),
        GrantConstraints { .. } => None,
    }
}

/// Reads the grant to be from the input.
fn grant(kms: &Kms, cx: &Context, input: &types::CreateGrantRequest) -> Result<Grant, ApiError> {
    let grantee = principal(&input.grantee_principal, &input.grantee_service_principal, "Grantee")?;
    let (grantee, grantee_is_service) = grantee.ok_or_else(|| {
        errors::validation("You must specify either GranteePrincipal or GranteeServicePrincipal.")
    })?;
    let retiring = principal(&input.retiring_principal, &input.retiring_service_principal, "Retiring")?;
    let mut operations = input.operations.clone();
    operations.sort();
    operations.dedup();
    let constraints = input.constraints.clone().unwrap_or_default();
    Ok(Grant {
        id: new_id(kms).into(),
        name: input.name.clone(),
        created: cx.time,
        grantee: grantee.into(),
        grantee_is_service,
        retiring_is_service: retiring.is_some_and(|(_, is_service)| is_service),
        retiring: retiring.map(|(principal, _)| principal.into()),
        issuing_account: cx.account(),
        operations,
        constraints: GrantConstraints {
            context_subset: constraints.encryption_context_subset.filter(|pairs| !pairs.is_empty()),
            context_equals: constraints.encryption_context_equals,
            source_arn: constraints.source_arn,
        },
    })
}

/// One of two members that name a principal, and whether it is the service's.
fn principal<'a>(
    principal: &'a Option<String>,
    service: &'a Option<String>,
    member: &str,
) -> Result<Option<(&'a str, bool)>, ApiError> {
    match (principal, service) {
        (Some(_), Some(_)) => Err(errors::validation(format!(
            "You can specify either {member}Principal or {member}ServicePrincipal, but not both."
        ))),
        (Some(principal), None) => {
            grants::ensure_principal(principal)?;
            Ok(Some((principal, false)))
        }
        (None, Some(service)) => {
            grants::ensure_service(service, &format!("{member}ServicePrincipal"))?;
            Ok(Some((service, true)))
        }
        (None, None) => Ok(None),
    }
}

/// 64 random hexadecimal digits.
fn new_id(kms: &Kms) -> String {
    let mut bytes = [0; 32];
    kms.kernel().rng().fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
