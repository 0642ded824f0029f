//! `DeleteAlias`. Source: KMS API Reference, "DeleteAlias".
//!
//! Action `kms:DeleteAlias` on the alias (by the caller's policies) and on its key. Any key state.

use std::sync::Arc;

use garrison_api_kms::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::reply::changed;
use crate::repo::{self, AliasEntry};
use crate::resolve::KeyTarget;
use crate::service::Kms;
use crate::{aliases, error};

/// An alias and its key.
pub struct AliasTarget {
    entry: Arc<AliasEntry>,
    key: KeyTarget,
}

impl Handler<Kms> for operations::DeleteAlias {
    const ACCESS: Access = Access::write("kms:DeleteAlias");
    type Target = AliasTarget;

    async fn resolve(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<AliasTarget>, ApiError> {
        let name = aliases::customer_name(&input.alias_name)?;
        let missing = || error::alias_not_found(&cx.region, cx.account(), &name);
        let entry = kms.repo().alias(cx.account(), &cx.region, &name).await?.ok_or_else(missing)?;
        let key = kms.resolve_own_key(cx, &entry.alias.target, Self::ACCESS.action).await?;
        let key = KeyTarget { alias: Some(name.clone()), ..key };
        let (check, resource) = (key.key.check(), key.key.audit_resource());
        let resolved = Resolved::new(AliasTarget { entry, key }, check).and(aliases::check(cx, &name));
        Ok(resolved.with_resource(resource))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a AliasTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::about_key(cx, &target.key, &RequestKeys::default(), key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        _input: &Self::Input,
        target: &AliasTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let mut writes = WriteSet::new();
        repo::delete_alias(&mut writes, &target.entry, &target.key.key.key.address);
        Ok(changed(&target.key.key, writes))
    }
}
