//! CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant, and what grants allow.

use std::collections::BTreeMap;

use garrison_api_kms::{operations as api, types};
use garrison_kernel::{Caller, Context, Principal};
use garrison_schema::ApiError;
use garrison_store::{Key as StoreKey, Store as _, WriteSet};
use types::GrantOperation as Op;

use crate::harness::{ACCOUNT, REGION, STRANGER, World, arn, refused};

const THIRD: &str = "777788889999";

fn root_of(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn grant(key_id: &str, grantee: &str, operations: &[Op]) -> types::CreateGrantRequest {
    types::CreateGrantRequest {
        key_id: key_id.into(),
        grantee_principal: Some(grantee.into()),
        operations: operations.to_vec(),
        ..Default::default()
    }
}

async fn create(world: &World, input: types::CreateGrantRequest) -> (String, String) {
    let made = world.call(api::CreateGrant, input).await.unwrap();
    (made.grant_id.unwrap(), made.grant_token.unwrap())
}

async fn encrypt(world: &World, cx: &Context, key: &str, context: &[(&str, &str)]) -> Result<(), ApiError> {
    encrypt_with(world, cx, key, context, &[]).await
}

async fn encrypt_with(
    world: &World,
    cx: &Context,
    key: &str,
    context: &[(&str, &str)],
    tokens: &[&str],
) -> Result<(), ApiError> {
    let input = types::EncryptRequest {
        key_id: key.into(),
        plaintext: vec![7; 8].into(),
        encryption_context: (!context.is_empty()).then(|| pairs(context)),
        grant_tokens: Some(tokens.iter().map(|token| (*token).to_owned()).collect()),
        ..Default::default()
    };
    world.call_as(cx, api::Encrypt, input).await.map(|_| ())
}

async fn listed(world: &World, key_id: &str) -> Vec<types::GrantListEntry> {
    let input = types::ListGrantsRequest { key_id: key_id.into(), ..Default::default() };
    world.call(api::ListGrants, input).await.unwrap().grants.unwrap()
}

fn service(world: &World, name: &'static str) -> Context {
    let account = ACCOUNT.parse().unwrap();
    Context { caller: Caller::new(Principal::Service { name, account }, None), ..world.root() }
}

#[tokio::test]
async fn a_grant_allows_its_operations_at_once_and_nothing_else() {
    let world = World::new();
    let stranger = world.root_in(STRANGER, REGION);
    let key = arn(&world.key().await);
    refused(encrypt(&world, &stranger, &key, &[]).await, "AccessDeniedException");
    let (id, token) = create(&world, grant(&key, &root_of(STRANGER), &[Op::Encrypt])).await;
    assert!(id.len() == 64 && token.len() <= 8192);
    encrypt(&world, &stranger, &key, &[]).await.unwrap();
    encrypt_with(&world, &stranger, &key, &[], &[&token]).await.unwrap();
    let cut: String = token.chars().skip(4).collect();
    for bad in ["x", "AAAA", &cut, &token.to_lowercase()] {
        let result = encrypt_with(&world, &stranger, &key, &[], &[bad]).await;
        refused(result, "InvalidGrantTokenException");
    }
    refused(world.describe_as(&stranger, &key).await, "AccessDeniedException");
    refused(encrypt(&world, &world.root_in(THIRD, REGION), &key, &[]).await, "AccessDeniedException");
    let revoke = types::RevokeGrantRequest { key_id: key.clone(), grant_id: id, dry_run: None };
    world.call(api::RevokeGrant, revoke).await.unwrap();
    refused(encrypt(&world, &stranger, &key, &[]).await, "AccessDeniedException");
    // The token of a grant that is gone is a token still; it allows nothing.
    refused(encrypt_with(&world, &stranger, &key, &[], &[&token]).await, "AccessDeniedException");
}

#[tokio::test]
async fn an_explicit_denial_wins_over_a_grant() {
    let world = World::new();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Deny","Principal":{{"AWS":"{STRANGER}"}},"Action":"kms:Encrypt","Resource":"*"}}]}}"#
    );
    let input = types::CreateKeyRequest { policy: Some(policy), ..Default::default() };
    let key = world.create(input).await.arn.unwrap();
    create(&world, grant(&key, &root_of(STRANGER), &[Op::Encrypt])).await;
    refused(encrypt(&world, &world.root_in(STRANGER, REGION), &key, &[]).await, "AccessDeniedException");
}

