//! Wires store, root of trust, kernel, services and front door, and runs them.

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use garrison_blobs::LocalBlobs;
use garrison_clock::{Clock as _, SystemClock};
use garrison_crypto::{Rng, SystemRng};
use garrison_gateway::Gateway;
use garrison_kernel::session_token::SessionTokens;
use garrison_kernel::{Kernel, Parts, Service, Settings};
use garrison_store::{Store, WriteSet};
use garrison_svc_cloudtrail::{CloudTrail, CloudTrailService};
use garrison_svc_iam::{AccessKeyParts, AccessKeys, Directory, Iam, IamService, IssuedKey};
use garrison_svc_kms::{Kms, KmsService};
use garrison_svc_logs::{Logs, LogsService};
use garrison_svc_organizations::{Directory as Memberships, Organizations, OrganizationsService};
use garrison_svc_s3::{S3, S3Parts, S3Service};
use garrison_svc_sts::{Issuers, Sts, StsService};
use garrison_types::AccountId;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::bootstrap::{self, Foundation};
use crate::config::Config;
use crate::control;
use crate::data_keys::KmsDataKeys;
use crate::error::Error;
use crate::key_events::KeyEvent;
use crate::operator::ServerOperator;
use crate::records::{self, InstallationRecord};
use crate::storage::{self, Opened};
use crate::tls::{self, Certificate};
use crate::workers::WorkerRunner;

/// How long the audit log may take to become durable at the end.
const FLUSH: Duration = Duration::from_secs(10);

/// The most session tokens that are held open in memory; each takes a page of locked memory.
const OPENED_SESSIONS: usize = 8192;

/// Garrison, wired and listening.
pub struct Server {
    kernel: Arc<Kernel>,
    kms: Arc<Kms>,
    iam: Arc<Iam>,
    access_keys: Arc<AccessKeys>,
    gateway: Arc<Gateway>,
    runner: Arc<WorkerRunner>,
    listener: TcpListener,
    address: SocketAddr,
    certificate: Certificate,
    issued: Option<IssuedKey>,
    folder: Option<PathBuf>,
    temporary: Option<TempDir>,
}

impl Server {
    /// Opens everything and listens; requests are answered once [`Server::run`] runs.
    ///
    /// # Errors
    /// Whatever keeps Garrison from starting.
    pub async fn open(config: Config) -> Result<Self, Error> {
        let rng = SystemRng;
        let Opened { store, audit, folder, workers, temporary } = storage::open(&config).await?;
        let Foundation { sealer, access_key_ids, clock_offset, records } =
            bootstrap::lay(&*store, &config.root, folder.as_deref(), &rng).await?;
        let clock = Arc::new(SystemClock::with_offset(clock_offset));
        let tokens =
            Arc::new(SessionTokens::new(Arc::clone(&sealer), Arc::clone(&access_key_ids), OPENED_SESSIONS));
        let access_keys = AccessKeys::new(AccessKeyParts {
            ids: access_key_ids,
            store: Arc::clone(&store),
            sealer: Arc::clone(&sealer),
            tokens: Some(Arc::clone(&tokens)),
            clock: Arc::clone(&clock) as _,
            development: config.development,
        });
        // Before the first key is made: it is shown once, and a start that fails later would use that up.
        let (listener, address) = listen(&config.listen).await?;
        if config.development && !address.ip().is_loopback() {
            tracing::warn!(%address, "development mode takes any access key, and others can connect to this address");
        }
        let certificate = tls::certificate(&config.tls, folder.as_deref(), host_of(&config.listen))?;
        let issued = if config.development {
            None
        } else {
            first_start(&*store, &access_keys, config.account, &clock, &rng).await?
        };
        let directory = Directory::new(&store);
        let memberships = Memberships::new(&store);
        let kernel = Kernel::new(Parts {
            store: Arc::clone(&store),
            audit,
            clock: Arc::clone(&clock) as _,
            rng: Arc::new(rng),
            sealer,
            identities: Arc::clone(&directory) as _,
            organizations: Arc::clone(&memberships) as _,
            settings: settings(&config),
        });
        if let Some(options) = config.decisions {
            kernel.watch_decisions(options);
        }
        let iam = Iam::new(Arc::clone(&kernel), Arc::clone(&access_keys), Arc::clone(&directory));
        let issuers = Issuers::new(config.sts_issuers.clone());
        let sts = Sts::new(Arc::clone(&kernel), Arc::clone(&iam) as _, tokens, issuers);
        let blobs = folder.as_deref().filter(|_| config.preview_s3).map(blobs).transpose()?;
        let Services { kms, s3, all: services } = services(&kernel, &iam, &sts, blobs);
        let due = services.iter().flat_map(|service| service.workers()).chain(workers).collect();
        let runner = WorkerRunner::new(due, clock);
        store.observe(runner.bell());
        let operator = ServerOperator {
            kernel: Arc::clone(&kernel),
            runner: Arc::clone(&runner),
            kms: Arc::clone(&kms),
            s3,
            access_keys: Arc::clone(&access_keys),
            directory,
            memberships,
            sts,
            foundation: records,
        };
        let gateway = Gateway::new(garrison_gateway::Parts {
            kernel: Arc::clone(&kernel),
            services,
            credentials: Arc::clone(&access_keys) as _,
            operator: Arc::new(operator),
            options: garrison_gateway::Options {
                limits: config.limits.clone(),
                admin_anywhere: config.admin_anywhere,
                hosts: Vec::new(),
            },
        });
        Ok(Self {
            kernel,
            kms,
            iam,
            access_keys,
            gateway,
            runner,
            listener,
            address,
            certificate,
            issued,
            folder,
            temporary,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.certificate.config.is_some() { "https" } else { "http" }
    }

    /// The file with the certificate that clients must trust, when one was made at this start.
    pub fn made_certificate(&self) -> Option<&Path> {
        self.certificate.made.as_deref()
    }

    /// The first account's root access key, at the first start and never again.
    pub fn issued_key(&self) -> Option<&IssuedKey> {
        self.issued.as_ref()
    }

    /// Serves until `stop` resolves, finishes what was accepted, makes the audit log durable, forgets every key and
    /// closes the store.
    ///
    /// # Errors
    /// The audit log could not be made durable.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let Self {
            kernel,
            kms,
            iam,
            access_keys,
            gateway,
            runner,
            listener,
            certificate,
            issued,
            folder,
            temporary,
            ..
        } = self;
        drop(issued);
        let (shutdown, down) = watch::channel(false);
        let workers = tokio::spawn(runner.run(down.clone()));
        let control = folder.as_deref().map(|folder| {
            tokio::spawn(control::serve(folder.to_owned(), Arc::clone(kernel.store()), down.clone()))
        });
        let front = tokio::spawn(garrison_gateway::serve(gateway, listener, certificate.config, down));
        stop.await;
        tracing::info!("shutting down");
        // Nobody listening any more is no reason not to end.
        let _ = shutdown.send(true);
        let cut_off = front.await.unwrap_or_default();
        let _ = workers.await;
        if let Some(control) = control {
            let _ = control.await;
        }
        let flushed = timeout(FLUSH, kernel.audit().flush()).await;
        if let Err(error) = iam.write_uses(kernel.clock().now()).await {
            tracing::warn!(%error, "the last uses of access keys and roles are not written down");
        }
        kms.forget();
        access_keys.forget();
        drop((kms, iam, access_keys));
        let store = Arc::downgrade(kernel.store());
        // The store syncs and closes when its last owner is gone, which may take as long as a disk does.
        let closed = tokio::task::spawn_blocking(move || {
            drop(kernel);
            store.strong_count() == 0
        });
        if !closed.await.unwrap_or_default() {
            tracing::warn!(cut_off, "the store is still in use at the end");
        }
        drop(temporary);
        match flushed {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::Failed(format!("the audit log could not be made durable: {error}"))),
            Err(_) => Err(Error::Failed("the audit log did not become durable in time".to_owned())),
        }
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        development: config.development,
        default_region: config.region.clone(),
        kms_max_direct_plaintext: config.kms_max_direct_plaintext,
        kms_key_cache: config.kms_key_cache,
        kms_attestation_roots: config.kms_attestation_roots.clone(),
        request_quotas: config.request_quotas.clone(),
    }
}

