//! `UpdateAlias`. Source: KMS API Reference, "UpdateAlias".
//!
//! Action `kms:UpdateAlias` on the alias (by the caller's policies), on the key that it stood for and on the key that it
//! shall stand for. The new key may be in any state but the deletion ones, and must be of the old one's type and usage.

use std::sync::Arc;

use garrison_api_kms::{errors as api, operations};
use garrison_crypto::keys::KeySpec;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Alias, Key, StateRule};
use crate::reply::changed;
use crate::repo::{self, AliasEntry};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{aliases, error};

/// An alias, its key and its key to be.
pub struct Move {
    entry: Arc<AliasEntry>,
    from: KeyTarget,
    to: KeyTarget,
}

impl Handler<Kms> for operations::UpdateAlias {
    const ACCESS: Access = Access::write("kms:UpdateAlias");
    type Target = Move;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Move>, ApiError> {
        let name = aliases::customer_name(&input.alias_name)?;
        let missing = || error::alias_not_found(&cx.region, cx.account(), &name);
        let entry = kms.repo().alias(cx.account(), &cx.region, &name).await?.ok_or_else(missing)?;
        let from = kms.resolve_own_key(cx, &entry.alias.target, Self::ACCESS.action).await?;
        let to = kms.resolve_alias_target(cx, &input.target_key_id, Self::ACCESS.action).await?;
        let (old, new) = (from.key.check(), to.key.check());
        let resources = (from.key.audit_resource(), to.key.audit_resource());
        let resolved = Resolved::new(Move { entry, from, to }, old).and(new).and(aliases::check(cx, &name));
        Ok(resolved.with_resource(resources.0).with_resource(resources.1))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a Move,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let about = if check == 1 { &target.to } else { &target.from };
        condition::about_key(cx, about, &RequestKeys::default(), key)
    }

    async fn execute(
        _kms: &Kms,
        cx: &Context,
        _input: &Self::Input,
        target: &Move,
    ) -> Result<Reply<Unit>, ApiError> {
        let (from, to) = (&target.from.key, &target.to.key);
        ensure_state(to, StateRule::NotPendingDeletion)?;
        if !same_type(&from.key, &to.key) {
            return Err(errors::validation(
                "An alias can only be moved to a key of the same type (symmetric, asymmetric or HMAC) and key usage.",
            ));
        }
        let stays = from.arn == to.arn;
        if !stays && to.aliases.len() >= aliases::MAX_PER_KEY {
            let message = format!("{} already has {} aliases.", to.arn, aliases::MAX_PER_KEY);
            return Err(api::limit_exceeded_exception(message));
        }
        let mut writes = WriteSet::new();
        repo::require_key(&mut writes, to);
        if !stays {
            repo::require_aliases(&mut writes, to);
        }
        let moved =
            Alias { target: to.key.address.id.clone(), updated: cx.time, ..target.entry.alias.clone() };
        repo::move_alias(&mut writes, &target.entry, &from.key.address, &to.key.address, &moved);
        Ok(changed(to, writes))
    }
}

fn same_type(a: &Key, b: &Key) -> bool {
    let kind = |key: &Key| (key.spec.is_asymmetric(), key.spec == KeySpec::SymmetricDefault, key.usage);
    kind(a) == kind(b)
}
