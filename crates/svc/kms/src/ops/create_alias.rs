//! `CreateAlias`. Source: KMS API Reference, "CreateAlias".
//!
//! Action `kms:CreateAlias` on the alias (by the caller's policies) and on the key, in the caller's own account. Any key
//! state but the deletion ones.

use garrison_api_kms::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::aliases;
use crate::condition::{self, RequestKeys};
use crate::model::{Alias, StateRule};
use crate::reply::changed;
use crate::repo;
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;

impl Handler<Kms> for operations::CreateAlias {
    const ACCESS: Access = Access::write("kms:CreateAlias");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        let name = aliases::customer_name(&input.alias_name)?;
        let mut target = kms.resolve_alias_target(cx, &input.target_key_id, Self::ACCESS.action).await?;
        target.alias = Some(name.clone());
        Ok(target.resolved().and(aliases::check(cx, &name)))
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
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let name = aliases::customer_name(&input.alias_name)?;
        let address = &target.key.key.address;
        ensure_state(&target.key, StateRule::NotPendingDeletion)?;
        if kms.repo().alias(cx.account(), &cx.region, &name).await?.is_some() {
            let arn = address.alias_arn(name.as_str());
            return Err(api::already_exists_exception(format!(
                "An alias with the name {arn} already exists"
            )));
        }
        if target.key.aliases.len() >= aliases::MAX_PER_KEY {
            let message = format!("{} already has {} aliases.", target.key.arn, aliases::MAX_PER_KEY);
            return Err(api::limit_exceeded_exception(message));
        }
        let mut writes = WriteSet::new();
        repo::require_key(&mut writes, &target.key);
        repo::require_aliases(&mut writes, &target.key);
        let alias = Alias { name, target: address.id.clone(), created: cx.time, updated: cx.time };
        repo::create_alias(&mut writes, address, &alias);
        Ok(changed(&target.key, writes))
    }
}
