//! From what a caller writes as `KeyId` to the key.
//!
//! Source: KMS Developer Guide, "Key identifiers (KeyId)".

use std::sync::Arc;

use garrison_crypto::keys::KeyUsage;
use garrison_kernel::{Check, Context, Resolved, ServiceType as _, errors};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn};

use crate::error;
use crate::model::{AliasName, KeyAddress, KeySnapshot, StateRule};
use crate::service::Kms;

/// Which identifiers an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// A key id or a key ARN.
    Key,
    /// Those, and an alias name or an alias ARN.
    KeyOrAlias,
}

/// A key that a call is about.
#[derive(Debug, Clone)]
pub struct KeyTarget {
    /// The key.
    pub key: Arc<KeySnapshot>,
    /// The alias that the caller named it by (`kms:RequestAlias`).
    pub alias: Option<AliasName>,
    /// The caller named no key: a ciphertext tells which it is.
    pub by_ciphertext: bool,
}

/// What AWS calls a key that only a ciphertext names, to a caller who must not learn which it is.
pub(crate) const OF_CIPHERTEXT: &str = "the resource associated with this ciphertext";

impl KeyTarget {
    /// A key that is found without an alias.
    pub(crate) fn of(key: Arc<KeySnapshot>) -> Self {
        Self { key, alias: None, by_ciphertext: false }
    }

    /// The question whether the caller may do something to the key, by its key policy.
    pub(crate) fn check(&self) -> Check {
        let check = self.key.check();
        if self.by_ciphertext { check.found_by(OF_CIPHERTEXT) } else { check }
    }

    /// The usual resolution: one question about the key, by its policy, and the key in the audit record.
    pub fn resolved(self) -> Resolved<Self> {
        let (check, resource) = (self.key.check(), self.key.audit_resource());
        Resolved::new(self, check).with_resource(resource)
    }
}

/// What a caller wrote, read.
enum KeyName {
    Key(KeyAddress),
    Alias { account: AccountId, name: AliasName },
}

impl Kms {
    /// Finds the key that `key_id` names, for the IAM action that the call is about.
    ///
    /// # Errors
    /// `NotFoundException` as AWS words it; `InvalidArnException` for an alias where none is taken; `AccessDeniedException`
    /// for another account's key that does not exist.
    pub async fn resolve_key(
        &self,
        cx: &Context,
        key_id: &str,
        accept: Accept,
        action: &str,
    ) -> Result<KeyTarget, ApiError> {
        let (address, alias) = match parse(cx, key_id, accept)? {
            KeyName::Key(address) => (address, None),
            KeyName::Alias { account, name } => {
                let Some(id) = self.target_of_alias(cx, account, &name).await? else {
                    return Err(error::alias_not_found(&cx.region, account, &name));
                };
                (KeyAddress { account, region: cx.region.clone(), id }, Some(name))
            }
        };
        match self.repo().key(&address).await? {
            Some(key) => Ok(KeyTarget { alias, ..KeyTarget::of(key) }),
            None if address.account == cx.account() => Err(error::key_not_found(&address.arn())),
            None => Err(errors::denied_elsewhere(Kms::SCHEMA, &cx.caller.arn, action, &address.arn())),
        }
    }

    async fn target_of_alias(
        &self,
        cx: &Context,
        account: AccountId,
        name: &AliasName,
    ) -> Result<Option<Arc<str>>, ApiError> {
        let entry = self.repo().alias(account, &cx.region, name).await?;
        match entry {
            Some(entry) => Ok(Some(Arc::clone(&entry.alias.target))),
            None if account == cx.account() => self.create_managed_key(cx, name).await,
            None => Ok(None),
        }
    }

    /// The same for operations that are not for other accounts' keys.
    ///
    /// # Errors
    /// As [`Self::resolve_key`]; `AccessDeniedException` for another account's key.
    pub(crate) async fn resolve_own_key(
        &self,
        cx: &Context,
        key_id: &str,
        action: &str,
    ) -> Result<KeyTarget, ApiError> {
        let target = self.resolve_key(cx, key_id, Accept::Key, action).await?;
        if target.key.key.address.account == cx.account() {
            return Ok(target);
        }
        Err(errors::denied_elsewhere(Kms::SCHEMA, &cx.caller.arn, action, &target.key.arn))
    }
}

/// Refuses what the key's state forbids.
///
/// # Errors
/// `DisabledException` or `KMSInvalidStateException`.
pub(crate) fn ensure_state(key: &KeySnapshot, rule: StateRule) -> Result<(), ApiError> {
    if rule.allows(key.key.state) { Ok(()) } else { Err(error::wrong_state(&key.arn, key.key.state)) }
}

/// Refuses a key whose usage is not the operation's.
///
/// # Errors
/// `InvalidKeyUsageException`.
pub(crate) fn ensure_usage(key: &KeySnapshot, usage: KeyUsage, operation: &str) -> Result<(), ApiError> {
    if key.key.usage == usage { Ok(()) } else { Err(error::wrong_usage(&key.arn, key.key.usage, operation)) }
}

fn parse(cx: &Context, text: &str, accept: Accept) -> Result<KeyName, ApiError> {
    let own = cx.account();
    if accept == Accept::Key && (text.starts_with("alias/") || text.contains(":alias/")) {
        return Err(error::alias_not_supported());
    }
    if text.starts_with("arn:") {
        let arn: Arn = text.parse().map_err(|_| error::invalid_arn(text))?;
        if arn.service() != "kms" || arn.partition() != cx.partition().as_str() {
            return Err(error::invalid_arn(text));
        }
        if arn.region() != cx.region.as_str() {
            return Err(error::invalid_arn(arn.region()));
        }
        let account = arn.account().parse().map_err(|_| error::invalid_arn(text))?;
        return parse_resource(cx, account, arn.resource(), accept).ok_or_else(|| error::invalid_arn(text));
    }
    if text.starts_with("alias/") {
        return parse_resource(cx, own, text, accept).ok_or_else(|| error::invalid_key_id(text));
    }
    key_name(cx, own, text).ok_or_else(|| error::invalid_key_id(text))
}

fn parse_resource(cx: &Context, account: AccountId, resource: &str, accept: Accept) -> Option<KeyName> {
    match resource.strip_prefix("key/") {
        Some(id) => key_name(cx, account, id),
        None if accept == Accept::KeyOrAlias => {
            AliasName::parse(resource).ok().map(|name| KeyName::Alias { account, name })
        }
        None => None,
    }
}

fn key_name(cx: &Context, account: AccountId, id: &str) -> Option<KeyName> {
    is_key_id(id).then(|| KeyName::Key(KeyAddress { account, region: cx.region.clone(), id: id.into() }))
}

/// A UUID in lower case, or `mrk-` and 32 hexadecimal digits.
fn is_key_id(text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match text.strip_prefix("mrk-") {
        Some(digits) => digits.len() == 32 && hex(digits),
        None => {
            let groups: Vec<&str> = text.split('-').collect();
            groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
                && groups.iter().all(|group| hex(group))
        }
    }
}
