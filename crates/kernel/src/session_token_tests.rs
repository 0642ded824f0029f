//! Session tokens: what goes in comes out, and nothing else opens.

use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::seal::DomainKey;
use garrison_crypto::testing::SeededRng;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn tokens(seed: u64, capacity: usize) -> SessionTokens {
    let rng = SeededRng::new(seed);
    let sealer = DomainKey::generate(&rng).unwrap().into_sealer();
    let ids = AccessKeyIds::new(DerivationKey::new(&LockedSecret::random(32, &rng).unwrap()));
    SessionTokens::new(Arc::new(sealer), Arc::new(ids), capacity)
}

fn root() -> Principal {
    Principal::Root { account: "111122223333".parse().unwrap(), partition: Partition::AwsCn }
}

fn user() -> Principal {
    Principal::User(Arc::new(User {
        account: "111122223333".parse().unwrap(),
        name: "alice".into(),
        id: "AIDAEXAMPLE".into(),
        arn: "arn:aws:iam::111122223333:user/team/alice".into(),
    }))
}

fn role(session: &str) -> Principal {
    let session = assumed_role("arn:aws:iam::111122223333:role/path/Reader", "AROAEXAMPLE", session);
    Principal::AssumedRole(Arc::new(session.unwrap()))
}

fn federated(issuer: Principal) -> Principal {
    Principal::FederatedUser(Arc::new(federated_user("bob", issuer).unwrap()))
}

fn principals() -> Vec<Principal> {
    vec![root(), user(), role("s"), federated(user()), federated(root())]
}

#[test]
fn arns_and_ids_are_aws_s() {
    let of = |principal: Principal| (principal.arn().to_string(), principal.user_id());
    let expected = [
        (role("s"), "arn:aws:sts::111122223333:assumed-role/Reader/s", "AROAEXAMPLE:s"),
        (federated(user()), "arn:aws:sts::111122223333:federated-user/bob", "111122223333:bob"),
        (federated(root()), "arn:aws-cn:sts::111122223333:federated-user/bob", "111122223333:bob"),
    ];
    for (principal, arn, id) in expected {
        assert_eq!(of(principal), (arn.to_owned(), id.to_owned()));
    }
    assert!(assumed_role("arn:aws:iam::x:role/Reader", "AROA", "s").is_none());
    assert!(federated_user("bob", role("s")).is_none());
}

#[test]
fn only_those_with_credentials_of_their_own_have_sessions() {
    let account = "111122223333".parse().unwrap();
    for principal in [Principal::Anonymous, Principal::Service { name: "kms.amazonaws.com", account }] {
        let grant = SessionGrant::new(principal);
        let issued = tokens(1, 1).issue(&grant, NOW, HOUR, &SeededRng::new(2));
        assert_eq!(issued.err(), Some(IssueError::NoSession));
    }
}

#[test]
fn a_token_is_filled_up_and_bounded() {
    let (tokens, rng) = (tokens(1, 8), SeededRng::new(2));
    for minimum_token_size in [0, 1, 700, 4096, MAX_TOKEN_LEN, MAX_TOKEN_LEN + 1] {
        let grant = SessionGrant { minimum_token_size, ..SessionGrant::new(user()) };
        let issued = tokens.issue(&grant, NOW, HOUR, &rng).unwrap();
        let len = issued.token.len();
        assert!(len >= minimum_token_size.min(MAX_TOKEN_LEN) && len <= MAX_TOKEN_LEN, "{len}");
        assert!(tokens.open(&issued.token, &issued.access_key_id, NOW).is_ok());
    }
    let policies = vec!["x".repeat(MAX_TOKEN_LEN * 3 / 4)];
    let grant = SessionGrant { policies, ..SessionGrant::new(user()) };
    assert_eq!(tokens.issue(&grant, NOW, HOUR, &rng).err(), Some(IssueError::TooLarge));
}

#[test]
fn a_session_ends() {
    let (tokens, rng) = (tokens(1, 8), SeededRng::new(2));
    let issued = tokens.issue(&SessionGrant::new(user()), NOW, HOUR, &rng).unwrap();
    let open =
        |now| tokens.open(&issued.token, &issued.access_key_id, now).map(|session| session.session.expires);
    assert_eq!(issued.expiration, NOW + HOUR);
    assert_eq!(open(NOW), Ok(issued.expiration));
    assert_eq!(open(NOW + HOUR - Duration::from_millis(1)), Ok(issued.expiration));
    assert_eq!(open(NOW + HOUR), Err(CredentialError::Expired));
    tokens.forget();
    assert_eq!(open(NOW + HOUR), Err(CredentialError::Expired));
}

#[test]
fn a_token_opens_only_here_and_with_its_own_access_key() {
    let (here, elsewhere, rng) = (tokens(1, 8), tokens(9, 8), SeededRng::new(2));
    let issued = here.issue(&SessionGrant::new(role("s")), NOW, HOUR, &rng).unwrap();
    let other = here.issue(&SessionGrant::new(user()), NOW, HOUR, &rng).unwrap();
    assert!(issued.access_key_id.starts_with("ASIA"));
    for round in ["sealed", "held in memory"] {
        assert!(here.open(&issued.token, &issued.access_key_id, NOW).is_ok(), "{round}");
        let stolen = here.open(&issued.token, &other.access_key_id, NOW);
        assert_eq!(stolen.err(), Some(CredentialError::InvalidToken), "{round}");
    }
    for token in ["", "AAAA", "no base64!", issued.token.get(4..).unwrap(), &"A".repeat(MAX_TOKEN_LEN + 4)] {
        let opened = here.open(token, &issued.access_key_id, NOW);
        assert_eq!(opened.err(), Some(CredentialError::InvalidToken), "{token}");
    }
    let foreign = elsewhere.open(&issued.token, &issued.access_key_id, NOW);
    assert_eq!(foreign.err(), Some(CredentialError::InvalidToken));
}

