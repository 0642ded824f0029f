//! The phases of a call: what is recorded, what is tried again, and what happens when something breaks.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this crate is tests: a failed expectation must panic"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use garrison_api_kms::{SERVICE, operations, types};
use garrison_clock::ManualClock;
use garrison_crypto::seal::DomainKey;
use garrison_crypto::testing::SeededRng;
use garrison_kernel::identity::{NoOrganizations, RootOnly};
use garrison_kernel::{
    Access, AuditResource, Caller, Check, Context, Handler, Kernel, Parts, Principal, Reply, Resolved,
    ServiceEvent, ServiceType, Settings, Source, dispatch,
};
use garrison_policy::CompiledPolicy;
use garrison_schema::{ApiError, ServiceSchema, Unit};
use garrison_store::{
    AuditAppend, AuditLog, AuditPage, AuditQuery, AuditRecord, AuditReservation, AuditUnavailable,
    CommitError, Entry, Health, Key, KeyRange, Observer, OutboxEvent, Revision, Store, StoreError, WriteSet,
};
use garrison_types::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};

const OWNER: &str = "111122223333";
const STRANGER: &str = "444455556666";
const ARN: &str = "arn:aws:kms:eu-central-1:111122223333:key/k";

/// A store that keeps nothing, and an audit log that keeps everything.
#[derive(Default)]
struct Fake {
    log: Arc<Mutex<Vec<AuditRecord>>>,
    full: AtomicBool,
    /// How many commits still lose their race.
    conflicts: AtomicUsize,
    commits: AtomicUsize,
}

impl Fake {
    fn records(&self) -> Vec<Value> {
        self.log.lock().iter().map(|record| serde_json::from_slice(&record.json).unwrap()).collect()
    }
}

#[async_trait]
impl Store for Fake {
    async fn get(&self, _key: &Key) -> Result<Option<Entry>, StoreError> {
        Ok(None)
    }

    async fn scan(&self, _range: &KeyRange, _limit: usize) -> Result<(Vec<Entry>, Revision), StoreError> {
        Ok((Vec::new(), Revision(0)))
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        Ok(Revision(0))
    }

    async fn commit(&self, writes: WriteSet) -> Result<Revision, CommitError> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        let lost =
            self.conflicts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if lost.is_ok() {
            return Err(CommitError::Conflict);
        }
        self.log.lock().extend(writes.audit);
        Ok(Revision(1))
    }

    fn observe(&self, _observer: Arc<dyn Observer>) {}

    async fn outbox(&self, _after: u64, _limit: usize) -> Result<Vec<(u64, OutboxEvent)>, StoreError> {
        Ok(Vec::new())
    }

    async fn trim_outbox(&self, _up_to: u64) -> Result<(), StoreError> {
        Ok(())
    }

    async fn backup(&self, _folder: &Path) -> Result<(), StoreError> {
        Ok(())
    }

    async fn reset(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn health(&self) -> Health {
        Health::Ok
    }
}

struct Room(Arc<Mutex<Vec<AuditRecord>>>);

impl AuditReservation for Room {
    fn append(self: Box<Self>, record: AuditRecord) -> AuditAppend {
        self.0.lock().push(record);
        Box::pin(async { Ok(()) })
    }
}

#[async_trait]
impl AuditLog for Fake {
    fn reserve(&self, _bytes: usize) -> Result<Box<dyn AuditReservation>, AuditUnavailable> {
        if self.full.load(Ordering::SeqCst) {
            return Err(AuditUnavailable("no room".to_owned()));
        }
        Ok(Box::new(Room(Arc::clone(&self.log))))
    }

    async fn lookup(&self, _query: &AuditQuery) -> Result<AuditPage, StoreError> {
        Ok(AuditPage { records: Vec::new(), next: None })
    }

    async fn flush(&self) -> Result<(), AuditUnavailable> {
        Ok(())
    }

    fn health(&self) -> Health {
        Health::Ok
    }
}

/// A service with one key, in [`OWNER`]'s account, under a policy.
struct Service {
    kernel: Arc<Kernel>,
    policy: Arc<CompiledPolicy>,
    executed: AtomicUsize,
}

impl ServiceType for Service {
    const SCHEMA: &'static ServiceSchema = &SERVICE;
}

