//! What every service works with.

use std::sync::{Arc, OnceLock};

use garrison_clock::Clock;
use garrison_crypto::Rng;
use garrison_crypto::seal::Sealer;
use garrison_schema::{ApiError, OperationSchema, ServiceSchema, WriteStructure};
use garrison_store::{AuditLog, Store};
use garrison_types::RequestId;

use crate::context::Context;
use crate::decisions::{DecisionOptions, Decisions};
use crate::errors;
use crate::identity::{Identities, Organizations};
use crate::journal;
use crate::quota::Quotas;
use crate::settings::Settings;

/// The parts that a kernel is made of; `garrison-server` picks them.
pub struct Parts {
    /// Records.
    pub store: Arc<dyn Store>,
    /// The audit log.
    pub audit: Arc<dyn AuditLog>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Seals every secret in the store, under the root of trust.
    pub sealer: Arc<Sealer>,
    /// Principals and their policies.
    pub identities: Arc<dyn Identities>,
    /// Organizations and what they mean for accounts.
    pub organizations: Arc<dyn Organizations>,
    /// What the operator set.
    pub settings: Settings,
}

/// The parts, and the phases that need several of them.
pub struct Kernel {
    parts: Parts,
    quotas: Quotas,
    decisions: OnceLock<Decisions>,
}

impl Kernel {
    /// A kernel of these parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        let quotas = Quotas::new(parts.settings.request_quotas.clone());
        Arc::new(Self { parts, quotas, decisions: OnceLock::new() })
    }

    /// Records.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// The audit log.
    pub fn audit(&self) -> &Arc<dyn AuditLog> {
        &self.parts.audit
    }

    /// Time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.parts.clock
    }

    /// Randomness.
    pub fn rng(&self) -> &dyn Rng {
        &*self.parts.rng
    }

    /// Randomness, for work on a thread of its own.
    pub fn shared_rng(&self) -> Arc<dyn Rng> {
        Arc::clone(&self.parts.rng)
    }

    /// Seals secrets for the store.
    pub fn sealer(&self) -> &Sealer {
        &self.parts.sealer
    }

    /// Principals and their policies.
    pub fn identities(&self) -> &dyn Identities {
        &*self.parts.identities
    }

    /// Organizations and what they mean for accounts.
    pub fn organizations(&self) -> &dyn Organizations {
        &*self.parts.organizations
    }

    /// Keeps an eye on what authorization decides from now on. Once only: a second time changes nothing.
    pub fn watch_decisions(&self, options: DecisionOptions) {
        self.decisions.get_or_init(|| Decisions::new(options));
    }

    /// What authorization decided, when that is watched.
    pub fn decisions(&self) -> Option<&Decisions> {
        self.decisions.get()
    }

    /// What the operator set.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// A new random id, for a request, an event or a resource.
    pub fn new_id(&self) -> RequestId {
        let [id] = self.new_ids();
        id
    }

    /// New random ids, drawn together.
    pub fn new_ids<const N: usize>(&self) -> [RequestId; N] {
        let mut bytes = [[0; 16]; N];
        self.rng().fill(bytes.as_flattened_mut());
        bytes.map(RequestId::from_random)
    }

    /// Runs what would hold up other calls, such as generating an RSA key, on a thread of its own.
    ///
    /// # Errors
    /// `InternalFailure` when `work` panicked.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        tokio::task::spawn_blocking(work).await.map_err(errors::internal)
    }

    /// Records a call that was refused before dispatch: at authentication, decoding or validation.
    ///
    /// Returns the error that the caller shall see, which is another one when the record cannot be kept.
    pub fn refuse(
        &self,
        cx: &Context,
        event_source: &str,
        event_name: &str,
        input: Option<&dyn WriteStructure>,
        error: ApiError,
    ) -> ApiError {
        journal::refuse(self, cx, event_source, event_name, input, error)
    }

    /// Takes the call from its quota; false when that is used up.
    pub(crate) fn count_call(
        &self,
        cx: &Context,
        service: &ServiceSchema,
        operation: &OperationSchema,
    ) -> bool {
        self.quotas.is_off() || {
            let now = self.clock().protocol_now();
            self.quotas.take(cx.account(), format!("{}:{}", service.name, operation.name), now)
        }
    }
}
