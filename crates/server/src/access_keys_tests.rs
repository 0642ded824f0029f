//! Who is let in, in both modes.

use garrison_clock::{Clock as _, ManualClock};
use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::seal::DomainKey;
use garrison_crypto::testing::SeededRng;
use garrison_store_sqlite::{Embedded, Options};
use tempfile::TempDir;

use super::*;

struct World {
    keys: AccessKeys,
    rng: SeededRng,
    clock: ManualClock,
    _folder: TempDir,
}

fn world(development: bool) -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Embedded::open(&folder.path().join("data"), &Options::development()).unwrap());
    let rng = SeededRng::new(1);
    let secret = LockedSecret::random(32, &rng).unwrap();
    let sealer = Arc::new(DomainKey::generate(&rng).unwrap().into_sealer());
    let ids = AccessKeyIds::new(DerivationKey::new(&secret));
    let keys = AccessKeys::new(ids, store, sealer, development);
    World { keys, rng, clock: ManualClock::new(Timestamp::from_seconds(1)), _folder: folder }
}

impl World {
    async fn issue(&self, account: &str) -> IssuedKey {
        let mut writes = WriteSet::new();
        let issued =
            self.keys.issue(account.parse().unwrap(), self.clock.now(), &self.rng, &mut writes).unwrap();
        self.keys.store.commit(writes).await.unwrap();
        issued
    }

    /// The account, and whether signatures are verified.
    async fn find(&self, id: &str, token: Option<&str>) -> Result<(String, bool), CredentialError> {
        let found = self.keys.find(id, token).await.unwrap();
        found.map(|c| (c.caller.principal.account().to_string(), c.secret.is_some()))
    }
}

#[tokio::test]
async fn issued_keys_are_verified_in_both_modes() {
    for development in [false, true] {
        let world = world(development);
        let issued = world.issue("111122223333").await;
        assert_eq!(issued.secret.len(), 40);
        assert_eq!(world.find(&issued.id, None).await, Ok(("111122223333".to_owned(), true)));
        let credential = world.keys.find(&issued.id, None).await.unwrap().ok().unwrap();
        assert_eq!(credential.secret.unwrap().expose(), issued.secret.as_bytes());
        assert_eq!(world.find(&issued.id, Some("token")).await, Err(CredentialError::InvalidToken));
        let unknown = world.keys.ids.issue(AccessKeyKind::Temporary, issued.account, 7);
        assert_eq!(
            world.find(&unknown, None).await,
            Err(CredentialError::Unknown),
            "issued-looking, but not there"
        );
        world.keys.deactivate(&issued.id).await.unwrap();
        assert_eq!(world.find(&issued.id, None).await, Err(CredentialError::Inactive));
        assert!(!world.keys.list().await.unwrap()[0].active);
        assert!(world.keys.deactivate("AKIANOTHERE").await.is_err());
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
        assert_eq!(development.find(id, None).await, Ok((account.to_owned(), false)), "{id}");
        assert_eq!(development.find(id, Some("token")).await, Err(CredentialError::InvalidToken));
    }
}
