//! Times a decision, beside a naive prototype: `cargo run --release -p garrison-policy --example policy_bench`.
//!
//! The full stack of one request (identity policy of 50 statements, boundary, three SCPs, an RCP, a resource
//! policy), a KMS key policy alone, and 1,000 statements in the twenty policies of one principal, the last of which
//! allows, searched one by one and indexed together. Then the memory that compiled policies take.

mod prototype;

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use garrison_policy::{
    CompiledPolicy, IndexedPolicies, KeyList, PolicyLevel, PolicySet, Principal, Request, ResourcePolicy,
    ResourcePolicyKind, Values, evaluate,
};
use garrison_types::AccountId;

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
const RESOURCE: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn compile(name: &str, text: &str) -> Arc<CompiledPolicy> {
    let policy = CompiledPolicy::from_stored(name, text.as_bytes());
    assert_eq!(policy.poison(), None, "{name}");
    Arc::new(policy)
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
        r#"{{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"arn:aws:kms:*:{account}:key/*","Condition":{{"StringEquals":{{"kms:EncryptionContext:department":"finance"}},"IpAddress":{{"aws:SourceIp":"10.0.0.0/8"}}}}}}]}}"#,
    );
    text
}

/// The shortest time of one run of `work`, in nanoseconds. Short rounds, so that some of them run without
/// interruption on a busy machine.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time(name: &str, mut work: impl FnMut() -> bool) -> f64 {
    assert!(work(), "{name}");
    let rounds = 1_000_u32;
    let mut best = f64::INFINITY;
    for _ in 0..400 {
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(work());
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds));
    }
    say(&format!("{name:<52} {best:8.0} ns"));
    best
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn main() {
    let account = AccountId::from_u64(111_122_223_333).unwrap_or(AccountId::ZERO);
    let principal = Principal::assumed_role(
        "arn:aws:sts::111122223333:assumed-role/app/s1",
        account,
        "AROAAPPAPPAPPAPP:s1",
        "arn:aws:iam::111122223333:role/app",
    );
    let pairs = [
        ("aws:SourceIp", "10.1.2.3"),
        ("aws:SecureTransport", "true"),
        ("aws:RequestedRegion", "eu-west-1"),
        ("kms:CallerAccount", "111122223333"),
        ("kms:EncryptionContext:department", "finance"),
        ("aws:PrincipalTag/team", "payments"),
    ];
    let context = pairs.map(|(key, value)| (key, Values::from(value)));
    let request = Request {
        principal: &principal,
        action: "kms:Decrypt",
        resource: RESOURCE,
        resource_account: Some(account),
        keys: &KeyList(&context),
    };
    let prototype = time_prototype(&pairs);
    time_engine(&request, prototype);
    measure_memory();
}

/// The prototype on the same full stack.
fn time_prototype(pairs: &[(&'static str, &'static str)]) -> f64 {
    let limits: Vec<_> = [identity(50, true).as_str(), EVERYTHING, EVERYTHING, REGIONS, EVERYTHING, RCP]
        .iter()
        .map(|text| prototype::read(text))
        .collect();
    let resource = prototype::read(KEY);
    let ask = prototype::Ask {
        action: "kms:Decrypt",
        resource: RESOURCE,
        context: pairs.iter().copied().collect(),
    };
    time("prototype, full stack, 50 statements", || {
        prototype::decide_stack(&limits, &resource, black_box(&ask))
    })
}

fn time_engine(request: &Request<'_>, prototype: f64) {
    let boundary = compile("boundary", EVERYTHING);
    let key_policy = compile("key", KEY);
    let fifty = [compile("fifty", &identity(50, true))];
    let thousand: Vec<_> = (0..19)
        .map(|_| compile("fifty of a thousand", &identity(50, false)))
        .chain([compile("last", &identity(50, true))])
        .collect();
    let indexed = IndexedPolicies::new(thousand.clone());
    let one = [compile("everything", EVERYTHING)];
    let scps: Vec<PolicyLevel> =
        [EVERYTHING, REGIONS, EVERYTHING].iter().map(|text| [compile("scp", text)].into()).collect();
    let rcps: Vec<PolicyLevel> = vec![[compile("rcp", RCP), compile("full", ALL)].into()];
    let resource = Some(ResourcePolicy { kind: ResourcePolicyKind::Key, policy: &key_policy });
    let stack = PolicySet {
        boundary: Some(&boundary),
        resource,
        service_control: &scps,
        resource_control: &rcps,
        ..PolicySet::default()
    };
    let run = |name: &str, set: PolicySet<'_>| {
        time(name, || evaluate(black_box(&set), black_box(request)).is_allowed())
    };
    run("key policy and one identity policy", PolicySet { identity: &one, resource, ..PolicySet::default() });
    run("identity policy of 50 statements", PolicySet { identity: &fifty, ..PolicySet::default() });
    let small = run("full stack, 50 statements", PolicySet { identity: &fifty, ..stack });
    let large = run("full stack, 1,000 statements, one by one", PolicySet { identity: &thousand, ..stack });
    let together =
        run("full stack, 1,000 statements, indexed together", PolicySet { indexed: Some(&indexed), ..stack });
    say(&format!("the full stack costs {:.2} of the prototype's", small / prototype));
    say(&format!(
        "1,000 statements cost {:.2} times 50 one by one, {:.2} indexed",
        large / small,
        together / small
    ));
}

/// What a compiled policy takes, of three sizes.
fn measure_memory() {
    // Nothing is freed in between, so that nothing is taken from what was freed.
    let mut kept = Vec::new();
    for (statements, count) in [(1, 20_000), (5, 10_000), (50, 1_000)] {
        let text = identity(statements, true);
        let before = resident();
        let policies: Vec<_> =
            (0..count).map(|i| compile(&format!("arn:aws:iam::111122223333:policy/p{i}"), &text)).collect();
        let bytes = (resident() - before) / policies.len();
        kept.push(policies);
        let name = format!("memory of a policy, statements: {statements}");
        say(&format!("{name:<52} {bytes:8} bytes, {} of JSON", text.len()));
    }
}

/// Resident memory in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
