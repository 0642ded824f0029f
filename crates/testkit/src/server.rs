//! A front door for tests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_clock::Clock as _;
use garrison_crypto::LockedSecret;
use garrison_gateway::{Gateway, Gauge, Limits, Operator, Options, PartHealth, Parts};
use garrison_kernel::identity::{Credential, CredentialError, Credentials};
use garrison_kernel::{Caller, Kernel, Principal, Service};
use garrison_schema::ApiError;
use garrison_types::{Partition, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::client::{Client, Key, Version};
use crate::kernel::{ACCOUNT, TestKernel};

/// The one access key that a [`TestServer`] knows: of the root user of [`ACCOUNT`].
pub const KEY: Key = Key { id: "AKIATESTTESTTESTTEST", secret: "secret-of-the-tests" };

/// A front door on a free port of the loopback interface, over a [`TestKernel`].
pub struct TestServer {
    /// What it stands on.
    pub world: TestKernel,
    /// Where it listens.
    pub address: SocketAddr,
    shutdown: watch::Sender<bool>,
    serving: Option<JoinHandle<usize>>,
}

impl TestServer {
    /// Starts it with the services that `services` makes.
    pub async fn start(
        services: impl FnOnce(&Arc<Kernel>) -> Vec<Arc<dyn Service>>,
        limits: Limits,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Self {
        let world = TestKernel::new();
        let gateway = Gateway::new(Parts {
            kernel: Arc::clone(&world.kernel),
            services: services(&world.kernel),
            credentials: Arc::new(OneKey),
            operator: Arc::new(TestOperator(Arc::clone(&world.kernel))),
            options: Options { limits, ..Options::default() },
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, down) = watch::channel(false);
        let serving = tokio::spawn(garrison_gateway::serve(gateway, listener, tls, down));
        Self { world, address, shutdown, serving: Some(serving) }
    }

    /// A connection to it.
    pub async fn client(&self, version: Version) -> Client {
        Client::connect(self.address, version, self.world.clock.protocol_now()).await
    }

    /// Begins the shutdown, once; what comes back resolves at its end, to the number of requests that were cut off.
    pub fn stop(&mut self) -> JoinHandle<usize> {
        self.shutdown.send(true).unwrap();
        self.serving.take().unwrap()
    }
}

struct OneKey;

#[async_trait]
impl Credentials for OneKey {
    async fn find(
        &self,
        id: &str,
        token: Option<&str>,
    ) -> Result<Result<Credential, CredentialError>, ApiError> {
        let account = ACCOUNT.parse().unwrap();
        let principal = Principal::Root { account, partition: Partition::Aws };
        let secret = Arc::new(LockedSecret::copy_of(KEY.secret.as_bytes()).unwrap());
        Ok(match (id, token) {
            (_, Some(_)) => Err(CredentialError::InvalidToken),
            (id, None) if id == KEY.id => {
                Ok(Credential { caller: Caller::new(principal, Some(id.into())), secret: Some(secret) })
            }
            ("unverified", None) => {
                Ok(Credential { caller: Caller::new(principal, Some(id.into())), secret: None })
            }
            _ => Err(CredentialError::Unknown),
        })
    }
}

struct TestOperator(Arc<Kernel>);

#[async_trait]
impl Operator for TestOperator {
    fn health(&self) -> Vec<PartHealth> {
        vec![PartHealth { name: "store", degraded: None }]
    }

    async fn gauges(&self) -> Vec<Gauge> {
        Vec::new()
    }

    async fn advance(&self, by: Duration) -> Result<Timestamp, ApiError> {
        Ok(self.0.clock().advance(by))
    }

    async fn reset(&self) -> Result<(), ApiError> {
        self.0.store().reset().await.map_err(|error| garrison_kernel::errors::store(&error))
    }
}

/// A certificate for `localhost` and its private key, both PEM.
pub fn tls_pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}
