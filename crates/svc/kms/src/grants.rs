//! Grants: which one covers a call, what a new one may say, and grant tokens.
//!
//! Source: KMS Developer Guide, "Grants in AWS KMS"; KMS API Reference, "CreateGrant".
//!
//! Grants count at once: there is nothing that a grant token would have to bridge. A token names its grant for
//! `RetireGrant`, and is checked wherever one is passed.

use std::collections::BTreeMap;

use garrison_api_kms::errors as api;
use garrison_crypto::keys::{KeySpec, KeyUsage};
use garrison_kernel::{Check, Context, Grant as GrantRef, Principal, errors};
use garrison_schema::ApiError;
use garrison_types::Arn;

use crate::error;
use crate::model::{Grant, GrantConstraints, GrantOperation, Key, KeySnapshot};
use crate::resolve::KeyTarget;
use crate::service::Kms;

/// What a token is sealed for, so that nothing else that is sealed passes for one.
const TOKEN_PLACE: &[u8] = b"kms grant token v1";
/// The most pairs of an encryption context constraint.
const MAX_PAIRS: usize = 8;
/// The most characters of all keys and values of an encryption context constraint.
const MAX_CONTEXT: usize = 384;

/// What a call asks of a grant.
pub(crate) struct GrantUse<'a> {
    /// The grant operation that the call is.
    operation: GrantOperation,
    /// The call's encryption context; none for operations that take none.
    encryption_context: Option<&'a BTreeMap<String, String>>,
    /// `GrantTokens`.
    tokens: &'a [String],
}

impl<'a> GrantUse<'a> {
    /// The use that a call makes of a key, with the grant tokens that it brings.
    pub(crate) fn new(operation: GrantOperation, tokens: Option<&'a [String]>) -> Self {
        Self { operation, encryption_context: None, tokens: tokens.unwrap_or_default() }
    }

    /// The call has this encryption context.
    #[must_use]
    pub(crate) fn with_context(self, encryption_context: Option<&'a BTreeMap<String, String>>) -> Self {
        Self { encryption_context, ..self }
    }
}

/// What a grant token names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TokenContent {
    /// The key's ARN.
    pub(crate) key: String,
    /// The grant's id.
    pub(crate) grant: String,
}

impl Kms {
    /// The question about a key for a call that a grant may allow.
    ///
    /// # Errors
    /// `InvalidGrantTokenException` when a token is not one of ours.
    pub(crate) fn check_with_grants(
        &self,
        cx: &Context,
        target: &KeyTarget,
        wanted: &GrantUse<'_>,
    ) -> Result<Check, ApiError> {
        self.check_tokens(wanted.tokens)?;
        let covers = |grant: &&Grant| is_grantee(grant, cx) && covers(grant, wanted);
        Ok(target.check().granted_by(target.key.grants.grants.iter().find(covers).map(reference)))
    }

    /// The question about a key on which a grant shall be made: a grantee of `CreateGrant` may pass on what it has,
    /// and nothing more.
    ///
    /// # Errors
    /// `InvalidGrantTokenException` when a token is not one of ours.
    pub(crate) fn check_create_grant(
        &self,
        cx: &Context,
        key: &KeySnapshot,
        new: &Grant,
        tokens: &[String],
    ) -> Result<Check, ApiError> {
        self.check_tokens(tokens)?;
        let passes_on = |grant: &&Grant| {
            is_grantee(grant, cx)
                && grant.operations.contains(&GrantOperation::CreateGrant)
                && new.operations.iter().all(|operation| grant.operations.contains(operation))
                && is_as_strict(&new.constraints, &grant.constraints)
        };
        Ok(key.check().granted_by(key.grants.grants.iter().find(passes_on).map(reference)))
    }

    /// A token that names a grant: sealed, and another one each time.
    ///
    /// # Errors
    /// Sealing failed.
    pub(crate) fn grant_token(&self, key: &KeySnapshot, grant: &str) -> Result<String, ApiError> {
        let content = format!("{}\n{grant}", key.arn);
        let kernel = self.kernel();
        let sealed =
            kernel.sealer().seal(kernel.rng(), TOKEN_PLACE, content.as_bytes()).map_err(error::crypto)?;
        Ok(base64_simd::STANDARD.encode_to_string(sealed))
    }

    /// What a token names.
    ///
    /// # Errors
    /// `InvalidGrantTokenException` when it is not one of ours.
    pub(crate) fn read_token(&self, token: &str) -> Result<TokenContent, ApiError> {
        let open = || {
            let sealed = base64_simd::STANDARD.decode_to_vec(token).ok()?;
            let content = self.kernel().sealer().open(TOKEN_PLACE, &sealed).ok()?;
            let (key, grant) = std::str::from_utf8(content.expose()).ok()?.split_once('\n')?;
            Some(TokenContent { key: key.to_owned(), grant: grant.to_owned() })
        };
        open().ok_or_else(|| api::invalid_grant_token_exception("The grant token is not valid."))
    }

    fn check_tokens(&self, tokens: &[String]) -> Result<(), ApiError> {
        tokens.iter().try_for_each(|token| self.read_token(token).map(|_| ()))
    }
}

