//! Temporary credentials: sealed session tokens that any node opens, so that no session is kept anywhere.
//!
//! A token is base64 of a sealed record ([`garrison_crypto::seal`]): AES-256-GCM under the installation's domain key,
//! bound to the access key id. In it are the secret access key and, as versioned JSON, who the session is of and what it
//! carries. Nobody but this installation can make one, read one, or use one with another access key.
//!
//! A token is good until it ends. What ends a session earlier is that its role or user is gone (see
//! [`crate::identity::Identities::policies`]) and policies on `aws:TokenIssueTime`. Deleting or deactivating the access key
//! that a session was made with does not, as on AWS. Source: IAM User Guide, "Disable permissions for temporary security
//! credentials" and "Revoke IAM role temporary security credentials".

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use garrison_crypto::seal::{OVERHEAD, Sealer};
use garrison_crypto::{CryptoError, LockedSecret, Rng};
use garrison_policy::CompiledPolicy;
use garrison_types::{AccountId, Arn, Partition, Timestamp};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::access_key::{AccessKeyIds, AccessKeyKind};
use crate::identity::CredentialError;
use crate::principal::{AssumedRole, Caller, FederatedUser, Principal, Session, User};

/// The longest token, in characters. It travels in a header of every call.
pub const MAX_TOKEN_LEN: usize = 16_384;
/// Characters of a secret access key: base64 of 30 random bytes.
const SECRET_LEN: usize = 40;
/// What a trade-in token's seal is bound to. No record of the store has such a key.
const TRADE_IN: &[u8] = b"trade-in-token\0";
/// How session policies are named where a decision names the policy.
const POLICY_NAME: &str = "session policy";

/// What a session is to be.
#[derive(Debug, Clone)]
pub struct SessionGrant {
    /// Who the session is of: a role's session, a user, a root user, a federated user.
    pub principal: Principal,
    /// When the caller showed a second factor, if ever.
    pub mfa: Option<Timestamp>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: Vec<(String, String)>,
    /// The keys of the session tags that a next role in the chain gets too.
    pub transitive_tags: Vec<String>,
    /// The session policies that were passed as text.
    pub policies: Vec<String>,
    /// The ARNs of the managed policies that were passed as session policies.
    pub policy_arns: Vec<String>,
    /// The provider of a federated session.
    pub provider: Option<String>,
    /// Condition keys that last as long as the session, by their names in lower case.
    pub context: Vec<(String, Vec<String>)>,
    /// The token shall have at least so many characters: it is filled up to that.
    pub minimum_token_size: usize,
}

impl SessionGrant {
    /// A session of `principal` that carries nothing.
    pub fn new(principal: Principal) -> Self {
        Self {
            principal,
            mfa: None,
            source_identity: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            policies: Vec::new(),
            policy_arns: Vec::new(),
            provider: None,
            context: Vec::new(),
            minimum_token_size: 0,
        }
    }
}

/// What a trade-in token stands for: a session that its holder may have made once it is asked for.
#[derive(Debug, Clone)]
pub struct TradeIn {
    /// The session.
    pub grant: SessionGrant,
    /// How long it lasts from then on, in seconds.
    pub seconds: u32,
}

/// Temporary credentials, just made.
pub struct SessionCredentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// Forty characters.
    pub secret_access_key: Zeroizing<String>,
    /// The token, at most [`MAX_TOKEN_LEN`] characters.
    pub token: String,
    /// When they end, in whole seconds.
    pub expiration: Timestamp,
}

/// Why no credentials were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueError {
    /// What the session carries does not fit into [`MAX_TOKEN_LEN`].
    TooLarge,
    /// Nobody can have a session of such a principal.
    NoSession,
    /// Sealing failed.
    Crypto(CryptoError),
}

impl std::fmt::Display for IssueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the session does not fit into a token"),
            Self::NoSession => f.write_str("such a principal has no sessions"),
            Self::Crypto(error) => write!(f, "the session token could not be sealed: {error}"),
        }
    }
}

impl std::error::Error for IssueError {}

/// What a token stands for.
#[derive(Debug)]
pub struct OpenedSession {
    /// Who signs with it, with its session and access key id.
    pub caller: Caller,
    /// What the session carries.
    pub session: Arc<Session>,
    /// The secret that signatures are checked against.
    pub secret: Arc<LockedSecret>,
}

/// Makes and opens session tokens.
pub struct SessionTokens {
    sealer: Arc<Sealer>,
    ids: Arc<AccessKeyIds>,
    opened: RwLock<Opened>,
    capacity: usize,
}

