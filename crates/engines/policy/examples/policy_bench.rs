//! Times a decision: `cargo run --release -p garrison-policy --example policy_bench`.
//!
//! The full stack of one request (identity policy of 50 statements, boundary, three SCPs, an RCP, a resource
//! policy), a KMS key policy alone, and 1,000 statements in the twenty policies of one
//! principal, the last of which allows.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use garrison_policy::{
    CompiledPolicy, KeyList, PolicyLevel, PolicySet, Principal, Request, ResourcePolicy, ResourcePolicyKind,
    Values, evaluate,
};
use garrison_types::AccountId;

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

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn time(name: &str, policies: &PolicySet<'_>, request: &Request<'_>) -> f64 {
    assert!(evaluate(policies, request).is_allowed(), "{name}");
    // Short rounds, so that some of them run without interruption on a busy machine.
    let rounds = 5_000_u32;
    let mut best = f64::INFINITY;
    for _ in 0..200 {
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(evaluate(black_box(policies), black_box(request)));
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(rounds));
    }
    let _ = writeln!(std::io::stdout(), "{name:<40} {best:8.0} ns");
    best
}

fn main() {
    let account = AccountId::from_u64(111_122_223_333).unwrap_or(AccountId::ZERO);
    let principal = Principal::assumed_role(
        "arn:aws:sts::111122223333:assumed-role/app/s1",
        account,
        "AROAAPPAPPAPPAPP:s1",
        "arn:aws:iam::111122223333:role/app",
    );
    let context: [(&str, Values<'_>); 6] = [
        ("aws:SourceIp", "10.1.2.3".into()),
        ("aws:SecureTransport", true.into()),
        ("aws:RequestedRegion", "eu-west-1".into()),
        ("kms:CallerAccount", "111122223333".into()),
        ("kms:EncryptionContext:department", "finance".into()),
        ("aws:PrincipalTag/team", "payments".into()),
    ];
    let request = Request {
        principal: &principal,
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        resource_account: Some(account),
        keys: &KeyList(&context),
    };
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    let everything = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let regions = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}]}"#;
    let key = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
        {"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}"#;
    let rcp = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
        {"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:PrincipalIsAWSService":"true"}}}]}"#;
    let boundary = compile("boundary", everything);
    let key_policy = compile("key", key);
    let fifty = [compile("fifty", &identity(50, true))];
    let thousand: Vec<_> = (0..19)
        .map(|_| compile("fifty of a thousand", &identity(50, false)))
        .chain([compile("last", &identity(50, true))])
        .collect();
    let one = [compile("everything", everything)];
    let scps: Vec<PolicyLevel> =
        [everything, regions, everything].iter().map(|text| [compile("scp", text)].into()).collect();
    let rcps: Vec<PolicyLevel> = vec![[compile("rcp", rcp), compile("full", all)].into()];
    let resource = Some(ResourcePolicy { kind: ResourcePolicyKind::Key, policy: &key_policy });
    let full = PolicySet {
        identity: &fifty,
        boundary: Some(&boundary),
        resource,
        service_control: &scps,
        resource_control: &rcps,
        ..PolicySet::default()
    };
    time(
        "key policy and one identity policy",
        &PolicySet { identity: &one, resource, ..PolicySet::default() },
        &request,
    );
    time(
        "identity policy of 50 statements",
        &PolicySet { identity: &fifty, ..PolicySet::default() },
        &request,
    );
    let fifty_full = time("full stack, 50 statements", &full, &request);
    let thousand_full =
        time("full stack, 1,000 statements", &PolicySet { identity: &thousand, ..full }, &request);
    let _ = writeln!(std::io::stdout(), "1,000 statements cost {:.1} times 50", thousand_full / fifty_full);
}
