//! Effective policies of accounts, and what is wrong with them.
//!
//! Source: Organizations User Guide, "Viewing effective management policies", "About invalid effective policy alerts", "Backup
//! policy syntax and examples", "AI services opt-out policy syntax and examples".

use std::collections::HashMap;

use garrison_api_organizations::types;
use garrison_schema::ApiError;
use serde_json::{Map, Value};

use crate::grammar;
use crate::inherit;
use crate::policies::{Grammar, PolicyKind};
use crate::records::{Account, Organization, Policy};
use crate::repo::Repo;

/// The most rules of a backup plan.
const MAX_BACKUP_RULES: usize = 10;

/// What the policies of one type come to for an account.
pub(crate) struct Effective {
    pub content: Value,
    /// When anything that it is made of changed last.
    pub updated: i64,
    policies: Vec<Policy>,
}

impl Repo {
    /// The effective policy of an account; none when no policy of the type reaches it or nothing is left of them.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn effective(
        &self,
        org: &Organization,
        account: &Account,
        kind: &PolicyKind,
    ) -> Result<Option<Effective>, ApiError> {
        let Grammar::Management(_) = kind.grammar else { return Ok(None) };
        let mut path = self.lineage(&org.id, &account.parent).await?;
        path.push(account.id.clone());
        let (mut levels, mut policies, mut updated) = (Vec::new(), Vec::new(), 0);
        for target in &path {
            let mut attached = self.attached(&org.id, target, kind.name).await?;
            attached.sort_by_key(|(_, attachment)| attachment.at);
            let mut level = Vec::new();
            for (id, attachment) in attached {
                let Some(policy) = self.policy(&org.id, &id).await? else { continue };
                // Stored policies were read when they were stored.
                level.extend(grammar::read(&policy.content, None));
                updated = updated.max(policy.updated).max(attachment.at);
                policies.push(policy);
            }
            levels.push(level);
        }
        Ok(inherit::merge(&levels).map(|content| Effective { content, updated, policies }))
    }

    /// The accounts whose effective policy of a type is not valid.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn invalid_accounts(
        &self,
        org: &Organization,
        kind: &PolicyKind,
    ) -> Result<Vec<Account>, ApiError> {
        let mut verdicts: HashMap<String, bool> = HashMap::new();
        let mut invalid = Vec::new();
        for account in self.accounts(&org.id).await? {
            // Accounts side by side without policies of their own share what they inherit.
            let inherits = self.attached(&org.id, &account.id, kind.name).await?.is_empty();
            let known = verdicts.get(&account.parent).copied().filter(|_| inherits);
            let is_invalid = match known {
                Some(verdict) => verdict,
                None => {
                    let effective = self.effective(org, &account, kind).await?;
                    effective.is_some_and(|effective| !effective.errors(kind).is_empty())
                }
            };
            if inherits {
                verdicts.insert(account.parent.clone(), is_invalid);
            }
            if is_invalid {
                invalid.push(account);
            }
        }
        Ok(invalid)
    }
}

/// Something that is wrong at a place.
struct Fault {
    code: &'static str,
    message: String,
    path: Vec<String>,
}

impl Effective {
    /// What is wrong with it: policies are checked one by one when they are stored, but only together can they lack
    /// something or have too much.
    pub(crate) fn errors(&self, kind: &PolicyKind) -> Vec<types::EffectivePolicyValidationError> {
        let mut faults = Vec::new();
        match kind.name {
            "BACKUP_POLICY" => self.each("plans", |name, plan| backup_plan(name, plan, &mut faults)),
            "AISERVICES_OPT_OUT_POLICY" => self.each("services", |name, service| {
                let choice = service.get("opt_out_policy");
                if !choice.is_some_and(|choice| choice == "optIn" || choice == "optOut") {
                    faults.push(fault(
                        "ELEMENT_INVALID",
                        "The value is optIn or optOut.",
                        &["services", name, "opt_out_policy"],
                    ));
                }
            }),
            _ => {}
        }
        let error = |fault: Fault| types::EffectivePolicyValidationError {
            error_code: Some(fault.code.to_owned()),
            error_message: Some(fault.message),
            contributing_policies: Some(self.contributors(&fault.path)),
            path_to_error: Some(fault.path.join("/")),
        };
        faults.into_iter().map(error).collect()
    }

    /// The policies that say something at the first two steps of a path.
    fn contributors(&self, path: &[String]) -> Vec<String> {
        let says = |policy: &&Policy| {
            let content: Option<Value> = serde_json::from_str(&policy.content).ok();
            let found = path.iter().take(2).try_fold(content.as_ref(), |at, name| {
                at?.as_object()?
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(name))
                    .map(|(_, value)| Some(value))
            });
            found.is_some()
        };
        self.policies.iter().filter(says).map(|policy| policy.id.clone()).collect()
    }

    fn each(&self, member: &str, mut look: impl FnMut(&str, &Map<String, Value>)) {
        let members = self.content.get(member).and_then(Value::as_object);
        for (name, value) in members.into_iter().flatten() {
            look(name, value.as_object().unwrap_or(&Map::new()));
        }
    }
}

fn fault(code: &'static str, message: &str, path: &[&str]) -> Fault {
    let path = path.iter().map(|name| (*name).to_owned()).collect();
    Fault { code, message: message.to_owned(), path }
}

/// A plan needs Regions, rules and selections, and each rule a vault.
fn backup_plan(name: &str, plan: &Map<String, Value>, faults: &mut Vec<Fault>) {
    for element in ["regions", "rules", "selections"] {
        if !plan.contains_key(element) {
            let message = format!("The backup plan has no {element}.");
            faults.push(fault("ELEMENT_MISSING", &message, &["plans", name, element]));
        }
    }
    let Some(rules) = plan.get("rules").and_then(Value::as_object) else { return };
    if rules.len() > MAX_BACKUP_RULES {
        let message = format!("A backup plan has at most {MAX_BACKUP_RULES} rules.");
        faults.push(fault("ELEMENTS_TOO_MANY", &message, &["plans", name, "rules"]));
    }
    for (rule, elements) in rules {
        if elements.get("target_backup_vault_name").is_none() {
            let path = ["plans", name, "rules", rule, "target_backup_vault_name"];
            faults.push(fault("ELEMENT_MISSING", "The rule has no backup vault.", &path));
        }
    }
}