/// Tokens that were opened.
#[derive(Default)]
struct Opened {
    sessions: HashMap<Box<str>, Arc<OpenedSession>, RandomState>,
    /// When those that had ended were last looked for.
    swept: Option<Timestamp>,
}

/// How long opened tokens that have ended may stay before they are looked for again: looking takes as long as there are
/// tokens, and must not happen whenever a new one comes.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

impl SessionTokens {
    /// With the installation's sealer and access key ids. At most `capacity` opened tokens are held in memory, each with a
    /// page of locked memory for its secret.
    pub fn new(sealer: Arc<Sealer>, ids: Arc<AccessKeyIds>, capacity: usize) -> Self {
        Self { sealer, ids, opened: RwLock::default(), capacity: capacity.max(1) }
    }

    /// New credentials for a session that begins at `now` and lasts for `ttl`.
    ///
    /// # Errors
    /// The session is too large, cannot be, or could not be sealed.
    pub fn issue(
        &self,
        grant: &SessionGrant,
        now: Timestamp,
        ttl: Duration,
        rng: &dyn Rng,
    ) -> Result<SessionCredentials, IssueError> {
        let expiration = (now + ttl).truncated_to_seconds();
        let record = Record::V1(RecordV1::new(grant, now, expiration).ok_or(IssueError::NoSession)?);
        let (mut random, mut bytes) = ([0; 4], Zeroizing::new([0; 30]));
        rng.fill(&mut random);
        rng.fill(&mut *bytes);
        let account = grant.principal.account();
        let access_key_id = self.ids.issue(AccessKeyKind::Temporary, account, u32::from_be_bytes(random));
        let secret_access_key = Zeroizing::new(base64_simd::STANDARD.encode_to_string(bytes.as_slice()));

        let json = serde_json::to_vec(&record).map_err(|_| IssueError::Crypto(CryptoError::Internal))?;
        let wanted = (grant.minimum_token_size.min(MAX_TOKEN_LEN).div_ceil(4) * 3).saturating_sub(OVERHEAD);
        let length = (SECRET_LEN + json.len()).max(wanted);
        let mut plain = Zeroizing::new(Vec::with_capacity(length));
        plain.extend_from_slice(secret_access_key.as_bytes());
        plain.extend_from_slice(&json);
        // JSON may be followed by white space.
        plain.resize(length, b' ');
        let sealed = self.sealer.seal(rng, &place(&access_key_id), &plain).map_err(|error| match error {
            CryptoError::InvalidLength => IssueError::TooLarge,
            other => IssueError::Crypto(other),
        })?;
        let token = base64_simd::STANDARD.encode_to_string(&sealed);
        if token.len() > MAX_TOKEN_LEN {
            return Err(IssueError::TooLarge);
        }
        Ok(SessionCredentials { access_key_id, secret_access_key, token, expiration })
    }

    /// Opens the token that came with `access_key_id`.
    ///
    /// # Errors
    /// [`CredentialError::InvalidToken`] for one that was not made here, was altered, or belongs to another access key;
    /// [`CredentialError::Expired`].
    pub fn open(
        &self,
        token: &str,
        access_key_id: &str,
        now: Timestamp,
    ) -> Result<Arc<OpenedSession>, CredentialError> {
        let held = self.opened.read().sessions.get(token).cloned();
        let is_held = held.is_some();
        let session = match held {
            Some(session) if session.caller.access_key_id.as_deref() == Some(access_key_id) => session,
            Some(_) => return Err(CredentialError::InvalidToken),
            None => Arc::new(self.unseal(token, access_key_id).ok_or(CredentialError::InvalidToken)?),
        };
        if now >= session.session.expires {
            return Err(CredentialError::Expired);
        }
        if !is_held {
            self.hold(token, &session, now);
        }
        Ok(session)
    }

