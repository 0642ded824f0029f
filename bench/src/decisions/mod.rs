//! The policy engine alone, beside a naive prototype.
//!
//! The full stack of one request: an identity policy of 50 statements, a boundary, three service control policies, a
//! resource control policy, a key policy. The same with 1,000 statements in the twenty policies of one principal, the
//! last of which allows. Then the memory that compiled policies take.

mod prototype;

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use garrison_policy::{
    CompiledPolicy, IndexedPolicies, KeyList, PolicyLevel, PolicySet, Principal, Request, ResourcePolicy,
    ResourcePolicyKind, Values, evaluate,
};
use garrison_types::AccountId;

use crate::Result;
use crate::report::verdict;
use crate::spread::Spread;

const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const REGIONS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
    {"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}]}"#;
const KEY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
    {"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
const RCP: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
    {"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:PrincipalIsAWSService":"true"}}}]}"#;
const ACTION: &str = "kms:Decrypt";
const RESOURCE: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const CONTEXT: [(&str, &str); 5] = [
    ("aws:SecureTransport", "true"),
    ("aws:RequestedRegion", "eu-west-1"),
    ("kms:CallerAccount", "111122223333"),
    ("kms:EncryptionContext:department", "finance"),
    ("aws:PrincipalTag/team", "payments"),
];

/// The clock that the targets are for, in GHz, and the nanoseconds that the full stack may take on it.
const TARGET_CLOCK: f64 = 2.1;
const TARGET: f64 = 1200.0;
/// How many times the full stack's time 1,000 statements may take.
const TARGET_THOUSAND: f64 = 2.0;

const PROTOTYPE: &str = "naive prototype, full stack, 50 statements";
const STACK: &str = "full stack, 50 statements";
const THOUSAND: &str = "full stack, 1,000 statements in 20 policies";

/// Rounds of each workload, in turn, and decisions of a round. Rounds are short, so that some of them run without
/// interruption on a busy machine.
const ROUNDS: usize = 300;
const DECISIONS: u32 = 500;

/// Something that decides, over and over.
struct Workload<'a> {
    name: &'static str,
    decide: Box<dyn Fn() -> bool + 'a>,
}

/// Measures and reports.
pub(crate) fn report() -> Result<String> {
    let account = AccountId::from_u64(111_122_223_333).unwrap_or(AccountId::ZERO);
    let principal = Principal::assumed_role(
        "arn:aws:sts::111122223333:assumed-role/app/s1",
        account,
        "AROAAPPAPPAPPAPP:s1",
        "arn:aws:iam::111122223333:role/app",
    );
    let context = CONTEXT.map(|(key, value)| (key, Values::from(value)));
    let request = Request {
        principal: &principal,
        action: ACTION,
        resource: RESOURCE,
        resource_account: Some(account),
        keys: &KeyList(&context),
    };
    let policies = Policies::new()?;
    let mut workloads = vec![prototype()?];
    workloads.extend(policies.sets().map(|(name, set)| Workload {
        name,
        decide: Box::new(move || evaluate(black_box(&set), black_box(&request)).is_allowed()),
    }));
    let times = time(&workloads)?;
    let clock = measured_clock();
    let mut text = format!(
        "## A decision\n\n\
         The policy engine alone, on one thread: nanoseconds of one decision, {ROUNDS} rounds of {DECISIONS} decisions in turn. A \
         busy machine interrupts some rounds: the least is what a decision takes. The core ran at {clock:.2} GHz (measured: a \
         chain of multiplications; the kernel says {}). The prototype is what one writes in an afternoon: it \
         parses the same policies and knows just what they contain, three kinds of conditions with a linear matcher of wildcards, \
         and answers without a reason. The engine holds a principal's policies as authorization does, indexed together.\n\n\
         | Decision | least | median | × prototype | × full stack |\n\
         |---|---:|---:|---:|---:|\n",
        said_clock()?
    );
    let least = |name: &str| {
        let found = workloads.iter().zip(&times).find(|(workload, _)| workload.name == name);
        found.map_or(f64::NAN, |(_, time)| time.least)
    };
    let (prototype, stack, thousand) = (least(PROTOTYPE), least(STACK), least(THOUSAND));
    for (Workload { name, .. }, Spread { least, median, .. }) in workloads.iter().zip(&times) {
        // Writing into a String does not fail, here and below.
        let _ = writeln!(
            text,
            "| {name} | {least:.0} | {median:.0} | {:.2} | {:.2} |",
            least / prototype,
            least / stack
        );
    }
    let scaled = stack * clock / TARGET_CLOCK;
    let _ = writeln!(
        text,
        "\nThe target, about {TARGET:.0} ns for the full stack on a core of {TARGET_CLOCK} GHz, is {}: {stack:.0} ns here, {scaled:.0} ns if \
         time goes with the clock. The target, 1,000 statements within {TARGET_THOUSAND} times that, is {}: {:.2}.\n",
        verdict(scaled <= TARGET),
        verdict(thousand <= stack * TARGET_THOUSAND),
        thousand / stack
    );
    write_memory(&mut text)?;
    Ok(text)
}

