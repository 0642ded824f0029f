//! `DescribeKey`. Source: KMS API Reference, "DescribeKey".
//!
//! Action `kms:DescribeKey` on the key, in another account too; a grant may allow it. Any key state.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::grants::GrantUse;
use crate::metadata;
use crate::model::GrantOperation;
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;

impl Handler<Kms> for operations::DescribeKey {
    const ACCESS: Access = Access::read("kms:DescribeKey");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        let target = kms.resolve_key(cx, &input.key_id, Accept::KeyOrAlias, Self::ACCESS.action).await?;
        let wanted = GrantUse::new(GrantOperation::DescribeKey, input.grant_tokens.as_deref());
        let check = kms.check_with_grants(cx, &target, &wanted)?;
        let resource = target.key.audit_resource();
        Ok(Resolved::new(target, check).with_resource(resource))
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
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        Ok(Reply::new(types::DescribeKeyResponse { key_metadata: Some(metadata::metadata(&target.key.key)) }))
    }
}