fn resolved(service: &Service) -> Resolved<()> {
    let account = OWNER.parse().unwrap();
    let check = Check::resource(ARN, account).key_policy(Arc::clone(&service.policy));
    Resolved::new((), check).with_resource(AuditResource { kind: "AWS::KMS::Key", arn: ARN.into(), account })
}

/// Changes the key, and has something of its own to tell.
impl Handler<Service> for operations::DisableKey {
    const ACCESS: Access = Access::write("kms:DisableKey");
    type Target = ();

    async fn resolve(service: &Service, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(resolved(service))
    }

    async fn execute(
        service: &Service,
        cx: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<Unit>, ApiError> {
        service.executed.fetch_add(1, Ordering::SeqCst);
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["k"]), Vec::new());
        let event = ServiceEvent {
            event_source: SERVICE.event_source,
            event_name: "RotateKey",
            resources: resolved(service).resources,
            details: None,
        };
        writes.audit.extend(event.record(&service.kernel, &cx.region));
        Ok(Reply {
            response_elements: Some(json!({ "keyId": ARN }).to_string()),
            ..Reply::with_writes(Unit, writes)
        })
    }
}

/// Uses the key.
impl Handler<Service> for operations::GenerateRandom {
    const ACCESS: Access = Access::key_use("kms:GenerateRandom");
    type Target = ();

    async fn resolve(service: &Service, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(resolved(service))
    }

    async fn execute(
        service: &Service,
        _: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        service.executed.fetch_add(1, Ordering::SeqCst);
        Ok(Reply::new(types::GenerateRandomResponse::default()))
    }
}

/// Panics.
impl Handler<Service> for operations::EnableKey {
    const ACCESS: Access = Access::write("kms:EnableKey");
    type Target = ();

    async fn resolve(service: &Service, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(resolved(service))
    }

    async fn execute(_: &Service, _: &Context, _: &Self::Input, (): &()) -> Result<Reply<Unit>, ApiError> {
        panic!("a secret reason")
    }
}

struct World {
    fake: Arc<Fake>,
    service: Service,
}

impl World {
    /// A world whose key lets these accounts do everything.
    fn allowing(accounts: &[&str]) -> Self {
        let fake = Arc::new(Fake::default());
        let rng = Arc::new(SeededRng::new(1));
        let kernel = Kernel::new(Parts {
            store: Arc::clone(&fake) as _,
            audit: Arc::clone(&fake) as _,
            clock: Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000))),
            sealer: Arc::new(DomainKey::generate(&*rng).unwrap().into_sealer()),
            rng,
            identities: Arc::new(RootOnly::default()),
            organizations: Arc::new(NoOrganizations::default()),
            settings: Settings {
                development: false,
                default_region: "eu-central-1".parse().unwrap(),
                kms_max_direct_plaintext: 4096,
                kms_key_cache: 10,
                kms_attestation_roots: Vec::new(),
                request_quotas: BTreeMap::new(),
            },
        });
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": accounts }, "Action": "kms:*", "Resource": "*" },
        ]});
        let policy = Arc::new(CompiledPolicy::from_stored("default", policy.to_string().as_bytes()));
        Self { fake, service: Service { kernel, policy, executed: AtomicUsize::new(0) } }
    }

    fn root(&self, account: &str) -> Context {
        let kernel = &self.service.kernel;
        let region: garrison_types::Region = "eu-central-1".parse().unwrap();
        let principal = Principal::Root { account: account.parse().unwrap(), partition: region.partition() };
        Context {
            request_id: kernel.new_id(),
            event_id: kernel.new_id(),
            time: kernel.clock().now(),
            region,
            caller: Caller::new(principal, None),
            source: Source::default(),
            via: None,
        }
    }

    async fn call<O: Handler<Service>>(
        &self,
        account: &str,
        _operation: O,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        dispatch::run::<Service, O>(&self.service.kernel, &self.service, &self.root(account), &input).await
    }

    async fn disable(&self, account: &str) -> Result<Unit, ApiError> {
        let input = types::DisableKeyRequest { key_id: ARN.to_owned() };
        self.call(account, operations::DisableKey, input).await
    }

    fn executed(&self) -> usize {
        self.service.executed.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_change_is_committed_with_its_records() {
    let world = World::allowing(&[OWNER]);
    world.disable(OWNER).await.unwrap();
    let records = world.fake.records();
    let names: Vec<&str> = records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["RotateKey", "DisableKey"], "the handler's own record, then the call's");
    assert_eq!(records[1]["responseElements"], json!({ "keyId": ARN }));
    assert_eq!(records[1].get("errorCode"), None);
}