/// The grant as authorization names it.
pub(crate) fn reference(grant: &Grant) -> GrantRef {
    GrantRef { id: grant.id.clone(), grantee: grant.grantee.clone() }
}

/// Whether a grant is the caller's.
pub(crate) fn is_grantee(grant: &Grant, cx: &Context) -> bool {
    is_caller(&grant.grantee, cx)
}

/// Whether a principal of a grant is the caller: an ARN, or a service's name. A grant to an account is its root
/// user's; one to a role covers its sessions, one to a user the sessions that the user made.
pub(crate) fn is_caller(principal: &str, cx: &Context) -> bool {
    let itself = *principal == *cx.caller.arn;
    match &cx.caller.principal {
        Principal::Root { .. } | Principal::User(_) | Principal::Service { .. } => itself,
        Principal::AssumedRole(session) => itself || *principal == *session.role_arn,
        Principal::FederatedUser(session) => itself || *principal == *session.issuer_arn,
        Principal::Federated(_) | Principal::Anonymous => false,
    }
}

fn covers(grant: &Grant, wanted: &GrantUse<'_>) -> bool {
    grant.operations.contains(&wanted.operation) && constraints_hold(grant, wanted)
}

fn constraints_hold(grant: &Grant, wanted: &GrantUse<'_>) -> bool {
    let constraints = &grant.constraints;
    // No service calls on behalf of a resource here yet: a grant that demands one covers nothing.
    constraints.source_arn.is_none()
        && (wanted.operation == GrantOperation::DescribeKey
            || context_holds(constraints, wanted.encryption_context))
}

fn context_holds(constraints: &GrantConstraints, context: Option<&BTreeMap<String, String>>) -> bool {
    let none = BTreeMap::new();
    let context = context.unwrap_or(&none);
    constraints.context_equals.as_ref().is_none_or(|equal| equal == context)
        && constraints.context_subset.as_ref().is_none_or(|subset| contains(context, subset))
}

fn contains(context: &BTreeMap<String, String>, subset: &BTreeMap<String, String>) -> bool {
    subset.iter().all(|(key, value)| context.get(key) == Some(value))
}

/// Whether whatever satisfies `new` satisfies `old`.
fn is_as_strict(new: &GrantConstraints, old: &GrantConstraints) -> bool {
    let equals = old.context_equals.as_ref().is_none_or(|old| new.context_equals.as_ref() == Some(old));
    let subset = old.context_subset.as_ref().is_none_or(|old| {
        let includes =
            |new: &Option<BTreeMap<String, String>>| new.as_ref().is_some_and(|new| contains(new, old));
        includes(&new.context_equals) || includes(&new.context_subset)
    });
    let source = old.source_arn.is_none() || old.source_arn == new.source_arn;
    equals && subset && source
}

/// Refuses a principal that is neither the ARN of an account's root user, a user, a role or a session, nor a
/// service's name.
///
/// # Errors
/// `InvalidArnException`.
pub(crate) fn ensure_principal(text: &str) -> Result<(), ApiError> {
    if account_of(text).is_some() || is_service(text) {
        return Ok(());
    }
    Err(api::invalid_arn_exception(format!("ARN does not refer to a valid principal: {text}")))
}

/// Refuses what is not a service's name.
///
/// # Errors
/// `ValidationException`.
pub(crate) fn ensure_service(text: &str, member: &str) -> Result<(), ApiError> {
    if is_service(text) {
        Ok(())
    } else {
        Err(errors::validation(format!("{member} is not a service principal: {text}")))
    }
}

/// The account of a principal's ARN.
pub(crate) fn account_of(principal: &str) -> Option<garrison_types::AccountId> {
    let arn: Arn = principal.parse().ok()?;
    let kinds: &[&str] = match arn.service() {
        "iam" if arn.resource() == "root" => &[""],
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => return None,
    };
    let named = |kind: &&str| arn.resource().strip_prefix(*kind).is_some_and(|name| !name.is_empty());
    if arn.region().is_empty() && kinds.iter().any(named) { arn.account().parse().ok() } else { None }
}

fn is_service(text: &str) -> bool {
    let name = text.strip_suffix(".cn").unwrap_or(text).strip_suffix(".amazonaws.com");
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    name.is_some_and(|name| !name.is_empty() && !name.starts_with('.') && name.bytes().all(allowed))
}

/// Refuses what a grant on this key cannot say.
///
/// # Errors
/// `ValidationException`.
pub(crate) fn ensure_grantable(key: &Key, grant: &Grant) -> Result<(), ApiError> {
    let (spec, usage) = (key.spec, key.usage);
    if let Some(operation) = grant.operations.iter().find(|operation| !supports(spec, usage, operation)) {
        return Err(errors::validation(format!(
            "Operation {operation} is not valid for KMS keys with KeySpec {spec} and KeyUsage {usage}"
        )));
    }
    if grant.operations.iter().all(|operation| *operation == GrantOperation::CreateGrant) {
        return Err(errors::validation("Grants must not contain only the CreateGrant operation."));
    }
    let contexts = [&grant.constraints.context_equals, &grant.constraints.context_subset];
    let contexts: Vec<_> = contexts.into_iter().flatten().collect();
    if contexts.len() > 1 {
        return Err(errors::validation(
            "A grant cannot have both an EncryptionContextEquals and an EncryptionContextSubset constraint.",
        ));
    }
    for context in contexts {
        ensure_context(spec, context)?;
    }
    ensure_source(grant)
}