fn compile(name: &str, text: &str) -> Result<Arc<CompiledPolicy>> {
    let policy = CompiledPolicy::from_stored(name, text.as_bytes());
    if let Some(error) = policy.poison() {
        return Err(format!("{name}: {error}").into());
    }
    Ok(Arc::new(policy))
}

/// `count` statements on buckets and keys, each with a condition; the last one allows the request when `allows`.
fn identity(count: usize, allows: bool) -> String {
    let mut text = r#"{"Version":"2012-10-17","Statement":["#.to_owned();
    let actions = ["s3:GetObject", "kms:Decrypt", "kms:Describe*", "dynamodb:*", "kms:Encrypt"];
    for (i, action) in (0..count.saturating_sub(1)).zip(actions.iter().cycle()) {
        let _ = write!(
            text,
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:kms:eu-west-1:111122223333:key/k{i}-*","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"team-{i}"}}}}}},"#
        );
    }
    let account = if allows { "111122223333" } else { "444455556666" };
    let _ = write!(
        text,
        r#"{{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:*:{account}:key/*","Condition":{{"StringEquals":{{"kms:EncryptionContext:department":"finance"}},"Bool":{{"aws:SecureTransport":"true"}}}}}}]}}"#,
    );
    text
}

/// The policies of every workload, compiled.
struct Policies {
    boundary: Arc<CompiledPolicy>,
    key: Arc<CompiledPolicy>,
    one: IndexedPolicies,
    fifty: IndexedPolicies,
    thousand: IndexedPolicies,
    one_by_one: Vec<Arc<CompiledPolicy>>,
    service_control: Vec<PolicyLevel>,
    resource_control: Vec<PolicyLevel>,
}

impl Policies {
    fn new() -> Result<Self> {
        let mut thousand = Vec::new();
        for number in 0..20 {
            thousand.push(compile("fifty of a thousand", &identity(50, number == 19))?);
        }
        let level = |text: &str| -> Result<PolicyLevel> { Ok([compile("scp", text)?].into()) };
        Ok(Self {
            boundary: compile("boundary", EVERYTHING)?,
            key: compile("key", KEY)?,
            one: IndexedPolicies::new([compile("everything", EVERYTHING)?]),
            fifty: IndexedPolicies::new([compile("fifty", &identity(50, true))?]),
            thousand: IndexedPolicies::new(thousand.clone()),
            one_by_one: thousand,
            service_control: vec![level(EVERYTHING)?, level(REGIONS)?, level(EVERYTHING)?],
            resource_control: vec![[compile("rcp", RCP)?, compile("full", ALL)?].into()],
        })
    }

