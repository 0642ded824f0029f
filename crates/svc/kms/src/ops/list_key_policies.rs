//! `ListKeyPolicies`. Source: KMS API Reference, "ListKeyPolicies".
//!
//! Action `kms:ListKeyPolicies` on the key, in the caller's own account. Any key state. The only policy is `default`.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::key_policy;
use crate::paging::{PageSize, Paging};
use crate::resolve::KeyTarget;
use crate::service::Kms;

impl Handler<Kms> for operations::ListKeyPolicies {
    const ACCESS: Access = Access::read("kms:ListKeyPolicies");
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
        _target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.limit, input.marker.as_deref(), PageSize { max: 1000, default: 100 })?;
        let page = paging.page_of([key_policy::NAME.to_owned()], Clone::clone);
        let truncated = page.truncated();
        Ok(Reply::new(types::ListKeyPoliciesResponse {
            policy_names: Some(page.items),
            next_marker: page.next_marker,
            truncated: Some(truncated),
        }))
    }
}
