//! Who is let in, in both modes.

use std::time::Duration;

use garrison_clock::ManualClock;
use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::seal::DomainKey;
use garrison_crypto::testing::SeededRng;
use garrison_kernel::session_token::SessionGrant;
use garrison_testkit::TestKernel;

use super::*;
use crate::records::{Policies, Tags};
use crate::repo;

const ACCOUNT: &str = "111122223333";

struct World {
    keys: Arc<AccessKeys>,
    tokens: Arc<SessionTokens>,
    clock: Arc<ManualClock>,
    rng: SeededRng,
    _kernel: TestKernel,
}

fn world(development: bool) -> World {
    let kernel = TestKernel::new();
    let rng = SeededRng::new(1);
    let secret = LockedSecret::random(32, &rng).unwrap();
    let sealer = Arc::new(DomainKey::generate(&rng).unwrap().into_sealer());
    let ids = Arc::new(AccessKeyIds::new(DerivationKey::new(&secret)));
    let tokens = Arc::new(SessionTokens::new(Arc::clone(&sealer), Arc::clone(&ids), 10));
    let keys = AccessKeys::new(AccessKeyParts {
        ids,
        store: Arc::clone(kernel.kernel.store()),
        sealer,
        tokens: Some(Arc::clone(&tokens)),
        clock: Arc::clone(&kernel.clock) as _,
        development,
    });
    World { keys, tokens, clock: Arc::clone(&kernel.clock), rng, _kernel: kernel }
}

impl World {
    async fn issue(&self, owner: Owner, account: &str) -> IssuedKey {
        let mut writes = WriteSet::new();
        let now = self.clock.now();
        let issued =
            self.keys.issue_to(owner, account.parse().unwrap(), now, &self.rng, &mut writes).unwrap();
        self.commit(writes).await;
        issued
    }

    async fn commit(&self, writes: WriteSet) {
        self.keys.parts.store.commit(writes).await.unwrap();
    }

    /// The caller's ARN, and whether signatures are verified.
    async fn find(&self, id: &str, token: Option<&str>) -> Result<(String, bool), CredentialError> {
        let found = self.keys.find(id, token).await.unwrap();
        found.map(|c| (c.caller.arn.to_string(), c.secret.is_some()))
    }

    async fn user(&self, name: &str) -> Found<User> {
        self.keys.repo.get::<User>(ACCOUNT.parse().unwrap(), name).await.unwrap().unwrap()
    }
}

