//! A large organization beside a small one.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use crate::Result;
use crate::garrison::Garrison;
use crate::landscape::{self, Member};
use crate::report::{self, progress, verdict};
use crate::scenario::{Extent, Scenario, measure};
use crate::spread::Spread;

/// What a start may take, in milliseconds.
const START: f64 = 3000.0;
/// Up to how many times the CPU time of the small organization's request is the same speed: two runs of the same differ by
/// as much.
const SAME: f64 = 1.05;

/// Builds an organization of so many accounts; measures and reports.
pub(crate) fn report(
    binary: &Path,
    accounts: usize,
    small: &Garrison,
    of_small: &Member,
    extent: Extent,
) -> Result<String> {
    progress(&format!("building an organization of {accounts} accounts"));
    let start = now();
    let mut large = Garrison::start(binary)?;
    let members = landscape::build(&large, accounts)?;
    let built = start.elapsed().as_secs_f64();
    progress("measuring the organization");
    let idle = large.restart()?;
    let first = first_answer(&large, &members)?;
    let (records, audit) = large.disk_mib()?;
    let mut text = format!(
        "## A large organization\n\n\
         {accounts} accounts in units of a hundred; in each account {} customer managed policies of {} statements and three \
         roles: the one that the organization made, its service-linked role, and one that has all these policies and a boundary. In all \
         {} policies and {} roles, of which {accounts} are service-linked, and a key in each account; `kms.key_cache` has room for \
         all of them. Built through the interface in \
         {built:.0} s. On disk: {records:.0} MiB of records (SQLite), {audit:.0} MiB of audit log.\n\n",
        landscape::POLICIES,
        landscape::STATEMENTS,
        accounts * landscape::POLICIES,
        accounts * 3,
    );
    let ready = report::millis(&idle);
    let slowest = Spread::of(idle.ready_millis.clone()).most;
    let _ = writeln!(
        text,
        "Start, from exec to ready, after the process was killed: {ready}. The target, 3 s, is {}. Then the first Encrypt by the \
         role of an account, nothing of which was in memory: {first:.1} ms.\n",
        verdict(slowest < START)
    );
    let one = |garrison: &Garrison, member: &Member| -> Result<Vec<Vec<u8>>> {
        Ok(vec![landscape::encrypt(&garrison.server, member, &member.session)?])
    };
    let last = members.last().ok_or("no accounts")?;
    let everybody = members.iter().map(|member| landscape::encrypt(&large.server, member, &member.session));
    let scenarios = [
        Scenario::new("one role, organization of one account", &small.server, one(small, of_small)?),
        Scenario::new("one role, the large organization", &large.server, one(&large, last)?),
        Scenario::new("every account's role in turn", &large.server, everybody.collect::<Result<_>>()?),
    ];
    let [.., everybody] = &scenarios;
    everybody.visit(extent.connections)?;
    let resident = large.server.resident_mib()?;
    let extent = extent.finely();
    let measured = measure(&scenarios, extent)?;
    let [alone, same, all] = measured.as_slice() else { return Err("a scenario is missing".into()) };
    text.push_str(
        "| Encrypt 32 B by | median | user | system | least | most | × small | least | most |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for row in &measured {
        let Spread { median, least, most } = row.times(alone);
        let _ = writeln!(text, "{} {median:.2} | {least:.2} | {most:.2} |", report::row(row));
    }
    let (same, all) = (same.times(alone).median, all.times(alone).median);
    let _ = writeln!(
        text,
        "\n{} rounds of {} requests, compared within each. The target, the same speed as in a small organization, is {} for a role that \
         calls again and again: {same:.2} times (up to {SAME} counts as the same). When {accounts} roles call in turn, each with session, \
         key and policies of its own, so that nothing of the call before is of use, a call takes {all:.2} times.\n\n\
         Resident memory: {:.1} MiB once ready; {resident:.1} MiB after the role of every account has called, with everything that \
         authorization needs for them held in memory.\n",
        extent.rounds,
        extent.requests,
        verdict(same <= SAME),
        idle.resident_mib,
    );
    Ok(text)
}

/// How long the first call takes after a start, in milliseconds.
fn first_answer(garrison: &Garrison, members: &[Member]) -> Result<f64> {
    let member = members.first().ok_or("no accounts")?;
    let request = landscape::encrypt(&garrison.server, member, &member.session)?;
    let scenario = Scenario::new("first call", &garrison.server, vec![request]);
    let start = now();
    scenario.visit(1)?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn now() -> Instant {
    Instant::now()
}
