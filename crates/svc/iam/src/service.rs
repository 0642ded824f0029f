//! The service: what operations share, and how the front door sees it.

use std::collections::HashMap;
use std::sync::Arc;

use garrison_api_iam::{Op, SERVICE};
use garrison_kernel::{AnyOperation, Caller, Kernel, Principal, Service, ServiceType, Worker, errors};
use garrison_schema::{ApiError, ServiceSchema};
use garrison_types::Timestamp;

use crate::access_keys::AccessKeys;
use crate::directory::Directory;
use crate::last_used::{UseRecorder, Uses};
use crate::ops;
use crate::repo::Repo;
use crate::roles::RoleId;

/// What operations work with.
pub struct Iam {
    kernel: Arc<Kernel>,
    repo: Repo,
    access_keys: Arc<AccessKeys>,
    directory: Arc<Directory>,
}

impl ServiceType for Iam {
    const SCHEMA: &'static ServiceSchema = &SERVICE;

    /// Not those of `GetFederationToken`, nor those of `GetSessionToken` without a second factor.
    ///
    /// Source: IAM User Guide, "Compare AWS STS credentials".
    fn admit(caller: &Caller) -> Result<(), ApiError> {
        let admitted = match (&caller.principal, &caller.session) {
            (Principal::FederatedUser(_), _) => false,
            (Principal::User(_) | Principal::Root { .. }, Some(session)) => {
                session.mfa.is_some() || session.context.iter().any(|(key, _)| key == "aws:assumedroot")
            }
            _ => true,
        };
        if admitted {
            return Ok(());
        }
        let message = "The security token included in the request is invalid";
        Err(ApiError::new(&errors::INVALID_CLIENT_TOKEN_ID, message))
    }
}

impl Iam {
    /// The service on a kernel, with the access keys that the front door asks and the directory that the kernel asks.
    pub fn new(kernel: Arc<Kernel>, access_keys: Arc<AccessKeys>, directory: Arc<Directory>) -> Arc<Self> {
        let repo = Repo::new(kernel.store());
        Arc::new(Self { kernel, repo, access_keys, directory })
    }

    /// What every service works with.
    pub fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// Writes down the uses of access keys and roles that are only noted yet, at the end of a shutdown.
    ///
    /// # Errors
    /// The store failed.
    pub async fn write_uses(&self, now: Timestamp) -> Result<(), ApiError> {
        self.access_keys.uses().write(now).await?;
        self.role_uses().write(now).await
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn role_uses(&self) -> &Uses<RoleId> {
        self.directory.role_uses()
    }

    pub(crate) fn access_keys(&self) -> &AccessKeys {
        &self.access_keys
    }
}

/// The service, as the front door sees it.
pub struct IamService {
    iam: Arc<Iam>,
    operations: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl IamService {
    /// The service with every operation that is built.
    pub fn new(service: &Arc<Iam>) -> Self {
        let operations = Op::ALL.iter().map(|op| (op.name(), ops::operation(*op, service))).collect();
        Self { iam: Arc::clone(service), operations }
    }
}

impl Service for IamService {
    fn schema(&self) -> &'static ServiceSchema {
        &SERVICE
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.operations.get(name).map(|operation| &**operation)
    }

    fn workers(&self) -> Vec<Arc<dyn Worker>> {
        vec![
            Arc::new(UseRecorder(Arc::clone(self.iam.access_keys.uses()))),
            Arc::new(UseRecorder(Arc::clone(self.iam.directory.role_uses()))),
        ]
    }
}
