//! The samples of every stored form in `testdata/` open for ever.

use std::fmt::Debug;
use std::path::Path;

use serde::Serialize;

use super::*;

/// A stored form comes back as it went, and the sample of the first release is this record.
fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, record: &T) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(format!("{name}_v1.json"));
    let written = write(record);
    assert_eq!(read::<T>(&written).unwrap(), *record, "{name}");
    let sample = std::fs::read(&path).unwrap_or_else(|_| {
        panic!("no sample {}: {}", path.display(), String::from_utf8_lossy(&written));
    });
    assert_eq!(read::<T>(sample.trim_ascii()).unwrap(), *record, "{name}");
}

fn tags() -> Tags {
    Tags::from([("k".to_owned(), "v".to_owned())])
}

#[test]
fn samples_of_the_tree_open() {
    check(
        "organization",
        &Organization {
            id: "o-abcdefghij".to_owned(),
            management: "111122223333".to_owned(),
            root: "r-ab12".to_owned(),
            features: FeatureSet::All,
            created: 1_800_000_000_000,
            policy_types: BTreeSet::from(["TAG_POLICY".to_owned()]),
            tags: tags(),
        },
    );
    check(
        "account",
        &Account {
            id: "444455556666".to_owned(),
            name: "a".to_owned(),
            email: "a@example.com".to_owned(),
            joined: Joined::Created,
            joined_at: 1_800_000_000_001,
            closed: Some(1_800_000_000_002),
            parent: "r-ab12".to_owned(),
            tags: tags(),
        },
    );
    check(
        "standing",
        &Standing {
            organization: Some("o-abcdefghij".to_owned()),
            name: "a".to_owned(),
            email: "a@example.com".to_owned(),
            closed: true,
        },
    );
    check("email_owner", &EmailOwner { account: "444455556666".to_owned() });
    check(
        "unit",
        &OrganizationalUnit {
            id: "ou-ab12-abcdefgh".to_owned(),
            name: "u".to_owned(),
            parent: "r-ab12".to_owned(),
            tags: tags(),
        },
    );
    check(
        "creation",
        &Creation {
            id: "car-abcdefgh".to_owned(),
            name: "a".to_owned(),
            requested: 1_800_000_000_000,
            completed: 1_800_000_000_000,
            account: Some("444455556666".to_owned()),
            gov_cloud_account: Some("777788889999".to_owned()),
            failure: Some("EMAIL_ALREADY_EXISTS".to_owned()),
        },
    );
}

#[test]
fn samples_of_policies_open() {
    check(
        "policy",
        &Policy {
            id: "p-abcdefghij".to_owned(),
            kind: "TAG_POLICY".to_owned(),
            name: "p".to_owned(),
            description: "d \"quoted\"".to_owned(),
            content: "{\"tags\": {}}".to_owned(),
            updated: 1_800_000_000_000,
            tags: tags(),
        },
    );
    check("attachment", &Attachment { at: 1_800_000_000_000 });
    check("enabled", &Enabled { at: 1_800_000_000_000 });
    check(
        "resource_policy",
        &ResourcePolicy { id: "rp-abcdefgh".to_owned(), content: "{}".to_owned(), tags: tags() },
    );
}

#[test]
fn samples_of_agreements_open() {
    let participant = |account: &str, organization: &str| Participant {
        account: account.to_owned(),
        email: "a@example.com".to_owned(),
        organization: organization.to_owned(),
    };
    check(
        "handshake",
        &Handshake {
            id: "h-abcdefgh".to_owned(),
            action: Action::TransferResponsibility,
            state: HandshakeState::Open,
            organization: "o-abcdefghij".to_owned(),
            management: "111122223333".to_owned(),
            management_name: "m".to_owned(),
            management_email: "m@example.com".to_owned(),
            features: FeatureSet::ConsolidatedBilling,
            party: Party::Email("a@example.com".to_owned()),
            requested: 1_800_000_000_000,
            expires: 1_801_296_000_000,
            due: 1_801_296_000_000,
            notes: Some("n".to_owned()),
            parent: Some("h-12345678".to_owned()),
            transfer: Some("rt-abcdefgh".to_owned()),
            tags: tags(),
        },
    );
    check(
        "transfer",
        &Transfer {
            id: "rt-abcdefgh".to_owned(),
            name: "t".to_owned(),
            state: TransferState::Accepted,
            source: participant("444455556666", "o-1234567890"),
            target: participant("111122223333", "o-abcdefghij"),
            starts: 1_801_440_000_000,
            ends: Some(1_803_859_199_999),
            handshake: Some("h-abcdefgh".to_owned()),
            tags: tags(),
        },
    );
}

#[test]
fn damaged_records_are_refused() {
    for bytes in [&b""[..], b"{}", br#"{"v":"2","at":1}"#, br#"{"v":"1"}"#] {
        assert_eq!(read::<Attachment>(bytes).unwrap_err().schema.name, "InternalFailure");
    }
}
