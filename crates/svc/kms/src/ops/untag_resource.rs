//! `UntagResource`. Source: KMS API Reference, "UntagResource".
//!
//! Action `kms:UntagResource` on the key, in the caller's own account. Condition key `aws:TagKeys`. Any key state but the
//! deletion ones.

use garrison_api_kms::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::StateRule;
use crate::reply::changed;
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{repo, tagging};

impl Handler<Kms> for operations::UntagResource {
    const ACCESS: Access = Access::write("kms:UntagResource");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys { tag_keys: &input.tag_keys, ..RequestKeys::default() };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        ensure_state(&target.key, StateRule::NotPendingDeletion)?;
        let mut key = target.key.key.clone();
        tagging::remove(&mut key.tags, &input.tag_keys)?;
        let mut writes = WriteSet::new();
        repo::replace_key(&mut writes, &target.key, &key);
        Ok(changed(&target.key, writes))
    }
}