#[tokio::test]
async fn constraints_bind_the_encryption_context() {
    let world = World::new();
    let stranger = world.root_in(STRANGER, REGION);
    let ab = [("a", "1"), ("b", "2")];
    for (equals, context, allowed) in [
        (false, &ab[..1], true),
        (false, &ab[..], true),
        (false, &ab[1..], false),
        (false, &[], false),
        (false, &[("a", "2")], false),
        (true, &ab[..1], true),
        (true, &ab[..], false),
        (true, &[], false),
    ] {
        let key = arn(&world.key().await);
        let only_a = Some(pairs(&ab[..1]));
        let constraints = match equals {
            true => types::GrantConstraints { encryption_context_equals: only_a, ..Default::default() },
            false => types::GrantConstraints { encryption_context_subset: only_a, ..Default::default() },
        };
        let operations = [Op::Encrypt, Op::DescribeKey];
        let input = types::CreateGrantRequest {
            constraints: Some(constraints),
            ..grant(&key, &root_of(STRANGER), &operations)
        };
        create(&world, input).await;
        let result = encrypt(&world, &stranger, &key, context).await;
        assert_eq!(result.is_ok(), allowed, "{equals} {context:?}: {result:?}");
        // The constraint does not apply to operations without an encryption context.
        world.describe_as(&stranger, &key).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_grant_cannot_say_is_refused() {
    let world = World::new();
    let key = world.key().await;
    let spec = |spec: &str, usage: &str| types::CreateKeyRequest {
        key_spec: Some(spec.into()),
        key_usage: Some(usage.into()),
        ..Default::default()
    };
    let mac = world.create(spec("HMAC_256", "GENERATE_VERIFY_MAC")).await.key_id;
    let ecc = world.create(spec("ECC_NIST_P256", "SIGN_VERIFY")).await.key_id;
    let me = root_of(ACCOUNT);
    let base = || grant(&key, &me, &[Op::Encrypt]);
    let constrained = |constraints| types::CreateGrantRequest { constraints: Some(constraints), ..base() };
    let subset =
        |context| types::GrantConstraints { encryption_context_subset: Some(context), ..Default::default() };
    let for_service = |source_arn: Option<&str>, retiring: Option<&str>| types::CreateGrantRequest {
        grantee_principal: None,
        grantee_service_principal: Some("rds.amazonaws.com".into()),
        retiring_service_principal: retiring.map(str::to_owned),
        constraints: source_arn
            .map(|arn| types::GrantConstraints { source_arn: Some(arn.into()), ..Default::default() }),
        ..base()
    };
    let nine: Vec<(String, String)> = (0..9).map(|i| (i.to_string(), String::new())).collect();
    let validation = "ValidationException";
    for (input, name) in [
        (types::CreateGrantRequest { grantee_principal: None, ..base() }, validation),
        (
            types::CreateGrantRequest {
                grantee_service_principal: Some("rds.amazonaws.com".into()),
                ..base()
            },
            validation,
        ),
        (grant(&key, "arn:aws:iam::111122223333:group/x", &[Op::Encrypt]), "InvalidArnException"),
        (grant(&key, "somebody", &[Op::Encrypt]), "InvalidArnException"),
        (
            types::CreateGrantRequest { retiring_principal: Some("nobody".into()), ..base() },
            "InvalidArnException",
        ),
        (grant("alias/x", &me, &[Op::Encrypt]), "InvalidArnException"),
        (grant("00000000-0000-4000-8000-000000000000", &me, &[Op::Encrypt]), "NotFoundException"),
        (grant(&key, &me, &[]), validation),
        (grant(&key, &me, &[Op::CreateGrant]), validation),
        (grant(&key, &me, &[Op::Encrypt, Op::Sign]), validation),
        (grant(&key, &me, &[Op::GetPublicKey]), validation),
        (grant(&mac, &me, &[Op::Encrypt]), validation),
        (grant(&ecc, &me, &[Op::GenerateDataKey]), validation),
        (constrained(subset(nine.into_iter().collect())), validation),
        (constrained(subset(pairs(&[("k", &"v".repeat(384))]))), validation),
        (
            constrained(types::GrantConstraints {
                encryption_context_equals: Some(pairs(&[("a", "b")])),
                ..subset(pairs(&[("a", "b")]))
            }),
            validation,
        ),
        (
            types::CreateGrantRequest {
                constraints: Some(subset(pairs(&[("a", "b")]))),
                ..grant(&mac, &me, &[Op::GenerateMac])
            },
            validation,
        ),
        (for_service(None, Some("rds.amazonaws.com")), validation),
        (for_service(Some("arn:aws:rds:eu-central-1:111122223333:db:x"), None), validation),
        (for_service(Some("arn:aws:rds:eu-central-1:111122223333:db:x"), Some("rds")), validation),
        (
            types::CreateGrantRequest { grant_tokens: Some(vec!["x".into()]), ..base() },
            "InvalidGrantTokenException",
        ),
        (types::CreateGrantRequest { dry_run: Some(true), ..base() }, "DryRunOperationException"),
    ] {
        refused(world.call(api::CreateGrant, input.clone()).await, name);
    }
    assert!(listed(&world, &key).await.is_empty());
    world.call(api::CreateGrant, grant(&ecc, &me, &[Op::Sign, Op::GetPublicKey])).await.unwrap();
    world.call(api::CreateGrant, grant(&mac, &me, &[Op::VerifyMac, Op::RetireGrant])).await.unwrap();
    let input = for_service(Some("arn:aws:rds:eu-central-1:111122223333:db:x"), Some("rds.amazonaws.com"));
    world.call(api::CreateGrant, input).await.unwrap();
    // A grant for a resource is for no other, and no service names the one that it acts for yet.
    let key = arn(&key);
    refused(encrypt(&world, &service(&world, "rds.amazonaws.com"), &key, &[]).await, "AccessDeniedException");

    world.call(api::DisableKey, types::DisableKeyRequest { key_id: ecc.clone() }).await.unwrap();
    refused(world.call(api::CreateGrant, grant(&ecc, &me, &[Op::Sign])).await, "DisabledException");
    let external =
        types::CreateKeyRequest { origin: Some(types::OriginType::External), ..Default::default() };
    let waiting = world.create(external).await.key_id;
    let result = world.call(api::CreateGrant, grant(&waiting, &me, &[Op::Encrypt])).await;
    refused(result, "KMSInvalidStateException");
}

#[tokio::test]
async fn a_named_grant_is_made_once() {
    let world = World::new();
    let key = world.key().await;
    let named = |operations: &[Op]| types::CreateGrantRequest {
        name: Some("mine".into()),
        ..grant(&key, &root_of(STRANGER), operations)
    };
    let (first, token) = create(&world, named(&[Op::Encrypt, Op::Decrypt])).await;
    let (again, other_token) = create(&world, named(&[Op::Decrypt, Op::Encrypt])).await;
    assert_eq!(first, again);
    assert_ne!(token, other_token);
    let (different, _) = create(&world, named(&[Op::Decrypt])).await;
    assert_ne!(first, different);
    let (one, _) = create(&world, grant(&key, &root_of(STRANGER), &[Op::Decrypt])).await;
    let (two, _) = create(&world, grant(&key, &root_of(STRANGER), &[Op::Decrypt])).await;
    assert_ne!(one, two);
    assert_eq!(listed(&world, &key).await.len(), 4);
}

#[tokio::test]
async fn a_grantee_passes_on_no_more_than_it_has() {
    let world = World::new();
    let key = arn(&world.key().await);
    let stranger = world.root_in(STRANGER, REGION);
    let context = pairs(&[("a", "1")]);
    let parent = types::CreateGrantRequest {
        constraints: Some(types::GrantConstraints {
            encryption_context_subset: Some(context.clone()),
            ..Default::default()
        }),
        ..grant(&key, &root_of(STRANGER), &[Op::Encrypt, Op::CreateGrant, Op::RetireGrant])
    };
    create(&world, parent).await;
    let child = |operations: &[Op], constraints| types::CreateGrantRequest {
        constraints,
        ..grant(&key, &root_of(THIRD), operations)
    };
    let subset =
        |context| types::GrantConstraints { encryption_context_subset: Some(context), ..Default::default() };
    let equals =
        |context| types::GrantConstraints { encryption_context_equals: Some(context), ..Default::default() };
    for (operations, constraints, allowed) in [
        (&[Op::Encrypt][..], Some(subset(context.clone())), true),
        (&[Op::Encrypt], Some(equals(context.clone())), true),
        (&[Op::Encrypt], Some(equals(pairs(&[("a", "1"), ("b", "2")]))), true),
        (&[Op::Encrypt], None, false),
        (&[Op::Encrypt], Some(subset(pairs(&[("b", "2")]))), false),
        (&[Op::Encrypt, Op::Decrypt], Some(subset(context.clone())), false),
    ] {
        let result = world.call_as(&stranger, api::CreateGrant, child(operations, constraints.clone())).await;
        assert_eq!(result.is_ok(), allowed, "{operations:?} {constraints:?} {result:?}");
    }
    encrypt(&world, &world.root_in(THIRD, REGION), &key, &[("a", "1")]).await.unwrap();
    // The grantee's grantee was not given CreateGrant.
    let third = world.root_in(THIRD, REGION);
    let result = world.call_as(&third, api::CreateGrant, child(&[Op::Encrypt], Some(subset(context)))).await;
    refused(result, "AccessDeniedException");
    let issuers: Vec<_> =
        listed(&world, &key).await.into_iter().filter_map(|grant| grant.issuing_account).collect();
    assert_eq!(issuers.iter().filter(|issuer| **issuer == root_of(STRANGER)).count(), 3);
}

#[tokio::test]
async fn the_grant_says_who_may_retire_it() {
    let world = World::new();
    let key = arn(&world.key().await);
    let by_id = |id: &str| types::RetireGrantRequest {
        key_id: Some(key.clone()),
        grant_id: Some(id.into()),
        ..Default::default()
    };
    let owner = world.root();
    let (stranger, third) = (world.root_in(STRANGER, REGION), world.root_in(THIRD, REGION));
    for (operations, retiring, caller, allowed) in [
        (&[Op::Encrypt][..], None, &owner, true),
        (&[Op::Encrypt], None, &stranger, false),
        (&[Op::Encrypt, Op::RetireGrant], None, &stranger, true),
        (&[Op::Encrypt], Some(THIRD), &third, true),
        (&[Op::Encrypt], Some(THIRD), &stranger, false),
        (&[Op::Encrypt], Some(STRANGER), &third, false),
    ] {
        let input = types::CreateGrantRequest {
            retiring_principal: retiring.map(root_of),
            ..grant(&key, &root_of(STRANGER), operations)
        };
        let (id, _) = create(&world, input).await;
        let dry = types::RetireGrantRequest { dry_run: Some(true), ..by_id(&id) };
        let expected = if allowed { "DryRunOperationException" } else { "AccessDeniedException" };
        refused(world.call_as(caller, api::RetireGrant, dry).await, expected);
        let result = world.call_as(caller, api::RetireGrant, by_id(&id)).await;
        assert_eq!(result.is_ok(), allowed, "{operations:?} {retiring:?}: {result:?}");
        assert_eq!(
            listed(&world, &key).await.iter().any(|grant| grant.grant_id.as_ref() == Some(&id)),
            !allowed
        );
    }
    let (id, token) = create(&world, grant(&key, &root_of(STRANGER), &[Op::Encrypt])).await;
    let by_token =
        |token: &str| types::RetireGrantRequest { grant_token: Some(token.into()), ..Default::default() };
    refused(world.call(api::RetireGrant, by_token("AAAA")).await, "InvalidGrantTokenException");
    refused(world.call(api::RetireGrant, Default::default()).await, "ValidationException");
    let both = types::RetireGrantRequest { grant_token: Some(token.clone()), ..by_id(&id) };
    refused(world.call(api::RetireGrant, both).await, "ValidationException");
    refused(world.call(api::RetireGrant, by_id("short")).await, "InvalidGrantIdException");
    refused(world.call(api::RetireGrant, by_id(&"0".repeat(64))).await, "NotFoundException");
    refused(
        world.call_as(&stranger, api::RetireGrant, by_id(&"0".repeat(64))).await,
        "AccessDeniedException",
    );
    world.call(api::RetireGrant, by_token(&token)).await.unwrap();
    assert_eq!(world.last_audit()["requestParameters"].get("grantToken"), None);
    refused(world.call(api::RetireGrant, by_token(&token)).await, "NotFoundException");
}

#[tokio::test]
async fn revoking_is_by_the_key_policy() {
    let world = World::new();
    let key = world.key().await;
    let (id, _) = create(&world, grant(&key, &root_of(STRANGER), &[Op::Encrypt, Op::RetireGrant])).await;
    let revoke = |key: &str, id: &str, dry_run| types::RevokeGrantRequest {
        key_id: key.into(),
        grant_id: id.into(),
        dry_run,
    };
    let stranger = world.root_in(STRANGER, REGION);
    let result = world.call_as(&stranger, api::RevokeGrant, revoke(&arn(&key), &id, None)).await;
    refused(result, "AccessDeniedException");
    refused(world.call(api::RevokeGrant, revoke(&key, "x", None)).await, "InvalidGrantIdException");
    refused(world.call(api::RevokeGrant, revoke(&key, &"a".repeat(64), None)).await, "NotFoundException");
    let other = world.key().await;
    refused(world.call(api::RevokeGrant, revoke(&other, &id, None)).await, "NotFoundException");
    refused(world.call(api::RevokeGrant, revoke(&key, &id, Some(true))).await, "DryRunOperationException");
    world.call(api::DisableKey, types::DisableKeyRequest { key_id: key.clone() }).await.unwrap();
    world.call(api::RevokeGrant, revoke(&key, &id, None)).await.unwrap();
    refused(world.call(api::RevokeGrant, revoke(&key, &id, None)).await, "NotFoundException");
}

#[tokio::test]
async fn grants_are_listed_as_they_were_made() {
    let world = World::new();
    let key = world.key().await;
    let source = "arn:aws:rds:eu-central-1:111122223333:db:x";
    let constraints = types::GrantConstraints { source_arn: Some(source.into()), ..Default::default() };
    let input = types::CreateGrantRequest {
        key_id: key.clone(),
        grantee_service_principal: Some("rds.amazonaws.com".into()),
        retiring_principal: Some(root_of(THIRD)),
        operations: vec![Op::Decrypt, Op::Encrypt],
        name: Some("n".into()),
        constraints: Some(constraints.clone()),
        ..Default::default()
    };
    let (id, _) = create(&world, input).await;
    let expected = types::GrantListEntry {
        key_id: Some(arn(&key)),
        grant_id: Some(id.clone()),
        name: Some("n".into()),
        creation_date: Some(world.root().time),
        issuing_account: Some(root_of(ACCOUNT)),
        operations: Some(vec![Op::Decrypt, Op::Encrypt]),
        constraints: Some(constraints),
        grantee_service_principal: Some("rds.amazonaws.com".into()),
        retiring_principal: Some(root_of(THIRD)),
        ..Default::default()
    };
    assert_eq!(listed(&world, &key).await, [expected]);
    let mut ids = vec![id];
    for _ in 0..6 {
        ids.push(create(&world, grant(&key, &root_of(STRANGER), &[Op::Encrypt])).await.0);
    }
    ids.sort();
    let (mut marker, mut seen) = (None, Vec::new());
    loop {
        let input =
            types::ListGrantsRequest { key_id: key.clone(), limit: Some(3), marker, ..Default::default() };
        let page = world.call(api::ListGrants, input).await.unwrap();
        assert_eq!(page.truncated, Some(page.next_marker.is_some()));
        seen.extend(page.grants.unwrap().into_iter().filter_map(|grant| grant.grant_id));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let base = || types::ListGrantsRequest { key_id: key.clone(), ..Default::default() };
    for (input, count) in [
        (types::ListGrantsRequest { grant_id: Some(ids[3].clone()), ..base() }, 1),
        (types::ListGrantsRequest { grantee_principal: Some(root_of(STRANGER)), ..base() }, 6),
        (types::ListGrantsRequest { grantee_principal: Some(root_of(ACCOUNT)), ..base() }, 0),
        (
            types::ListGrantsRequest {
                grantee_service_principal: Some("rds.amazonaws.com".into()),
                ..base()
            },
            1,
        ),
        (types::ListGrantsRequest { grantee_principal: Some("rds.amazonaws.com".into()), ..base() }, 0),
    ] {
        assert_eq!(world.call(api::ListGrants, input).await.unwrap().grants.unwrap().len(), count);
    }
    let both = types::ListGrantsRequest {
        grantee_principal: Some(root_of(ACCOUNT)),
        grantee_service_principal: Some("rds.amazonaws.com".into()),
        ..base()
    };
    for (input, name) in [
        (both, "ValidationException"),
        (types::ListGrantsRequest { grant_id: Some("x".into()), ..base() }, "InvalidGrantIdException"),
        (types::ListGrantsRequest { grantee_principal: Some("x".into()), ..base() }, "InvalidArnException"),
        (types::ListGrantsRequest { marker: Some("x".into()), ..base() }, "InvalidMarkerException"),
        (types::ListGrantsRequest { key_id: "x".into(), ..Default::default() }, "NotFoundException"),
    ] {
        refused(world.call(api::ListGrants, input).await, name);
    }
}

#[tokio::test]
async fn a_principal_finds_what_it_may_retire_on_any_account_s_keys() {
    let world = World::new();
    let third = world.root_in(THIRD, REGION);
    let foreign =
        world.call_as(&world.root_in(STRANGER, REGION), api::CreateKey, Default::default()).await.unwrap();
    let foreign = foreign.key_metadata.unwrap().arn.unwrap();
    let own = world.key().await;
    let retired_by = |key: &str, who: &str| types::CreateGrantRequest {
        retiring_principal: Some(root_of(who)),
        ..grant(key, &root_of(ACCOUNT), &[Op::Encrypt])
    };
    let mut ids = vec![create(&world, retired_by(&own, THIRD)).await.0];
    ids.push(create(&world, retired_by(&own, THIRD)).await.0);
    let stranger = world.root_in(STRANGER, REGION);
    let made = world.call_as(&stranger, api::CreateGrant, retired_by(&foreign, THIRD)).await.unwrap();
    ids.push(made.grant_id.unwrap());
    create(&world, retired_by(&own, ACCOUNT)).await;
    ids.sort();
    let base = || types::ListRetirableGrantsRequest {
        retiring_principal: Some(root_of(THIRD)),
        ..Default::default()
    };
    let (mut marker, mut seen) = (None, Vec::new());
    loop {
        let input = types::ListRetirableGrantsRequest { limit: Some(2), marker, ..base() };
        let page = world.call_as(&third, api::ListRetirableGrants, input).await.unwrap();
        seen.extend(page.grants.unwrap().into_iter().filter_map(|grant| grant.grant_id));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    seen.sort();
    assert_eq!(seen, ids);
    // Another account's principals are its own affair, and another region's grants are there.
    for cx in [world.root(), world.root_in(THIRD, "us-east-1")] {
        assert!(
            world.call_as(&cx, api::ListRetirableGrants, base()).await.unwrap().grants.unwrap().is_empty()
        );
    }
    for (input, name) in [
        (types::ListRetirableGrantsRequest::default(), "ValidationException"),
        (
            types::ListRetirableGrantsRequest {
                retiring_service_principal: Some("a.amazonaws.com".into()),
                ..base()
            },
            "ValidationException",
        ),
        (
            types::ListRetirableGrantsRequest { retiring_principal: Some("x".into()), ..Default::default() },
            "InvalidArnException",
        ),
        (types::ListRetirableGrantsRequest { marker: Some("x".into()), ..base() }, "InvalidMarkerException"),
    ] {
        refused(world.call_as(&third, api::ListRetirableGrants, input).await, name);
    }
    // What is gone is listed no more.
    for id in &ids {
        let key = if seen.contains(id)
            && listed(&world, &own).await.iter().any(|g| g.grant_id.as_ref() == Some(id))
        {
            arn(&own)
        } else {
            foreign.clone()
        };
        let retire =
            types::RetireGrantRequest { key_id: Some(key), grant_id: Some(id.clone()), ..Default::default() };
        world.call_as(&third, api::RetireGrant, retire).await.unwrap();
    }
    assert!(
        world.call_as(&third, api::ListRetirableGrants, base()).await.unwrap().grants.unwrap().is_empty()
    );
}

#[tokio::test]
async fn grants_go_with_their_key() {
    let world = World::new();
    let key = world.key().await;
    let input = types::CreateGrantRequest {
        retiring_principal: Some(root_of(THIRD)),
        ..grant(&key, &root_of(STRANGER), &[Op::Encrypt])
    };
    create(&world, input).await;
    let schedule = types::ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    world.advance(7).await;
    assert!(world.store.dump().is_empty(), "{:?}", world.store.dump());
}

#[tokio::test]
async fn a_key_has_fifty_thousand_grants_and_no_more() {
    let world = World::new();
    let key = world.key().await;
    create(&world, grant(&key, &root_of(STRANGER), &[Op::Encrypt])).await;
    let (_, value) = world.store.dump().into_iter().find(|(key, _)| key.contains("/grant/")).unwrap();
    let mut writes = WriteSet::new();
    for number in 1..49_999 {
        let path = ["kms", ACCOUNT, REGION, "key", &key, "grant", &format!("{number:064}")];
        writes.put(StoreKey::of(&path), value.clone());
    }
    world.store.commit(writes).await.unwrap();
    let next = || types::CreateGrantRequest {
        name: Some("n".into()),
        ..grant(&key, &root_of(THIRD), &[Op::Encrypt])
    };
    create(&world, next()).await;
    let other = types::CreateGrantRequest { name: Some("o".into()), ..next() };
    refused(world.call(api::CreateGrant, other).await, "LimitExceededException");
    // What exists already needs no room.
    create(&world, next()).await;
}

#[tokio::test]
async fn policies_see_what_a_grant_shall_say() {
    let world = World::new();
    for (condition, denied) in [
        (r#"{"StringEquals":{"kms:GrantConstraintType":"EncryptionContextSubset"}}"#, true),
        (r#"{"StringEquals":{"kms:GrantConstraintType":"EncryptionContextEquals"}}"#, false),
        (r#"{"Bool":{"kms:GrantIsForAWSResource":"false"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"kms:GrantOperations":"Decrypt"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"kms:GrantOperations":"Encrypt"}}"#, false),
        (r#"{"StringLike":{"kms:GranteePrincipal":"arn:aws:iam::444455556666:*"}}"#, true),
        (r#"{"StringLike":{"kms:RetiringPrincipal":"arn:aws:iam::777788889999:*"}}"#, true),
        (r#"{"Null":{"kms:GranteeServicePrincipal":"false"}}"#, false),
        (r#"{"Null":{"kms:RetiringServicePrincipal":"false"}}"#, false),
        (r#"{"Null":{"kms:GrantConstraintSourceArn":"false"}}"#, false),
        (r#"{"StringEquals":{"kms:EncryptionContext:a":"1"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"a"}}"#, true),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"kms:*","Resource":"*"}},
                {{"Effect":"Deny","Principal":"*","Action":"kms:CreateGrant","Resource":"*","Condition":{condition}}}]}}"#
        );
        let key = types::CreateKeyRequest { policy: Some(policy), ..Default::default() };
        let key = world.create(key).await.key_id;
        let constraints = types::GrantConstraints {
            encryption_context_subset: Some(pairs(&[("a", "1")])),
            ..Default::default()
        };
        let input = types::CreateGrantRequest {
            retiring_principal: Some(root_of(THIRD)),
            constraints: Some(constraints),
            ..grant(&key, &root_of(STRANGER), &[Op::Decrypt])
        };
        let result = world.call(api::CreateGrant, input).await;
        assert_eq!(result.is_err(), denied, "{condition}: {result:?}");
    }
}
