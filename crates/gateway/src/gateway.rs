//! What the front door is made of.

use std::sync::Arc;

use garrison_kernel::identity::Credentials;
use garrison_kernel::{Kernel, Service};
use tokio::sync::Semaphore;

use crate::admin::Operator;
use crate::authenticate::Authenticator;
use crate::directory::Directory;
use crate::limits::BodyMemory;
use crate::meters::Meters;
use crate::options::Options;

/// The parts that a front door is made of.
pub struct Parts {
    /// The kernel that calls are dispatched to.
    pub kernel: Arc<Kernel>,
    /// Every service.
    pub services: Vec<Arc<dyn Service>>,
    /// Finds who signs with an access key.
    pub credentials: Arc<dyn Credentials>,
    /// Does what the operator's paths ask for.
    pub operator: Arc<dyn Operator>,
    /// Bounds and behaviour.
    pub options: Options,
}

/// The front door, without its sockets.
pub struct Gateway {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) directory: Directory,
    pub(crate) authenticator: Authenticator,
    pub(crate) operator: Arc<dyn Operator>,
    pub(crate) options: Options,
    pub(crate) meters: Meters,
    pub(crate) body_memory: BodyMemory,
    /// A permit for each request that may be served at once.
    pub(crate) requests: Arc<Semaphore>,
}

impl Gateway {
    /// A front door of these parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { kernel, services, credentials, operator, options } = parts;
        Arc::new(Self {
            kernel,
            directory: Directory::new(services),
            authenticator: Authenticator::new(credentials),
            operator,
            meters: Meters::default(),
            body_memory: BodyMemory::new(&options.limits),
            requests: Arc::new(Semaphore::new(options.limits.requests.min(Semaphore::MAX_PERMITS))),
            options,
        })
    }
}