/// The services, and those of them that the server itself needs.
struct Services {
    kms: Arc<Kms>,
    s3: Option<Arc<S3>>,
    all: Vec<Arc<dyn Service>>,
}

/// Every service: the only place that names them. Without a place for blobs there is no S3.
fn services(
    kernel: &Arc<Kernel>,
    iam: &Arc<Iam>,
    sts: &Arc<Sts>,
    blobs: Option<Arc<LocalBlobs>>,
) -> Services {
    let kms = Kms::new(Arc::clone(kernel));
    let organizations = Organizations::new(Arc::clone(kernel), Arc::clone(iam) as _);
    let cloudtrail = CloudTrail::new(Arc::clone(kernel));
    let logs = Logs::new(Arc::clone(kernel));
    let mut all: Vec<Arc<dyn Service>> = vec![
        Arc::new(KmsService::new(Arc::clone(&kms))),
        Arc::new(IamService::new(iam)),
        Arc::new(StsService::new(sts)),
        Arc::new(OrganizationsService::new(&organizations)),
        Arc::new(CloudTrailService::new(&cloudtrail)),
        Arc::new(LogsService::new(&logs)),
    ];
    let s3 = blobs.map(|blobs| {
        let data_keys = Arc::new(KmsDataKeys(Arc::clone(&kms)));
        S3::new(S3Parts { kernel: Arc::clone(kernel), blobs, data_keys })
    });
    all.extend(s3.iter().map(|s3| Arc::new(S3Service::new(s3)) as _));
    Services { kms, s3, all }
}

/// Where objects lie: beside the records.
fn blobs(folder: &Path) -> Result<Arc<LocalBlobs>, Error> {
    let folder = folder.join("blobs");
    LocalBlobs::open(&folder).map(Arc::new).map_err(Error::file("open the folder of blobs", folder))
}

/// Makes the first account's root access key, once.
async fn first_start(
    store: &dyn Store,
    access_keys: &AccessKeys,
    account: Option<AccountId>,
    clock: &SystemClock,
    rng: &dyn Rng,
) -> Result<Option<IssuedKey>, Error> {
    let key = records::installation();
    if store.get(&key).await?.is_some() {
        return Ok(None);
    }
    let account = account.unwrap_or_else(|| random_account(rng));
    let now = clock.now();
    let mut writes = WriteSet::new();
    let issued = access_keys.issue(account, now, rng, &mut writes)?;
    writes.audit.push(KeyEvent::Created.record(account, &issued.id, "garrison serve", now, rng)?);
    let record = InstallationRecord::V1 { account: account.to_string(), created: now.as_millis() };
    writes.create(key, records::write(&record));
    store.commit(writes).await?;
    Ok(Some(issued))
}

/// Twelve digits, the first of them not 0.
fn random_account(rng: &dyn Rng) -> AccountId {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    let number = 100_000_000_000 + u64::from_be_bytes(bytes) % 900_000_000_000;
    AccountId::from_u64(number).unwrap_or(AccountId::ZERO)
}

async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { address: address.to_owned(), source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The host of an address, without the brackets of IPv6.
fn host_of(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
