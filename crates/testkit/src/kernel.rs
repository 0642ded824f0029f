//! A kernel for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_clock::{Clock, ManualClock};
use garrison_crypto::seal::DomainKey;
use garrison_crypto::testing::SeededRng;
use garrison_kernel::identity::{NoOrganizations, RootOnly};
use garrison_kernel::{Caller, Context, Kernel, Parts, Principal, Service, Settings, Source};
use garrison_schema::ApiError;
use garrison_store_sqlite::{Embedded, Options};
use garrison_types::Timestamp;
use garrison_wire::Codec;
use serde_json::Value;
use tempfile::TempDir;

/// The account of most tests.
pub const ACCOUNT: &str = "111122223333";
/// The region of most tests.
pub const REGION: &str = "eu-central-1";
/// 2027-01-15T08:00:00Z, in seconds: when tests begin.
pub const START: i64 = 1_800_000_000;

/// A kernel on a store in a temporary folder.
pub struct TestKernel {
    /// The kernel.
    pub kernel: Arc<Kernel>,
    /// Its clock, which stands still until a test moves it.
    pub clock: Arc<ManualClock>,
    /// Removed at the end.
    _folder: TempDir,
}

impl TestKernel {
    /// A kernel in development mode.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// A kernel with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with_parts(|parts| change(&mut parts.settings))
    }

    /// A kernel with other parts.
    pub fn with_parts(change: impl FnOnce(&mut Parts)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes: 64 << 10, ..Options::development() };
        let store = Arc::new(Embedded::open(&folder.path().join("data"), &options).unwrap());
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(START)));
        let rng = Arc::new(SeededRng::new(1));
        let settings = Settings {
            development: true,
            default_region: REGION.parse().unwrap(),
            kms_max_direct_plaintext: 4096,
            kms_key_cache: 100,
            kms_attestation_roots: Vec::new(),
            request_quotas: BTreeMap::new(),
        };
        let mut parts = Parts {
            store: Arc::clone(&store) as _,
            audit: store,
            clock: Arc::clone(&clock) as _,
            sealer: Arc::new(DomainKey::generate(&*rng).unwrap().into_sealer()),
            rng,
            identities: Arc::new(RootOnly::default()),
            organizations: Arc::new(NoOrganizations::default()),
            settings,
        };
        change(&mut parts);
        Self { kernel: Kernel::new(parts), clock, _folder: folder }
    }

    /// The circumstances of a call by an account's root user in a region, now.
    pub fn context(&self, account: &str, region: &str) -> Context {
        let region: garrison_types::Region = region.parse().unwrap();
        let principal = Principal::Root { account: account.parse().unwrap(), partition: region.partition() };
        Context {
            request_id: self.kernel.new_id(),
            event_id: self.kernel.new_id(),
            time: self.clock.now(),
            region,
            caller: Caller::new(principal, Some("AKIAEXAMPLE".into())),
            source: Source {
                ip: Some([203, 0, 113, 7].into()),
                user_agent: "test".to_owned(),
                ..Source::default()
            },
            via: None,
        }
    }

    /// Calls an operation as dispatch sees it, with input and output as JSON. The input is not validated.
    ///
    /// # Errors
    /// What the caller would see.
    pub async fn call(
        &self,
        service: &dyn Service,
        operation: &str,
        cx: &Context,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let built = service.operation(operation).unwrap();
        let body = input.to_string();
        let mut reader = Codec::Json11.reader(body.as_bytes()).unwrap();
        let input = built.read(reader.as_reader()).unwrap();
        drop(reader);
        let output = built.dispatch(&self.kernel, cx, &*input).await?;
        let encoded = Codec::Json11.encode_output(service.schema(), built.schema(), output.as_write(), "id");
        Ok(serde_json::from_slice(&encoded.bytes).unwrap())
    }
}

impl Default for TestKernel {
    fn default() -> Self {
        Self::new()
    }
}
