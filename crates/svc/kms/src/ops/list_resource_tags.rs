//! `ListResourceTags`. Source: KMS API Reference, "ListResourceTags".
//!
//! Action `kms:ListResourceTags` on the key, in the caller's own account. Any key state.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::paging::{PageSize, Paging};
use crate::resolve::KeyTarget;
use crate::service::Kms;
use crate::tagging;

impl Handler<Kms> for operations::ListResourceTags {
    const ACCESS: Access = Access::read("kms:ListResourceTags");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::about_key(cx, target, &RequestKeys::default(), key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.limit, input.marker.as_deref(), PageSize { max: 50, default: 50 })?;
        let page = paging.page_of(tagging::list(&target.key.key.tags), |tag| tag.tag_key.clone());
        let truncated = page.truncated();
        Ok(Reply::new(types::ListResourceTagsResponse {
            tags: Some(page.items),
            next_marker: page.next_marker,
            truncated: Some(truncated),
        }))
    }
}
