//! `RetireGrant`. Source: KMS API Reference, "RetireGrant"; KMS Developer Guide, "Retiring and revoking grants".
//!
//! The grant says who may: its retiring principal, its grantee when it allows `RetireGrant`, and the account that made
//! it. Key policies have no say. Every key state.

use garrison_api_kms::operations;
use garrison_kernel::{Access, Check, Context, Handler, Principal, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::condition::{self, RequestKeys};
use crate::grants;
use crate::model::{Grant, GrantOperation};
use crate::ops::list_grants::ensure_id;
use crate::ops::revoke_grant::{find, removal};
use crate::reply::changed;
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;
use crate::use_key::end_dry_run;

/// The key and the grant's id.
pub struct Wanted {
    key: KeyTarget,
    grant: String,
}

impl Handler<Kms> for operations::RetireGrant {
    const ACCESS: Access = Access::write("kms:RetireGrant").omitting_request(&["GrantToken"]);
    type Target = Wanted;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let (key_id, id) = match (&input.grant_token, &input.key_id, &input.grant_id) {
            (Some(token), None, None) => {
                let content = kms.read_token(token)?;
                (content.key, content.grant)
            }
            (None, Some(key_id), Some(id)) => (key_id.clone(), id.clone()),
            _ => {
                return Err(errors::validation(
                    "You must specify either a grant token, or both a key ARN and a grant ID.",
                ));
            }
        };
        ensure_id(&id)?;
        let key = kms.resolve_key(cx, &key_id, Accept::Key, Self::ACCESS.action).await?;
        let account = key.key.key.address.account;
        let foreign = account != cx.account();
        let grant = match find(&key.key, &id) {
            Ok(grant) if may_retire(grant, cx) => grant,
            Err(missing) if !foreign => return Err(missing),
            // Strangers do not learn which grants another account's key has.
            _ => return Err(denied(cx, &key.key.arn)),
        };
        let question =
            Check::resource(key.key.arn.clone(), account).granted_by(Some(garrison_kernel::Grant {
                grantee: cx.caller.arn.clone(),
                ..grants::reference(grant)
            }));
        let resource = key.key.audit_resource();
        Ok(Resolved::new(Wanted { key, grant: id }, question).with_resource(resource))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::about_key(cx, &wanted.key, &RequestKeys::default(), key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Unit>, ApiError> {
        let key = &wanted.key.key;
        let grant = find(key, &wanted.grant)?;
        end_dry_run(input.dry_run)?;
        Ok(changed(key, removal(key, grant)))
    }
}

fn may_retire(grant: &Grant, cx: &Context) -> bool {
    let made_it =
        matches!(cx.caller.principal, Principal::Root { account, .. } if account == grant.issuing_account);
    let retires = grant.retiring.as_deref().is_some_and(|principal| grants::is_caller(principal, cx));
    let gives_back = grants::is_grantee(grant, cx) && grant.operations.contains(&GrantOperation::RetireGrant);
    made_it || retires || gives_back
}

fn denied(cx: &Context, key: &str) -> ApiError {
    let message = format!(
        "User: {} is not authorized to perform: kms:RetireGrant on resource: {key} because the grant does not allow it",
        cx.caller.arn
    );
    ApiError::new(&errors::ACCESS_DENIED, message)
}
