//! CreateAlias, UpdateAlias, DeleteAlias, ListAliases, and AWS managed keys.

use garrison_api_kms::{operations as api, types};
use garrison_schema::ApiError;

use crate::harness::{ACCOUNT, REGION, World, refused};

async fn alias(world: &World, name: &str, key_id: &str) -> Result<(), ApiError> {
    let input = types::CreateAliasRequest { alias_name: name.into(), target_key_id: key_id.into() };
    world.call(api::CreateAlias, input).await.map(|_| ())
}

async fn list(world: &World, key_id: Option<&str>) -> Vec<(String, String)> {
    let input =
        types::ListAliasesRequest { key_id: key_id.map(Into::into), limit: Some(2), ..Default::default() };
    let (mut input, mut found) = (input, Vec::new());
    loop {
        let page = world.call(api::ListAliases, input.clone()).await.unwrap();
        for entry in page.aliases.unwrap() {
            let name = entry.alias_name.unwrap();
            assert_eq!(entry.alias_arn.unwrap(), format!("arn:aws:kms:{REGION}:{ACCOUNT}:{name}"));
            found.push((name, entry.target_key_id.unwrap()));
        }
        input.marker = page.next_marker;
        if input.marker.is_none() {
            return found;
        }
    }
}

#[tokio::test]
async fn an_alias_names_a_key_until_it_is_moved_or_deleted() {
    let world = World::new();
    let (a, b) = (world.key().await, world.key().await);
    alias(&world, "alias/x", &a).await.unwrap();
    let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/x");
    for name in ["alias/x", &arn] {
        assert_eq!(world.describe(name).await.unwrap().key_id, a);
    }
    let message = refused(alias(&world, "alias/x", &b).await, "AlreadyExistsException");
    assert_eq!(message, format!("An alias with the name {arn} already exists"));

    let update = types::UpdateAliasRequest { alias_name: "alias/x".into(), target_key_id: b.clone() };
    world.call(api::UpdateAlias, update.clone()).await.unwrap();
    world.call(api::UpdateAlias, update).await.unwrap();
    assert_eq!(world.describe("alias/x").await.unwrap().key_id, b);
    assert_eq!(list(&world, Some(&a)).await, []);
    assert_eq!(list(&world, Some(&b)).await, [("alias/x".to_owned(), b.clone())]);

    let delete = types::DeleteAliasRequest { alias_name: "alias/x".into() };
    world.call(api::DeleteAlias, delete.clone()).await.unwrap();
    assert_eq!(
        refused(world.describe("alias/x").await, "NotFoundException"),
        format!("Alias {arn} is not found.")
    );
    refused(world.call(api::DeleteAlias, delete).await, "NotFoundException");
    alias(&world, "alias/x", &a).await.unwrap();
}

#[tokio::test]
async fn names_and_targets_are_checked() {
    let world = World::new();
    let key_id = world.key().await;
    alias(&world, "alias/there", &key_id).await.unwrap();
    for (name, target, error) in [
        ("foo", key_id.as_str(), "ValidationException"),
        ("alias/a:b", &key_id, "ValidationException"),
        ("alias/", &key_id, "InvalidAliasNameException"),
        ("alias/aws/mine", &key_id, "NotAuthorizedException"),
        ("alias/x", "alias/there", "ValidationException"),
        ("alias/x", "00000000-0000-4000-8000-000000000000", "NotFoundException"),
    ] {
        refused(alias(&world, name, target).await, error);
    }
    let hmac = types::CreateKeyRequest {
        key_spec: Some(types::KeySpec::Hmac256),
        key_usage: Some(types::KeyUsageType::GenerateVerifyMac),
        ..Default::default()
    };
    let hmac = world.create(hmac).await.key_id;
    let update = types::UpdateAliasRequest { alias_name: "alias/there".into(), target_key_id: hmac };
    refused(world.call(api::UpdateAlias, update).await, "ValidationException");
}