    /// A token that can be traded in for a session (`GetDelegatedAccessToken`) until `ttl` has passed.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn seal_trade_in(
        &self,
        trade_in: &TradeIn,
        now: Timestamp,
        ttl: Duration,
        rng: &dyn Rng,
    ) -> Result<String, IssueError> {
        let record = RecordV1::new(&trade_in.grant, now, now + ttl).ok_or(IssueError::NoSession)?;
        let stored = TradeInRecord::V1 { seconds: trade_in.seconds, session: record };
        let json = serde_json::to_vec(&stored).map_err(|_| IssueError::Crypto(CryptoError::Internal))?;
        let sealed = self.sealer.seal(rng, TRADE_IN, &json).map_err(IssueError::Crypto)?;
        let token = base64_simd::STANDARD.encode_to_string(&sealed);
        if token.len() > MAX_TOKEN_LEN { Err(IssueError::TooLarge) } else { Ok(token) }
    }

    /// Opens what [`Self::seal_trade_in`] made.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_trade_in(&self, token: &str, now: Timestamp) -> Result<TradeIn, CredentialError> {
        let open = || {
            let sealed = base64_simd::STANDARD.decode_to_vec(token).ok()?;
            let plain = self.sealer.open(TRADE_IN, &sealed).ok()?;
            let TradeInRecord::V1 { seconds, session } = serde_json::from_slice(plain.expose()).ok()?;
            let expires = Timestamp::from_millis(session.expires);
            Some((TradeIn { grant: session.grant()?, seconds }, expires))
        };
        let bounded = Some(token).filter(|token| token.len() <= MAX_TOKEN_LEN).and_then(|_| open());
        let (trade_in, expires) = bounded.ok_or(CredentialError::InvalidToken)?;
        if now >= expires { Err(CredentialError::Expired) } else { Ok(trade_in) }
    }

    /// Forgets every opened token and its secret.
    pub fn forget(&self) {
        *self.opened.write() = Opened::default();
    }

    fn hold(&self, token: &str, session: &Arc<OpenedSession>, now: Timestamp) {
        let mut opened = self.opened.write();
        let is_full = opened.sessions.len() >= self.capacity;
        if is_full && opened.swept.is_none_or(|swept| now >= swept + SWEEP_EVERY) {
            opened.sessions.retain(|_, held| now < held.session.expires);
            opened.swept = Some(now);
        }
        if opened.sessions.len() >= self.capacity {
            let evicted = opened.sessions.keys().next().cloned();
            evicted.and_then(|token| opened.sessions.remove(&token));
        }
        opened.sessions.insert(token.into(), Arc::clone(session));
    }

    fn unseal(&self, token: &str, access_key_id: &str) -> Option<OpenedSession> {
        if token.len() > MAX_TOKEN_LEN {
            return None;
        }
        let sealed = base64_simd::STANDARD.decode_to_vec(token).ok()?;
        let plain = self.sealer.open(&place(access_key_id), &sealed).ok()?;
        let (secret, json) = plain.expose().split_at_checked(SECRET_LEN)?;
        let Record::V1(record) = serde_json::from_slice(json).ok()?;
        let secret = Arc::new(LockedSecret::copy_of(secret).ok()?);
        let (principal, session) = record.open()?;
        let session = Arc::new(session);
        let caller = Caller::new(principal, Some(access_key_id.into())).with_session(Arc::clone(&session));
        Some(OpenedSession { caller, session, secret })
    }
}

impl std::fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionTokens")
    }
}

/// What the seal is bound to. No record of the store has such a key.
fn place(access_key_id: &str) -> Vec<u8> {
    [b"session-token\0", access_key_id.as_bytes()].concat()
}

/// A token's content behind the secret. A form once issued is opened for as long as sessions can last.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Record {
    #[serde(rename = "1")]
    V1(RecordV1),
}

/// A trade-in token's content: the session that it stands for, which ends when the token does.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum TradeInRecord {
    #[serde(rename = "1")]
    V1 { seconds: u32, session: RecordV1 },
}

#[derive(Serialize, Deserialize)]
struct RecordV1 {
    who: Who,
    issued: i64,
    expires: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mfa: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_identity: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transitive: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policies: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policy_arns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    context: Vec<(String, Vec<String>)>,
}

/// Who a session is of, by as little as the rest can be made of again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Who {
    Root { arn: String },
    User { arn: String, id: String },
    Role { arn: String, id: String, session: String },
    Federated { name: String, issuer: Box<Who> },
}

impl RecordV1 {
    fn new(grant: &SessionGrant, issued: Timestamp, expires: Timestamp) -> Option<Self> {
        Some(Self {
            who: Who::of(&grant.principal)?,
            issued: issued.as_millis(),
            expires: expires.as_millis(),
            mfa: grant.mfa.map(Timestamp::as_millis),
            source_identity: grant.source_identity.clone(),
            tags: grant.tags.clone(),
            transitive: grant.transitive_tags.clone(),
            policies: grant.policies.clone(),
            policy_arns: grant.policy_arns.clone(),
            provider: grant.provider.clone(),
            context: grant.context.clone(),
        })
    }

