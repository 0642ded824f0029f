//! `ListRetirableGrants`. Source: KMS API Reference, "ListRetirableGrants".
//!
//! Action `kms:ListRetirableGrants` on no resource. The principal is one of the caller's account; the grants may be on
//! other accounts' keys, which need not agree.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::grants;
use crate::ops::list_grants::{PAGE, answer, entry};
use crate::paging::{Page, Paging};
use crate::service::Kms;

impl Handler<Kms> for operations::ListRetirableGrants {
    const ACCESS: Access = Access::read("kms:ListRetirableGrants");
    type Target = Paging;

    async fn resolve(_kms: &Kms, _cx: &Context, input: &Self::Input) -> Result<Resolved<Paging>, ApiError> {
        match (&input.retiring_principal, &input.retiring_service_principal) {
            (Some(principal), None) => grants::ensure_principal(principal)?,
            (None, Some(service)) => grants::ensure_service(service, "RetiringServicePrincipal")?,
            _ => {
                return Err(errors::validation(
                    "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
                ));
            }
        }
        Ok(Resolved::new(Paging::new(input.limit, input.marker.as_deref(), PAGE)?, Check::any()))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        _target: &'a Paging,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::of_request(cx, &RequestKeys::default(), key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        paging: &Paging,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let principal = input.retiring_principal.as_ref().or(input.retiring_service_principal.as_ref());
        let principal = principal.map(String::as_str).unwrap_or_default();
        let after = paging.after.as_deref();
        let found = kms.repo().retirable(cx.account(), &cx.region, principal, after, paging.wanted()).await?;
        let page = paging.page(found, |(address, id)| format!("{}/{}/{id}", address.account, address.id));
        let mut items: Vec<types::GrantListEntry> = Vec::with_capacity(page.items.len());
        for (address, id) in &page.items {
            let Some(key) = kms.repo().key(address).await? else { continue };
            items.extend(
                key.grants.grants.iter().find(|grant| *grant.id == **id).map(|grant| entry(address, grant)),
            );
        }
        Ok(Reply::new(answer(Page { items, next_marker: page.next_marker })))
    }
}