#[tokio::test]
async fn operations_on_keys_only_take_no_alias() {
    let world = World::new();
    let key_id = world.key().await;
    alias(&world, "alias/mine", &key_id).await.unwrap();
    for key_id in
        ["alias/mine".to_owned(), format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/mine"), "alias/none".into()]
    {
        let disable = types::DisableKeyRequest { key_id: key_id.clone() };
        let refusals = [
            refused(world.call(api::DisableKey, disable).await, "InvalidArnException"),
            refused(
                world
                    .call(
                        api::GetKeyPolicy,
                        types::GetKeyPolicyRequest { key_id: key_id.clone(), ..Default::default() },
                    )
                    .await,
                "InvalidArnException",
            ),
            refused(
                world.call(api::GetKeyRotationStatus, types::GetKeyRotationStatusRequest { key_id }).await,
                "InvalidArnException",
            ),
        ];
        for message in refusals {
            assert_eq!(message, "Key Aliases are not supported for this operation.");
        }
    }
}

#[tokio::test]
async fn a_key_has_at_most_fifty_aliases() {
    let world = World::new();
    let key_id = world.key().await;
    for i in 0..50 {
        alias(&world, &format!("alias/{i:02}"), &key_id).await.unwrap();
    }
    refused(alias(&world, "alias/50", &key_id).await, "LimitExceededException");
    let names: Vec<String> = list(&world, Some(&key_id)).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, (0..50).map(|i| format!("alias/{i:02}")).collect::<Vec<_>>());
    assert_eq!(list(&world, None).await.len(), 50);
}

#[tokio::test]
async fn a_managed_key_appears_when_it_is_named() {
    let world = World::new();
    let key = world.describe("alias/aws/s3").await.unwrap();
    assert_eq!(key.key_manager, Some(types::KeyManagerType::Aws));
    assert_eq!(world.describe("alias/aws/s3").await.unwrap(), key);
    assert_eq!(list(&world, None).await, [("alias/aws/s3".to_owned(), key.key_id.clone())]);
    refused(world.describe("alias/aws/nothing").await, "NotFoundException");
    assert!(
        world
            .store
            .audit()
            .iter()
            .any(|r| r.event_name == "CreateKey" && r.event_source == "kms.amazonaws.com")
    );
    // Its policy lets nobody change it.
    let key_id = key.key_id;
    refused(
        world.call(api::DisableKey, types::DisableKeyRequest { key_id: key_id.clone() }).await,
        "AccessDeniedException",
    );
    let delete = types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: None };
    refused(world.call(api::ScheduleKeyDeletion, delete).await, "AccessDeniedException");
    refused(alias(&world, "alias/mine", &key_id).await, "AccessDeniedException");
    let delete = types::DeleteAliasRequest { alias_name: "alias/aws/s3".into() };
    refused(world.call(api::DeleteAlias, delete).await, "NotAuthorizedException");
}

#[tokio::test]
async fn calls_at_the_same_moment_keep_the_rules() {
    let world = World::new();
    let (a, b) = (world.key().await, world.key().await);
    for i in 0..48 {
        alias(&world, &format!("alias/{i:02}"), &a).await.unwrap();
    }
    // Five want the last two places.
    let results = tokio::join!(
        alias(&world, "alias/v", &a),
        alias(&world, "alias/w", &a),
        alias(&world, "alias/x", &a),
        alias(&world, "alias/y", &a),
        alias(&world, "alias/z", &a),
    );
    let results = [results.0, results.1, results.2, results.3, results.4];
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2);
    for result in results {
        if result.is_err() {
            refused(result, "LimitExceededException");
        }
    }
    assert_eq!(world.describe(&a).await.unwrap().key_id, a);
    assert_eq!(list(&world, Some(&a)).await.len(), 50);
    // Two want one name.
    let results = tokio::join!(alias(&world, "alias/same", &b), alias(&world, "alias/same", &b));
    let refusal = if results.0.is_ok() { results.1 } else { results.0 };
    refused(refusal, "AlreadyExistsException");
    // Two name a managed key that does not exist yet.
    let found = tokio::join!(world.describe("alias/aws/rds"), world.describe("alias/aws/rds"));
    assert_eq!(found.0.unwrap().key_id, found.1.unwrap().key_id);
}
