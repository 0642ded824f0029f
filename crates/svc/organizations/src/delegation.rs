//! What a resource policy may say: it delegates the management of policies to member accounts.
//!
//! Source: Organizations User Guide, "Resource-based delegation policy examples", "Supported actions", and since June 2026 without
//! `NotAction` and `NotResource`.

use garrison_policy::{CompiledPolicy, DocumentKind, Limits, PolicyDocument, PrincipalType};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn};

use crate::error::{self, Invalid};
use crate::policies;

/// What may be delegated.
const ACTIONS: [&str; 33] = [
    "AttachPolicy",
    "CreatePolicy",
    "DeletePolicy",
    "DescribeAccount",
    "DescribeCreateAccountStatus",
    "DescribeEffectivePolicy",
    "DescribeHandshake",
    "DescribeOrganization",
    "DescribeOrganizationalUnit",
    "DescribePolicy",
    "DescribeResourcePolicy",
    "DetachPolicy",
    "DisablePolicyType",
    "EnablePolicyType",
    "ListAWSServiceAccessForOrganization",
    "ListAccounts",
    "ListAccountsForParent",
    "ListAccountsWithInvalidEffectivePolicy",
    "ListChildren",
    "ListCreateAccountStatus",
    "ListDelegatedAdministrators",
    "ListDelegatedServicesForAccount",
    "ListEffectivePolicyValidationErrors",
    "ListHandshakesForOrganization",
    "ListOrganizationalUnitsForParent",
    "ListParents",
    "ListPolicies",
    "ListPoliciesForTarget",
    "ListRoots",
    "ListTagsForResource",
    "ListTargetsForPolicy",
    "TagResource",
    "UntagResource",
];
/// And this one, which changes a policy.
const UPDATE: &str = "UpdatePolicy";

/// Refuses what cannot be a resource policy.
///
/// # Errors
/// `InvalidInputException`.
pub(crate) fn check(content: &str) -> Result<(), ApiError> {
    let invalid = |reason, message: &str| Err(error::invalid(reason, message));
    let parsed = PolicyDocument::parse(content.as_bytes(), &Limits::default())
        .and_then(|document| document.validate(DocumentKind::Resource).map(|()| document));
    let document = match parsed {
        Ok(document) if CompiledPolicy::new("", &document).poison().is_none() => document,
        _ => {
            return invalid(
                Invalid::InvalidResourcePolicyJson,
                "You specified an invalid resource policy document.",
            );
        }
    };
    for statement in &document.statements {
        let principals = statement.principal.iter().filter(|principal| !principal.negated);
        let mut entries = principals.flat_map(|principal| &principal.entries).peekable();
        if entries.peek().is_none() || !entries.all(|(kind, name)| is_principal(*kind, name)) {
            return invalid(
                Invalid::InvalidPrincipal,
                "You specified an invalid principal element in the policy.",
            );
        }
        if statement.action.negated || !statement.action.patterns.iter().all(|action| is_delegable(action)) {
            let message = "You specified an action that resource policies don't support.";
            return invalid(Invalid::UnsupportedActionInResourcePolicy, message);
        }
        let organizations =
            |resource: &String| resource == "*" || resource.starts_with("arn:aws:organizations:");
        let resources = statement.resource.as_ref();
        if !resources.is_some_and(|found| !found.negated && found.patterns.iter().all(organizations)) {
            let message = "You specified a resource that resource policies don't support.";
            return invalid(Invalid::UnsupportedResourceInResourcePolicy, message);
        }
        let types = statement.conditions.iter().filter(|condition| {
            condition.key.eq_ignore_ascii_case("organizations:PolicyType")
                && !condition.operator.contains("Like")
        });
        if !types.flat_map(|condition| &condition.values).all(|name| policies::named(name).is_some()) {
            let message = "You specified a policy type that resource policies don't support.";
            return invalid(Invalid::UnsupportedPolicyTypeInResourcePolicy, message);
        }
    }
    Ok(())
}

/// Accounts, and users and roles of accounts.
fn is_principal(kind: PrincipalType, name: &str) -> bool {
    let account = |text: &str| text.parse::<AccountId>().is_ok();
    kind == PrincipalType::Aws
        && (account(name)
            || name.parse::<Arn>().is_ok_and(|arn| arn.service() == "iam" && account(arn.account())))
}

/// Whether an action, or all that a pattern begins, may be delegated.
fn is_delegable(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    let known = |name: &str| {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        same(UPDATE) || ACTIONS.iter().any(|known| same(known))
    };
    // What is left over of a pattern's reach is refused by the operations themselves.
    let begins = |start: &str| {
        let start = start.to_ascii_lowercase();
        ["describe", "list"].iter().any(|family| start.starts_with(family))
    };
    service.eq_ignore_ascii_case("organizations")
        && (known(name) || name.strip_suffix('*').is_some_and(begins))
}
