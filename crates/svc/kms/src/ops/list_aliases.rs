//! `ListAliases`. Source: KMS API Reference, "ListAliases".
//!
//! Action `kms:ListAliases` on no resource. With `KeyId` only the aliases of that key.

use std::sync::Arc;

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::model::{Alias, AliasName, KeyAddress, KeySnapshot};
use crate::paging::{PageSize, Paging};
use crate::service::Kms;

/// Which page of which aliases.
pub struct Wanted {
    paging: Paging,
    key: Option<Arc<KeySnapshot>>,
}

impl Handler<Kms> for operations::ListAliases {
    const ACCESS: Access = Access::read("kms:ListAliases");
    type Target = Wanted;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let paging = Paging::new(input.limit, input.marker.as_deref(), PageSize { max: 100, default: 50 })?;
        let key = match &input.key_id {
            Some(key_id) => Some(kms.resolve_own_key(cx, key_id, Self::ACCESS.action).await?.key),
            None => None,
        };
        Ok(Resolved::new(Wanted { paging, key }, Check::any()))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        _wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::of_request(cx, &RequestKeys::default(), key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        _input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = &wanted.paging;
        let found = match &wanted.key {
            Some(key) => of_key(kms, cx, key, paging).await?,
            None => {
                let after = paging.after.as_deref();
                kms.repo().list_aliases(cx.account(), &cx.region, after, paging.wanted()).await?
            }
        };
        let page = paging.page(found, |alias| alias.name.to_string());
        let truncated = page.truncated();
        Ok(Reply::new(types::ListAliasesResponse {
            aliases: Some(page.items.iter().map(|alias| entry(cx, alias)).collect()),
            next_marker: page.next_marker,
            truncated: Some(truncated),
        }))
    }
}

async fn of_key(kms: &Kms, cx: &Context, key: &KeySnapshot, paging: &Paging) -> Result<Vec<Alias>, ApiError> {
    let mut found = Vec::new();
    let behind = |name: &&String| paging.after.as_ref().is_none_or(|after| *name > after);
    for name in key.aliases.iter().filter(behind).take(paging.wanted()) {
        let Ok(name) = AliasName::parse(name) else { continue };
        if let Some(entry) = kms.repo().alias(cx.account(), &cx.region, &name).await? {
            found.push(entry.alias.clone());
        }
    }
    Ok(found)
}

fn entry(cx: &Context, alias: &Alias) -> types::AliasListEntry {
    let target = KeyAddress { account: cx.account(), region: cx.region.clone(), id: alias.target.clone() };
    types::AliasListEntry {
        alias_name: Some(alias.name.to_string()),
        alias_arn: Some(target.alias_arn(alias.name.as_str())),
        target_key_id: Some(target.id.to_string()),
        creation_date: Some(alias.created),
        last_updated_date: Some(alias.updated),
    }
}