    fn grant(self) -> Option<SessionGrant> {
        Some(SessionGrant {
            principal: self.who.principal()?,
            mfa: self.mfa.map(Timestamp::from_millis),
            source_identity: self.source_identity,
            tags: self.tags,
            transitive_tags: self.transitive,
            policies: self.policies,
            policy_arns: self.policy_arns,
            provider: self.provider,
            context: self.context,
            minimum_token_size: 0,
        })
    }

    fn open(self) -> Option<(Principal, Session)> {
        let compile = |text: &String| Arc::new(CompiledPolicy::from_stored(POLICY_NAME, text.as_bytes()));
        let session = Session {
            issued: Timestamp::from_millis(self.issued),
            expires: Timestamp::from_millis(self.expires),
            mfa: self.mfa.map(Timestamp::from_millis),
            source_identity: self.source_identity.map(Arc::from),
            tags: self.tags,
            transitive_tags: self.transitive,
            policies: self.policies.iter().map(compile).collect(),
            policy_arns: self.policy_arns,
            provider: self.provider.map(Arc::from),
            context: self.context,
        };
        Some((self.who.principal()?, session))
    }
}

impl Who {
    fn of(principal: &Principal) -> Option<Self> {
        Some(match principal {
            Principal::Root { .. } => Self::Root { arn: principal.arn().to_string() },
            Principal::User(user) => Self::User { arn: user.arn.to_string(), id: user.id.to_string() },
            Principal::AssumedRole(role) => Self::Role {
                arn: role.role_arn.to_string(),
                id: role.role_id.to_string(),
                session: role.session_name.to_string(),
            },
            Principal::FederatedUser(federated) => Self::Federated {
                name: federated.name.to_string(),
                issuer: Box::new(match &federated.issuer {
                    issuer @ (Principal::Root { .. } | Principal::User(_)) => Self::of(issuer)?,
                    _ => return None,
                }),
            },
            Principal::Federated(_) | Principal::Service { .. } | Principal::Anonymous => return None,
        })
    }

    fn principal(self) -> Option<Principal> {
        Some(match self {
            Self::Root { arn } => {
                let (partition, account, _) = parts(&arn)?;
                Principal::Root { account, partition }
            }
            Self::User { arn, id } => {
                let (_, account, name) = parts(&arn)?;
                Principal::User(Arc::new(User { account, name, id: id.into(), arn: arn.into() }))
            }
            Self::Role { arn, id, session } => {
                Principal::AssumedRole(Arc::new(assumed_role(&arn, &id, &session)?))
            }
            Self::Federated { name, issuer } => {
                Principal::FederatedUser(Arc::new(federated_user(&name, issuer.principal()?)?))
            }
        })
    }
}

/// A role's session: of the role's ARN (with its path) and unique id, and the session's name. None when the ARN is no
/// role's.
pub fn assumed_role(role_arn: &str, role_id: &str, session_name: &str) -> Option<AssumedRole> {
    let (partition, account, role_name) = parts(role_arn)?;
    Some(AssumedRole {
        account,
        role_id: role_id.into(),
        role_arn: role_arn.into(),
        session_name: session_name.into(),
        arn: format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{session_name}").into(),
        user_id: format!("{role_id}:{session_name}").into(),
        role_name,
    })
}

/// A federated user's session that `issuer`, a user or root user, makes. None for any other issuer.
pub fn federated_user(name: &str, issuer: Principal) -> Option<FederatedUser> {
    if !matches!(issuer, Principal::Root { .. } | Principal::User(_)) {
        return None;
    }
    let issuer_arn = issuer.arn();
    let (partition, account, _) = parts(&issuer_arn)?;
    Some(FederatedUser {
        account,
        name: name.into(),
        arn: format!("arn:{partition}:sts::{account}:federated-user/{name}").into(),
        user_id: format!("{account}:{name}").into(),
        issuer,
        issuer_arn,
    })
}

/// Partition, account and name (what stands behind the path) of an ARN of IAM's.
fn parts(arn: &str) -> Option<(Partition, AccountId, Arc<str>)> {
    let arn: Arn = arn.parse().ok()?;
    let partition = [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov]
        .into_iter()
        .find(|partition| partition.as_str() == arn.partition())?;
    let name = arn.resource().rsplit('/').next()?;
    Some((partition, arn.account().parse().ok()?, name.into()))
}

#[cfg(test)]
#[path = "session_token_tests.rs"]
mod tests;
