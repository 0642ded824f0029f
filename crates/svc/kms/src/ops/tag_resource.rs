//! `TagResource`. Source: KMS API Reference, "TagResource".
//!
//! Action `kms:TagResource` on the key, in the caller's own account. Condition keys `aws:RequestTag/…`, `aws:TagKeys`. Any
//! key state but the deletion ones.

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

/// A key and the keys of its tags to be.
pub struct Tagged {
    key: KeyTarget,
    tag_keys: Vec<String>,
}

impl Handler<Kms> for operations::TagResource {
    const ACCESS: Access = Access::write("kms:TagResource");
    type Target = Tagged;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Tagged>, ApiError> {
        let key = kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?;
        let tag_keys = input.tags.iter().map(|tag| tag.tag_key.clone()).collect();
        let (check, resource) = (key.key.check(), key.key.audit_resource());
        Ok(Resolved::new(Tagged { key, tag_keys }, check).with_resource(resource))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a Tagged,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request =
            RequestKeys { request_tags: &input.tags, tag_keys: &target.tag_keys, ..RequestKeys::default() };
        condition::about_key(cx, &target.key, &request, key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &Tagged,
    ) -> Result<Reply<Unit>, ApiError> {
        let snapshot = &target.key.key;
        ensure_state(snapshot, StateRule::NotPendingDeletion)?;
        let mut key = snapshot.key.clone();
        tagging::add(&mut key.tags, &input.tags)?;
        let mut writes = WriteSet::new();
        repo::replace_key(&mut writes, snapshot, &key);
        Ok(changed(snapshot, writes))
    }
}