    fn sets(&self) -> impl Iterator<Item = (&'static str, PolicySet<'_>)> {
        let resource = Some(ResourcePolicy { kind: ResourcePolicyKind::Key, policy: &self.key });
        let stack = PolicySet {
            boundary: Some(&self.boundary),
            resource,
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            ..PolicySet::default()
        };
        [
            (STACK, PolicySet { indexed: Some(&self.fifty), ..stack }),
            (THOUSAND, PolicySet { indexed: Some(&self.thousand), ..stack }),
            (
                "full stack, the same 1,000 statements policy by policy",
                PolicySet { identity: &self.one_by_one, ..stack },
            ),
            (
                "identity policy of 50 statements alone",
                PolicySet { indexed: Some(&self.fifty), ..PolicySet::default() },
            ),
            (
                "key policy and one identity policy",
                PolicySet { indexed: Some(&self.one), resource, ..PolicySet::default() },
            ),
        ]
        .into_iter()
    }
}

/// The prototype on the same full stack.
fn prototype() -> Result<Workload<'static>> {
    let read = |text: &str| prototype::read(text).ok_or_else(|| format!("beyond the prototype: {text}"));
    let limits = [identity(50, true).as_str(), EVERYTHING, EVERYTHING, REGIONS, EVERYTHING, RCP]
        .into_iter()
        .map(read)
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let resource = read(KEY)?;
    let ask =
        prototype::Ask { action: ACTION, resource: RESOURCE, context: CONTEXT.iter().copied().collect() };
    let decide = move || prototype::decide_stack(black_box(&limits), &resource, black_box(&ask));
    Ok(Workload { name: PROTOTYPE, decide: Box::new(decide) })
}

/// The time of one decision of each workload, in nanoseconds.
#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn time(workloads: &[Workload<'_>]) -> Result<Vec<Spread>> {
    let mut samples: Vec<Vec<f64>> = workloads.iter().map(|_| Vec::with_capacity(ROUNDS)).collect();
    for _ in 0..ROUNDS {
        for (Workload { name, decide }, samples) in workloads.iter().zip(&mut samples) {
            let start = Instant::now();
            let allowed = (0..DECISIONS).all(|_| black_box(decide()));
            samples.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(DECISIONS));
            if !allowed {
                return Err(format!("{name}: denied").into());
            }
        }
    }
    Ok(samples.into_iter().map(Spread::of).collect())
}

/// The clock of the core in GHz. A multiplication takes three cycles on every processor of the last decade that Garrison
/// runs on, an exclusive or takes one, and each waits for the one before.
#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn measured_clock() -> f64 {
    const STEPS: u32 = 100_000;
    let best = (0..200).map(|_| {
        let mut value: u64 = black_box(3);
        let start = Instant::now();
        for _ in 0..STEPS {
            value = value.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x55;
        }
        black_box(value);
        start.elapsed().as_secs_f64() * 1e9
    });
    f64::from(4 * STEPS) / best.fold(f64::INFINITY, f64::min)
}

/// The clock of the core as the kernel says it.
fn said_clock() -> Result<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo")?;
    let line = info.lines().find_map(|line| line.strip_prefix("cpu MHz")?.split_once(": "));
    Ok(line.map_or_else(|| "nothing".to_owned(), |(_, mhz)| format!("{mhz} MHz")))
}

/// What a compiled policy takes, of three sizes.
fn write_memory(text: &mut String) -> Result<()> {
    text.push_str("| A compiled policy | bytes of JSON | bytes in memory |\n|---|---:|---:|\n");
    // Nothing is freed in between, so that nothing is taken from what was freed.
    let mut kept = Vec::new();
    for (statements, count) in [(1, 20_000), (5, 10_000), (50, 1_000)] {
        let policy = identity(statements, true);
        let before = resident()?;
        let policies = (0..count)
            .map(|number| compile(&format!("arn:aws:iam::111122223333:policy/p{number}"), &policy))
            .collect::<Result<Vec<_>>>()?;
        let bytes = resident()?.saturating_sub(before) / policies.len();
        kept.push(policies);
        let _ = writeln!(text, "| {statements} statements | {} | {bytes} |", policy.len());
    }
    text.push('\n');
    Ok(())
}

/// Resident memory of this process in bytes.
fn resident() -> Result<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: usize = statm.split(' ').nth(1).ok_or("no resident pages")?.parse()?;
    Ok(pages * rustix::param::page_size())
}