fn ensure_context(spec: KeySpec, context: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if spec != KeySpec::SymmetricDefault {
        return Err(errors::validation(format!(
            "Encryption context constraints are not supported on KMS keys with KeySpec {spec}."
        )));
    }
    let characters: usize =
        context.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    if context.len() > MAX_PAIRS || characters > MAX_CONTEXT {
        return Err(errors::validation(format!(
            "An encryption context constraint has at most {MAX_PAIRS} pairs and {MAX_CONTEXT} characters."
        )));
    }
    Ok(())
}

/// A grant to a service is for one resource of it, and somebody must be able to retire it.
fn ensure_source(grant: &Grant) -> Result<(), ApiError> {
    if !grant.grantee_is_service {
        return Ok(());
    }
    if grant.constraints.source_arn.is_none() {
        return Err(errors::validation(
            "You must specify a SourceArn grant constraint with GranteeServicePrincipal.",
        ));
    }
    if grant.retiring.is_none() {
        return Err(errors::validation(
            "You must specify RetiringPrincipal or RetiringServicePrincipal with GranteeServicePrincipal.",
        ));
    }
    Ok(())
}

/// Whether a grant on such a key can allow an operation.
fn supports(spec: KeySpec, usage: KeyUsage, operation: &GrantOperation) -> bool {
    use GrantOperation as Op;
    let symmetric = spec == KeySpec::SymmetricDefault;
    match operation {
        Op::CreateGrant | Op::RetireGrant | Op::DescribeKey => true,
        Op::Encrypt | Op::Decrypt | Op::ReEncryptFrom | Op::ReEncryptTo => usage == KeyUsage::EncryptDecrypt,
        Op::GenerateDataKey
        | Op::GenerateDataKeyWithoutPlaintext
        | Op::GenerateDataKeyPair
        | Op::GenerateDataKeyPairWithoutPlaintext => symmetric,
        Op::GetPublicKey => spec.is_asymmetric(),
        Op::Sign | Op::Verify => usage == KeyUsage::SignVerify,
        Op::GenerateMac | Op::VerifyMac => usage == KeyUsage::GenerateVerifyMac,
        Op::DeriveSharedSecret => usage == KeyUsage::KeyAgreement,
        Op::Encapsulate | Op::Decapsulate => usage == KeyUsage::EncapsulateDecapsulate,
        Op::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_arns_or_services() {
        for (text, account) in [
            ("arn:aws:iam::111122223333:root", true),
            ("arn:aws:iam::111122223333:user/a/b", true),
            ("arn:aws:iam::111122223333:role/r", true),
            ("arn:aws:sts::111122223333:assumed-role/r/s", true),
            ("arn:aws:iam::111122223333:user/", false),
            ("arn:aws:iam::111122223333:group/g", false),
            ("arn:aws:iam::1:root", false),
            ("arn:aws:iam::111122223333:rootless", false),
            ("arn:aws:iam:eu-central-1:111122223333:root", false),
            ("111122223333", false),
            ("*", false),
        ] {
            assert_eq!(account_of(text).is_some(), account, "{text}");
            assert_eq!(ensure_principal(text).is_ok(), account, "{text}");
        }
        for (text, service) in [
            ("rds.amazonaws.com", true),
            ("us-east-1.rds.amazonaws.com", true),
            ("ec2.amazonaws.com.cn", true),
            (".amazonaws.com", false),
            ("amazonaws.com", false),
            ("RDS.amazonaws.com", false),
        ] {
            assert_eq!(is_service(text), service, "{text}");
        }
    }

    #[test]
    fn stricter_is_what_admits_less() {
        let pairs = |text: &str| -> BTreeMap<String, String> {
            text.chars().map(|c| (c.to_string(), c.to_string())).collect()
        };
        let equals =
            |text: &str| GrantConstraints { context_equals: Some(pairs(text)), ..Default::default() };
        let subset =
            |text: &str| GrantConstraints { context_subset: Some(pairs(text)), ..Default::default() };
        let none = GrantConstraints::default;
        for (new, old, strict) in [
            (none(), none(), true),
            (subset("a"), none(), true),
            (none(), subset("a"), false),
            (subset("a"), subset("a"), true),
            (subset("ab"), subset("a"), true),
            (subset("a"), subset("ab"), false),
            (equals("ab"), subset("a"), true),
            (equals("b"), subset("a"), false),
            (equals("a"), equals("a"), true),
            (equals("ab"), equals("a"), false),
            (subset("a"), equals("a"), false),
        ] {
            assert_eq!(is_as_strict(&new, &old), strict, "{new:?} {old:?}");
        }
    }
}
