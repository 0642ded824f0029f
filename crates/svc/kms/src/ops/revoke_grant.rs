//! `RevokeGrant`. Source: KMS API Reference, "RevokeGrant".
//!
//! Action `kms:RevokeGrant` on the key, which may be another account's. Condition key `kms:GrantIsForAWSResource`.
//! Every key state.

use garrison_api_kms::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Grant, KeySnapshot};
use crate::ops::list_grants::ensure_id;
use crate::reply::changed;
use crate::repo;
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;
use crate::use_key::end_dry_run;

impl Handler<Kms> for operations::RevokeGrant {
    const ACCESS: Access = Access::write("kms:RevokeGrant");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        ensure_id(&input.grant_id)?;
        Ok(kms.resolve_key(cx, &input.key_id, Accept::Key, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request =
            RequestKeys { grant_is_for_aws_resource: Some(cx.via.is_some()), ..RequestKeys::default() };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let grant = find(&target.key, &input.grant_id)?;
        end_dry_run(input.dry_run)?;
        Ok(changed(&target.key, removal(&target.key, grant)))
    }
}

/// A key's grant by its id.
///
/// # Errors
/// `NotFoundException`.
pub(crate) fn find<'a>(key: &'a KeySnapshot, id: &str) -> Result<&'a Grant, ApiError> {
    let found = key.grants.grants.iter().find(|grant| *grant.id == *id);
    found.ok_or_else(|| api::not_found_exception(format!("Grant ID {id} not found on {}", key.arn)))
}

/// What removes a grant, once.
pub(crate) fn removal(key: &KeySnapshot, grant: &Grant) -> WriteSet {
    let mut writes = WriteSet::new();
    repo::require_grants(&mut writes, key);
    repo::delete_grant(&mut writes, &key.key.address, grant);
    writes
}
