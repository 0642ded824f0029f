//! The policy parser and evaluator: no document panics, what validation accepts is understood, what cannot be read denies, and
//! the indexed evaluation finds exactly the statements that a search through all of them finds.
//!
//! The input is a document, an action, a resource and a condition value, with zero bytes between them.
#![no_main]

use std::sync::Arc;

use garrison_policy::{
    CompiledPolicy, DocumentKind, Effect, KeyList, Limits, Outcome, PolicyDocument, PolicySet, Principal,
    Request, explain,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(4, |byte| *byte == 0);
    let document = parts.next().unwrap_or_default();
    let mut text = |default| parts.next().and_then(|part| std::str::from_utf8(part).ok()).unwrap_or(default);
    let (action, resource, value) =
        (text("kms:Decrypt"), text("arn:aws:kms:eu-west-1:111122223333:key/1"), text("x"));

    let policy = CompiledPolicy::from_stored("fuzz", document);
    match PolicyDocument::parse(document, &Limits::default()) {
        Err(error) => assert_eq!(policy.poison(), Some(&error)),
        Ok(parsed) => assert!(parsed.validate(DocumentKind::Identity).is_err() || policy.poison().is_none()),
    }
    let understood = policy.poison().is_none();

    let account = "111122223333".parse().expect("an account");
    let principal = Principal::user("arn:aws:iam::111122223333:user/ann", account, "AIDAANNANNANNANN");
    let keys = [
        ("a:k", value.into()),
        ("aws:SourceIp", "10.1.2.3".into()),
        ("aws:MultiFactorAuthPresent", true.into()),
    ];
    let request =
        Request { principal: &principal, action, resource, resource_account: None, keys: &KeyList(&keys) };
    let identity = [Arc::new(policy)];
    let trace = explain(&PolicySet { identity: &identity, ..PolicySet::default() }, &request);
    let applies = |allow| {
        trace.statements().any(|entry| entry.allow == allow && entry.outcome == Outcome::Applies)
    };
    let expected = if !understood || applies(false) {
        Effect::ExplicitDeny
    } else if applies(true) {
        Effect::Allow
    } else {
        Effect::ImplicitDeny
    };
    assert_eq!(trace.decision.effect, expected);
});