fn user(name: &str) -> User {
    User {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: "AIDAX".to_owned(),
        created: Time::from(5),
        tags: Tags::default(),
        boundary: None,
        policies: Policies::default(),
        groups: Vec::new(),
        access_keys: Vec::new(),
        mfa_devices: Vec::new(),
        password: None,
        other_credentials: Vec::new(),
    }
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

#[tokio::test]
async fn issued_keys_are_verified_in_both_modes() {
    for development in [false, true] {
        let world = world(development);
        let issued = world.issue(Owner::Root, ACCOUNT).await;
        assert_eq!(issued.secret.len(), 40);
        assert_eq!(world.find(&issued.id, None).await, Ok((root(ACCOUNT), true)));
        let credential = world.keys.find(&issued.id, None).await.unwrap().ok().unwrap();
        assert_eq!(credential.secret.unwrap().expose(), issued.secret.as_bytes());
        assert_eq!(world.find(&issued.id, Some("token")).await, Err(CredentialError::InvalidToken));
        let unknown = world.keys.parts.ids.issue(AccessKeyKind::Temporary, issued.account, 7);
        assert_eq!(
            world.find(&unknown, None).await,
            Err(CredentialError::Unknown),
            "issued-looking, but not there"
        );
        assert!(world.keys.deactivate(&issued.id).await.unwrap());
        assert_eq!(world.find(&issued.id, None).await, Err(CredentialError::Inactive));
        assert!(!world.keys.list().await.unwrap()[0].active);
        assert!(!world.keys.deactivate("AKIANOTHERE").await.unwrap());
    }
}

#[tokio::test]
async fn other_keys_are_taken_in_development_mode_only() {
    let (normal, development) = (world(false), world(true));
    for (id, account) in [
        ("test", "000000000000"),
        ("123456789012", "123456789012"),
        ("AKIAIOSFODNN7EXAMPLE", "000000000000"),
        ("12345678901", "000000000000"),
    ] {
        assert_eq!(normal.find(id, None).await, Err(CredentialError::Unknown));
        assert_eq!(development.find(id, None).await, Ok((root(account), false)), "{id}");
        assert_eq!(development.find(id, Some("token")).await, Err(CredentialError::InvalidToken));
    }
}

#[tokio::test]
async fn a_users_key_follows_the_user_at_once() {
    let world = world(false);
    let account = ACCOUNT.parse().unwrap();
    let mut writes = WriteSet::new();
    repo::create(&mut writes, account, &user("Bob"));
    world.commit(writes).await;
    let issued = world.issue(Owner::User("AIDAX".to_owned()), ACCOUNT).await;
    assert_eq!(world.find(&issued.id, None).await, Ok((format!("arn:aws:iam::{ACCOUNT}:user/Bob"), true)));
    assert!(world.keys.list().await.unwrap().is_empty(), "no root user's");

    let (old, mut writes) = (world.user("bob").await, WriteSet::new());
    repo::replace(&mut writes, account, &old, &user("alice"));
    world.commit(writes).await;
    assert_eq!(
        world.find(&issued.id, None).await,
        Ok((format!("arn:aws:iam::{ACCOUNT}:user/alice"), true)),
        "renamed"
    );

    let (old, mut writes) = (world.user("alice").await, WriteSet::new());
    repo::delete(&mut writes, account, &old);
    world.commit(writes).await;
    assert_eq!(world.find(&issued.id, None).await, Err(CredentialError::Unknown), "deleted");
}

#[tokio::test]
async fn session_tokens_are_opened_with_their_key_until_they_end() {
    for development in [false, true] {
        let world = world(development);
        let principal = Principal::Root { account: ACCOUNT.parse().unwrap(), partition: Partition::Aws };
        let hour = Duration::from_secs(3600);
        let grant = SessionGrant::new(principal);
        let made = world.tokens.issue(&grant, world.clock.now(), hour, &world.rng).unwrap();
        let (id, token) = (made.access_key_id.as_str(), Some(made.token.as_str()));
        assert_eq!(world.find(id, token).await, Ok((root(ACCOUNT), true)));
        assert_eq!(world.find(id, None).await, Err(CredentialError::Unknown), "no key of that id is stored");
        assert_eq!(world.find(id, Some("x")).await, Err(CredentialError::InvalidToken));
        let other = world.keys.parts.ids.issue(AccessKeyKind::Temporary, ACCOUNT.parse().unwrap(), 9);
        assert_eq!(world.find(&other, token).await, Err(CredentialError::InvalidToken));
        assert_eq!(world.keys.account_of(id), ACCOUNT.parse().ok());
        world.clock.advance(hour);
        assert_eq!(world.find(id, token).await, Err(CredentialError::Expired));
    }
}

#[tokio::test]
async fn root_keys_are_found_by_account() {
    let world = world(false);
    let one = world.issue(Owner::Root, ACCOUNT).await;
    world.clock.advance(Duration::from_secs(1));
    let two = world.issue(Owner::Root, ACCOUNT).await;
    // The number next to it: all but the last bit are the same.
    world.issue(Owner::Root, "111122223332").await;
    world.issue(Owner::User("AIDAX".to_owned()), ACCOUNT).await;
    let found = world.keys.of_root(ACCOUNT.parse().unwrap()).await.unwrap();
    assert_eq!(found.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&one.id, &two.id]);
}

#[tokio::test]
async fn the_last_use_of_a_key_goes_with_it() {
    let world = world(false);
    let issued = world.issue(Owner::Root, ACCOUNT).await;
    let region: Region = "eu-central-1".parse().unwrap();
    world.keys.used(&issued.id, "kms", &region);
    world.keys.uses().write(world.clock.now()).await.unwrap();
    world.keys.forget();
    let last = world.keys.last_use(&issued.id).await.unwrap().unwrap();
    assert_eq!((last.service.as_str(), last.at.0), ("kms", world.clock.now()));

    let mut writes = WriteSet::new();
    let found = world.keys.get(&issued.id).await.unwrap().unwrap();
    delete(&mut writes, &issued.id, found.revision);
    world.commit(writes).await;
    assert_eq!(world.keys.last_use(&issued.id).await.unwrap(), None);
    assert_eq!(world.find(&issued.id, None).await, Err(CredentialError::Unknown));
}
