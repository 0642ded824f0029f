//! `ListGrants`. Source: KMS API Reference, "ListGrants".
//!
//! Action `kms:ListGrants` on the key, which may be another account's. Condition key `kms:GrantIsForAWSResource`.
//! Every key state.

use garrison_api_kms::{errors as api, operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::grants;
use crate::model::{Grant, KeyAddress};
use crate::paging::{Page, PageSize, Paging};
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;

/// The most grants of a page.
pub(crate) const PAGE: PageSize = PageSize { max: 100, default: 50 };

/// Which page of which key's grants.
pub struct Wanted {
    key: KeyTarget,
    paging: Paging,
}

impl Handler<Kms> for operations::ListGrants {
    const ACCESS: Access = Access::read("kms:ListGrants");
    type Target = Wanted;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let paging = Paging::new(input.limit, input.marker.as_deref(), PAGE)?;
        if let Some(id) = &input.grant_id {
            ensure_id(id)?;
        }
        if input.grantee_principal.is_some() && input.grantee_service_principal.is_some() {
            return Err(errors::validation(
                "You can specify either GranteePrincipal or GranteeServicePrincipal, but not both.",
            ));
        }
        if let Some(principal) = &input.grantee_principal {
            grants::ensure_principal(principal)?;
        }
        let key = kms.resolve_key(cx, &input.key_id, Accept::Key, Self::ACCESS.action).await?;
        let (check, resource) = (key.key.check(), key.key.audit_resource());
        Ok(Resolved::new(Wanted { key, paging }, check).with_resource(resource))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request =
            RequestKeys { grant_is_for_aws_resource: Some(cx.via.is_some()), ..RequestKeys::default() };
        condition::about_key(cx, &wanted.key, &request, key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let is_wanted = |grant: &&Grant| {
            input.grant_id.as_deref().is_none_or(|id| *grant.id == *id)
                && input
                    .grantee_principal
                    .as_deref()
                    .is_none_or(|p| !grant.grantee_is_service && *grant.grantee == *p)
                && input
                    .grantee_service_principal
                    .as_deref()
                    .is_none_or(|p| grant.grantee_is_service && *grant.grantee == *p)
        };
        let key = &wanted.key.key;
        let found = key.grants.grants.iter().filter(is_wanted);
        let page = wanted.paging.page_of(found, |grant| grant.id.to_string());
        let entries = page.items.iter().map(|grant| entry(&key.key.address, grant)).collect();
        Ok(Reply::new(answer(Page { items: entries, next_marker: page.next_marker })))
    }
}

/// A page of grants as it is answered.
pub(crate) fn answer(page: Page<types::GrantListEntry>) -> types::ListGrantsResponse {
    types::ListGrantsResponse {
        truncated: Some(page.truncated()),
        grants: Some(page.items),
        next_marker: page.next_marker,
    }
}

/// A grant as it is listed.
pub(crate) fn entry(key: &KeyAddress, grant: &Grant) -> types::GrantListEntry {
    let split = |principal: Option<&str>, is_service: bool| {
        let text = principal.map(str::to_owned);
        if is_service { (None, text) } else { (text, None) }
    };
    let (grantee_principal, grantee_service_principal) =
        split(Some(&grant.grantee), grant.grantee_is_service);
    let (retiring_principal, retiring_service_principal) =
        split(grant.retiring.as_deref(), grant.retiring_is_service);
    let constraints = &grant.constraints;
    let partition = key.region.partition();
    types::GrantListEntry {
        key_id: Some(key.arn()),
        grant_id: Some(grant.id.to_string()),
        name: Some(grant.name.clone().unwrap_or_default()),
        creation_date: Some(grant.created),
        grantee_principal,
        retiring_principal,
        issuing_account: Some(format!("arn:{partition}:iam::{}:root", grant.issuing_account)),
        operations: Some(grant.operations.clone()),
        constraints: (*constraints != Default::default()).then(|| types::GrantConstraints {
            encryption_context_subset: constraints.context_subset.clone(),
            encryption_context_equals: constraints.context_equals.clone(),
            source_arn: constraints.source_arn.clone(),
        }),
        grantee_service_principal,
        retiring_service_principal,
    }
}

/// Refuses what is not the form of a grant's id.
///
/// # Errors
/// `InvalidGrantIdException`.
pub(crate) fn ensure_id(id: &str) -> Result<(), ApiError> {
    if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(api::invalid_grant_id_exception(format!("Invalid grant ID '{id}'")))
}
