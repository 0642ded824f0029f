//! `ListKeys`. Source: KMS API Reference, "ListKeys".
//!
//! Action `kms:ListKeys` on no resource.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::model::KeyAddress;
use crate::paging::{PageSize, Paging};
use crate::service::Kms;

impl Handler<Kms> for operations::ListKeys {
    const ACCESS: Access = Access::read("kms:ListKeys");
    type Target = Paging;

    async fn resolve(_kms: &Kms, _cx: &Context, input: &Self::Input) -> Result<Resolved<Paging>, ApiError> {
        let size = PageSize { max: 1000, default: 100 };
        Ok(Resolved::new(Paging::new(input.limit, input.marker.as_deref(), size)?, Check::any()))
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
        // Keys that other accounts share through AWS RAM do not exist here.
        let own = input
            .resource_owners
            .as_ref()
            .is_none_or(|owners| owners.is_empty() || owners.contains(&types::ResourceOwnerType::SelfValue));
        let ids = if own {
            let after = paging.after.as_deref();
            kms.repo().list_keys(cx.account(), &cx.region, after, paging.wanted()).await?
        } else {
            Vec::new()
        };
        let page = paging.page(ids, Clone::clone);
        let truncated = page.truncated();
        let entry = |id: String| {
            let address =
                KeyAddress { account: cx.account(), region: cx.region.clone(), id: id.as_str().into() };
            types::KeyListEntry { key_arn: Some(address.arn()), key_id: Some(id) }
        };
        Ok(Reply::new(types::ListKeysResponse {
            keys: Some(page.items.into_iter().map(entry).collect()),
            next_marker: page.next_marker,
            truncated: Some(truncated),
        }))
    }
}
