//! A world with KMS in it, and callers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use garrison_api_kms::{operations as api, types};
use garrison_clock::{Clock, ManualClock};
use garrison_crypto::seal::DomainKey;
use garrison_crypto::testing::SeededRng;
use garrison_kernel::{
    Caller, Context, Handler, Kernel, Parts, Principal, Service, Settings, Source, Via, dispatch,
    identity::{NoOrganizations, RootOnly},
};
use garrison_schema::ApiError;
use garrison_svc_kms::{Kms, KmsService};
use garrison_types::{Region, Timestamp};

use crate::memory::Memory;

/// An account that owns keys in most tests.
pub(crate) const ACCOUNT: &str = "111122223333";
/// Another one.
pub(crate) const STRANGER: &str = "444455556666";
/// The region of most tests.
pub(crate) const REGION: &str = "eu-central-1";
/// 2027-01-15T08:00:00Z.
pub(crate) const START: i64 = 1_800_000_000;

/// KMS and what it stands on.
pub(crate) struct World {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) kms: Arc<Kms>,
    pub(crate) store: Arc<Memory>,
    pub(crate) clock: Arc<ManualClock>,
    service: KmsService,
}

impl World {
    /// An empty world.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// An empty world with other settings than the defaults.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let store = Arc::new(Memory::default());
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(START)));
        let rng = Arc::new(SeededRng::new(1));
        let mut settings = Settings {
            development: false,
            default_region: REGION.parse().unwrap(),
            kms_max_direct_plaintext: 4096,
            kms_key_cache: 1000,
            kms_attestation_roots: Vec::new(),
            request_quotas: BTreeMap::new(),
        };
        change(&mut settings);
        let kernel = Kernel::new(Parts {
            store: Arc::clone(&store) as _,
            audit: Arc::clone(&store) as _,
            clock: Arc::clone(&clock) as _,
            sealer: Arc::new(DomainKey::generate(&*rng).unwrap().into_sealer()),
            rng,
            identities: Arc::new(RootOnly::default()),
            organizations: Arc::new(NoOrganizations::default()),
            settings,
        });
        let kms = Kms::new(Arc::clone(&kernel));
        let service = KmsService::new(Arc::clone(&kms));
        Self { kernel, kms, store, clock, service }
    }

    /// A call's context: the root user of an account, in a region.
    pub(crate) fn root_in(&self, account: &str, region: &str) -> Context {
        let region: Region = region.parse().unwrap();
        let principal = Principal::Root { account: account.parse().unwrap(), partition: region.partition() };
        Context {
            request_id: self.kernel.new_id(),
            event_id: self.kernel.new_id(),
            time: self.clock.now(),
            region,
            caller: Caller::new(principal, Some("AKIAEXAMPLE".into())),
            source: Source::default(),
            via: None,
        }
    }

    /// The root user of [`ACCOUNT`] in [`REGION`].
    pub(crate) fn root(&self) -> Context {
        self.root_in(ACCOUNT, REGION)
    }

    /// The same, through a service.
    pub(crate) fn via(&self, principal: &'static str, endpoint: &str) -> Context {
        Context { via: Some(Via { principal, endpoint: endpoint.to_owned() }), ..self.root() }
    }

    /// Calls an operation as [`World::root`].
    pub(crate) async fn call<O: Handler<Kms>>(
        &self,
        _operation: O,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        self.call_as(&self.root(), _operation, input).await
    }

    /// Calls an operation.
    pub(crate) async fn call_as<O: Handler<Kms>>(
        &self,
        cx: &Context,
        _operation: O,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        dispatch::run::<Kms, O>(&self.kernel, &self.kms, cx, &input).await
    }

    /// Makes a key.
    pub(crate) async fn create(&self, input: types::CreateKeyRequest) -> types::KeyMetadata {
        self.call(api::CreateKey, input).await.unwrap().key_metadata.unwrap()
    }

    /// Makes a symmetric key and gives its id.
    pub(crate) async fn key(&self) -> String {
        self.create(types::CreateKeyRequest::default()).await.key_id
    }

    /// What DescribeKey says.
    pub(crate) async fn describe(&self, key_id: &str) -> Result<types::KeyMetadata, ApiError> {
        self.describe_as(&self.root(), key_id).await
    }

    /// What DescribeKey says to somebody.
    pub(crate) async fn describe_as(
        &self,
        cx: &Context,
        key_id: &str,
    ) -> Result<types::KeyMetadata, ApiError> {
        let input = types::DescribeKeyRequest { key_id: key_id.to_owned(), grant_tokens: None };
        Ok(self.call_as(cx, api::DescribeKey, input).await?.key_metadata.unwrap())
    }

    /// Moves the clock, and does what falls due in the order of time.
    pub(crate) async fn advance(&self, days: u32) {
        let now = self.clock.advance(Duration::from_secs(u64::from(days) * 86_400));
        for worker in self.service.workers() {
            worker.run_due(now).await.unwrap();
        }
    }

    /// The service, as the front door sees it.
    pub(crate) fn service(&self) -> &KmsService {
        &self.service
    }

    /// The last audit record's JSON.
    pub(crate) fn last_audit(&self) -> serde_json::Value {
        serde_json::from_slice(&self.store.audit().last().unwrap().json).unwrap()
    }
}

/// The ARN of a key of [`ACCOUNT`] in [`REGION`].
pub(crate) fn arn(key_id: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}")
}

/// Asserts that a call was refused with an error, and gives its message.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, ApiError>, name: &str) -> String {
    match result {
        Ok(output) => panic!("expected {name}, got {output:?}"),
        Err(error) => {
            assert_eq!(error.schema.name, name, "{error:?}");
            error.message
        }
    }
}