#[test]
fn a_hot_session_is_opened_once_and_memory_stays_bounded() {
    let (tokens, rng) = (tokens(1, 3), SeededRng::new(2));
    let issue = |ttl| tokens.issue(&SessionGrant::new(user()), NOW, ttl, &rng).unwrap();
    let first = issue(HOUR);
    let open =
        |issued: &SessionCredentials, now| tokens.open(&issued.token, &issued.access_key_id, now).unwrap();
    assert!(Arc::ptr_eq(&open(&first, NOW), &open(&first, NOW)));
    for _ in 0..5 {
        open(&issue(HOUR), NOW);
        assert!(tokens.opened.read().sessions.len() <= 3);
    }
    tokens.forget();
    let short: Vec<_> = (0..3).map(|_| issue(Duration::from_secs(900))).collect();
    short.iter().for_each(|issued| drop(open(issued, NOW)));
    open(&first, NOW + Duration::from_secs(1000));
    assert_eq!(tokens.opened.read().sessions.len(), 1, "sessions that are over made room");
}

/// What a first release issued stays readable: a record as it stands in a token.
#[test]
fn records_of_the_first_release_open() {
    let json = r#"{"v":"1","who":{"federated":{"name":"bob","issuer":{"user":{"arn":
        "arn:aws:iam::111122223333:user/team/alice","id":"AIDAEXAMPLE"}}}},"issued":1,"expires":2,"mfa":1,
        "source_identity":"me","tags":[["a","b"]],"transitive":["a"],"policies":["{}"],"policy_arns":["arn"],
        "provider":"p","context":[["saml:aud",["x"]]]}"#;
    let Record::V1(record) = serde_json::from_str(json).unwrap();
    let (principal, session) = record.open().unwrap();
    assert_eq!(principal, federated(user()));
    assert_eq!(session.issued, Timestamp::from_millis(1));
    assert_eq!(session.policies[0].name(), POLICY_NAME);
}

prop_compose! {
    fn any_grant()(
        who in 0_usize..5,
        mfa in proptest::option::of(0_i64..1 << 45),
        source_identity in proptest::option::of("[a-z]{2,10}"),
        tags in proptest::collection::vec((".{1,8}", ".{0,8}"), 0..4),
        transitive_tags in proptest::collection::vec(".{1,8}", 0..4),
        policies in proptest::collection::vec(".{0,60}", 0..2),
        policy_arns in proptest::collection::vec(".{0,20}", 0..3),
        provider in proptest::option::of(".{0,20}"),
        context in proptest::collection::vec((".{1,8}", proptest::collection::vec(".{0,8}", 0..3)), 0..3),
        minimum_token_size in 0_usize..5000,
    ) -> SessionGrant {
        SessionGrant {
            principal: principals().swap_remove(who),
            mfa: mfa.map(Timestamp::from_millis),
            source_identity, tags, transitive_tags, policies, policy_arns, provider, context, minimum_token_size,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_in_comes_out(grant in any_grant(), seed in any::<u64>(), bit in any::<prop::sample::Index>()) {
        let (tokens, rng) = (tokens(1, 8), SeededRng::new(seed));
        let issued = tokens.issue(&grant, NOW, HOUR, &rng).unwrap();
        let opened = tokens.open(&issued.token, &issued.access_key_id, NOW).unwrap();
        prop_assert_eq!(opened.secret.expose(), issued.secret_access_key.as_bytes());
        prop_assert_eq!(issued.secret_access_key.len(), SECRET_LEN);
        prop_assert_eq!(tokens.ids.recognise(&issued.access_key_id), Some(grant.principal.account()));
        let session = &opened.session;
        prop_assert_eq!(&opened.caller.principal, &grant.principal);
        prop_assert_eq!(opened.caller.arn.clone(), grant.principal.arn());
        prop_assert_eq!(session.issued, NOW);
        prop_assert_eq!(session.expires, issued.expiration);
        prop_assert_eq!(session.mfa, grant.mfa);
        prop_assert_eq!(session.source_identity.as_deref(), grant.source_identity.as_deref());
        prop_assert_eq!(&session.tags, &grant.tags);
        prop_assert_eq!(&session.transitive_tags, &grant.transitive_tags);
        prop_assert_eq!(session.policies.len(), grant.policies.len());
        prop_assert_eq!(&session.policy_arns, &grant.policy_arns);
        prop_assert_eq!(session.provider.as_deref(), grant.provider.as_deref());
        prop_assert_eq!(&session.context, &grant.context);

        let mut altered = base64_simd::STANDARD.decode_to_vec(&issued.token).unwrap();
        let at = bit.index(altered.len() * 8);
        altered[at / 8] ^= 1 << (at % 8);
        let altered = base64_simd::STANDARD.encode_to_string(&altered);
        let refused = tokens.open(&altered, &issued.access_key_id, NOW).err();
        prop_assert_eq!(refused, Some(CredentialError::InvalidToken));
    }
}