#[tokio::test]
async fn a_denial_is_recorded_and_nothing_is_done() {
    let world = World::allowing(&[STRANGER]);
    let error = world.disable(OWNER).await.unwrap_err();
    assert_eq!(error.schema.name, "AccessDeniedException");
    let records = world.fake.records();
    assert_eq!(records.len(), 1);
    assert_eq!(
        (&records[0]["eventName"], &records[0]["errorCode"]),
        (&json!("DisableKey"), &json!("AccessDenied"))
    );
    assert_eq!(records[0]["resources"][0]["ARN"], ARN);
    assert_eq!((world.executed(), world.fake.commits.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test]
async fn a_denied_stranger_learns_nothing_and_the_owner_gets_no_record() {
    let world = World::allowing(&[OWNER]);
    let error = world.disable(STRANGER).await.unwrap_err();
    assert!(
        error.message.contains("because the resource does not exist in this Region"),
        "{}",
        error.message
    );
    let records = world.fake.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["recipientAccountId"], STRANGER);
    assert_eq!(records[0].get("resources"), None);
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_not_for_ever() {
    let world = World::allowing(&[OWNER]);
    world.fake.conflicts.store(3, Ordering::SeqCst);
    world.disable(OWNER).await.unwrap();
    assert_eq!((world.executed(), world.fake.records().len()), (4, 2));

    let world = World::allowing(&[OWNER]);
    world.fake.conflicts.store(usize::MAX, Ordering::SeqCst);
    assert_eq!(world.disable(OWNER).await.unwrap_err().schema.name, "ServiceUnavailableException");
    let records = world.fake.records();
    assert_eq!((world.executed(), records.len()), (16, 1));
    assert_eq!(records[0]["errorCode"], "ServiceUnavailableException");
}

#[tokio::test]
async fn a_panic_is_that_call_s_failure_and_is_recorded() {
    let world = World::allowing(&[OWNER]);
    let input = types::EnableKeyRequest { key_id: ARN.to_owned() };
    let error = world.call(OWNER, operations::EnableKey, input).await.unwrap_err();
    assert_eq!(error.schema.name, "InternalFailure");
    assert!(!error.message.contains("secret"), "{}", error.message);
    let records = world.fake.records();
    assert_eq!((records.len(), &records[0]["errorCode"]), (1, &json!("InternalFailure")));
    assert!(!records[0].to_string().contains("secret"));
    world.disable(OWNER).await.unwrap();
}

#[tokio::test]
async fn without_an_audit_log_nothing_is_served() {
    let world = World::allowing(&[OWNER]);
    world.fake.full.store(true, Ordering::SeqCst);
    for result in [
        world.disable(OWNER).await.map(|_| ()),
        world
            .call(OWNER, operations::GenerateRandom, types::GenerateRandomRequest::default())
            .await
            .map(|_| ()),
        // Not even a denial.
        world.disable(STRANGER).await.map(|_| ()),
    ] {
        assert_eq!(result.unwrap_err().schema.name, "ServiceUnavailableException");
    }
    assert_eq!((world.executed(), world.fake.records().len()), (0, 0));
}

#[tokio::test]
async fn a_call_across_accounts_has_a_record_in_each() {
    let world = World::allowing(&[OWNER, STRANGER]);
    let input = types::GenerateRandomRequest::default;
    // An account's root user needs no other policy than the key's, which names its account.
    world.call(STRANGER, operations::GenerateRandom, input()).await.unwrap();
    let records = world.fake.records();
    let accounts: Vec<&Value> = records.iter().map(|record| &record["recipientAccountId"]).collect();
    assert_eq!(accounts, [STRANGER, OWNER]);
    assert!(records[0]["sharedEventID"].is_string());
    assert_eq!(records[0]["sharedEventID"], records[1]["sharedEventID"]);
    assert_ne!(records[0]["eventID"], records[1]["eventID"]);
    assert_eq!(records[0]["requestID"], records[1]["requestID"]);

    world.call(OWNER, operations::GenerateRandom, input()).await.unwrap();
    let records = world.fake.records();
    assert_eq!((records.len(), records[2].get("sharedEventID")), (3, None));
}
