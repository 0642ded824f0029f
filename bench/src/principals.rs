//! What authorization costs a request: the same Encrypt by principals with and without policies.

use std::fmt::Write as _;

use serde_json::json;

use crate::Result;
use crate::api::member;
use crate::client::{KMS, signed};
use crate::garrison::Garrison;
use crate::landscape::{self, Member};
use crate::report::{self, verdict};
use crate::requests::encrypt_input;
use crate::scenario::{Extent, Scenario, measure};

/// How much more a request may cost by whom every kind of policy binds, in percent.
const TARGET: f64 = 15.0;

/// Measures and reports: `plain` has no organization and nobody but its root user, `small` an organization.
pub(crate) fn report(plain: &Garrison, small: &Garrison, account: &Member, extent: Extent) -> Result<String> {
    let key = plain.api()?.json(&plain.root, KMS, "CreateKey", &json!({}))?;
    let input = encrypt_input(&member(&key, "/KeyMetadata/KeyId")?, 32).to_string();
    let root = signed(plain.server.address, &plain.root, KMS, "Encrypt", &input)?;
    let user = landscape::add_user(small, account)?;
    let user = landscape::encrypt(&small.server, account, &user)?;
    let session = landscape::encrypt(&small.server, account, &account.session)?;
    let scenarios = [
        Scenario::new("root user, no organization", &plain.server, vec![root]),
        Scenario::new("user in an organization", &small.server, vec![user]),
        Scenario::new("session of a role in an organization", &small.server, vec![session]),
    ];
    let extent = extent.finely();
    let measured = measure(&scenarios, extent)?;
    let [root, user, session] = measured.as_slice() else { return Err("a scenario is missing".into()) };
    let mut text = format!(
        "## What authorization costs a request\n\n\
         CPU time as above, {} rounds of {} requests. The user and the role have {} managed policies with {} statements in \
         all, the last of which allows; a permissions boundary; tags that the policies look at; their account is in an \
         organization, with service control policies on three levels (root, unit, account), two resource control policies and \
         a key policy that leaves the decision to them. The comparison is made within each round, where the same load is on all.\n\n\
         | Encrypt 32 B by | median | user | system | least | most | growth | least | most |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        extent.rounds,
        extent.requests,
        landscape::POLICIES,
        landscape::POLICIES * landscape::STATEMENTS,
    );
    let percent = |times: f64| (times - 1.0) * 100.0;
    for row in &measured {
        let times = row.times(root);
        let (median, least, most) = (percent(times.median), percent(times.least), percent(times.most));
        let _ = writeln!(text, "{} {median:+.1} % | {least:+.1} % | {most:+.1} % |", report::row(row));
    }
    let grown = [user, session].map(|row| percent(row.times(root).median));
    let met = grown.iter().all(|grown| *grown < TARGET);
    let _ = writeln!(text, "\nThe target, less than {TARGET} % growth, is {}.\n", verdict(met));
    Ok(text)
}
