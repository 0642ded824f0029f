//! ScheduleKeyDeletion, CancelKeyDeletion, and the end of a key.

use garrison_api_kms::{operations as api, types};
use garrison_types::Timestamp;

use crate::harness::{START, World, arn, refused};

fn schedule(key_id: &str, days: Option<i32>) -> types::ScheduleKeyDeletionRequest {
    types::ScheduleKeyDeletionRequest { key_id: key_id.into(), pending_window_in_days: days }
}

#[tokio::test]
async fn a_key_waits_for_its_end_and_can_be_called_back() {
    let world = World::new();
    let key_id = world.key().await;
    let cancel = types::CancelKeyDeletionRequest { key_id: key_id.clone() };
    let message =
        refused(world.call(api::CancelKeyDeletion, cancel.clone()).await, "KMSInvalidStateException");
    assert_eq!(message, format!("{} is not pending deletion.", arn(&key_id)));
    for days in [6, 31, 365] {
        refused(
            world.call(api::ScheduleKeyDeletion, schedule(&key_id, Some(days))).await,
            "ValidationException",
        );
    }
    let at = Timestamp::from_seconds(START + 30 * 86_400);
    let answer = world.call(api::ScheduleKeyDeletion, schedule(&key_id, None)).await.unwrap();
    let expected = types::ScheduleKeyDeletionResponse {
        key_id: Some(arn(&key_id)),
        deletion_date: Some(at),
        key_state: Some(types::KeyState::PendingDeletion),
        pending_window_in_days: Some(30),
    };
    assert_eq!(answer, expected);
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!((key.deletion_date, key.enabled), (Some(at), Some(false)));

    let pending = format!("{} is pending deletion.", arn(&key_id));
    let alias = types::CreateAliasRequest { alias_name: "alias/x".into(), target_key_id: key_id.clone() };
    let describe = types::UpdateKeyDescriptionRequest { key_id: key_id.clone(), description: "x".into() };
    let tag = types::TagResourceRequest { key_id: key_id.clone(), tags: Vec::new() };
    for result in [
        world.call(api::ScheduleKeyDeletion, schedule(&key_id, None)).await.map(|_| ()),
        world.call(api::EnableKey, types::EnableKeyRequest { key_id: key_id.clone() }).await.map(|_| ()),
        world.call(api::DisableKey, types::DisableKeyRequest { key_id: key_id.clone() }).await.map(|_| ()),
        world.call(api::CreateAlias, alias).await.map(|_| ()),
        world.call(api::UpdateKeyDescription, describe).await.map(|_| ()),
        world.call(api::TagResource, tag).await.map(|_| ()),
    ] {
        assert_eq!(refused(result, "KMSInvalidStateException"), pending);
    }
    assert_eq!(world.call(api::CancelKeyDeletion, cancel).await.unwrap().key_id, Some(arn(&key_id)));
    world.advance(60).await;
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!((key.key_state, key.deletion_date), (Some(types::KeyState::Disabled), None));
}

#[tokio::test]
async fn at_the_end_nothing_of_the_key_is_left() {
    let world = World::new();
    let (key_id, other) = (world.key().await, world.key().await);
    let alias = types::CreateAliasRequest { alias_name: "alias/x".into(), target_key_id: key_id.clone() };
    world.call(api::CreateAlias, alias).await.unwrap();
    world.call(api::ScheduleKeyDeletion, schedule(&key_id, Some(7))).await.unwrap();
    world.advance(6).await;
    world.describe(&key_id).await.unwrap();
    world.advance(1).await;
    refused(world.describe(&key_id).await, "NotFoundException");
    refused(world.describe("alias/x").await, "NotFoundException");
    assert!(world.store.dump().iter().all(|(key, _)| !key.contains(&key_id) && !key.contains("alias")));
    assert_eq!(world.store.erasures(), 1);
    let records = world.store.audit();
    let record = records.iter().rev().find(|record| record.event_name == "DeleteKey").unwrap();
    let json: serde_json::Value = serde_json::from_slice(&record.json).unwrap();
    assert_eq!(json["eventType"], "AwsServiceEvent");
    assert_eq!(json["resources"][0]["ARN"], arn(&key_id));
    world.describe(&other).await.unwrap();
    world.advance(400).await;
    world.describe(&other).await.unwrap();
}

#[tokio::test]
async fn a_key_for_import_goes_back_to_waiting_for_material() {
    let world = World::new();
    let input = types::CreateKeyRequest { origin: Some(types::OriginType::External), ..Default::default() };
    let key_id = world.create(input).await.key_id;
    world.call(api::ScheduleKeyDeletion, schedule(&key_id, Some(7))).await.unwrap();
    world
        .call(api::CancelKeyDeletion, types::CancelKeyDeletionRequest { key_id: key_id.clone() })
        .await
        .unwrap();
    assert_eq!(world.describe(&key_id).await.unwrap().key_state, Some(types::KeyState::PendingImport));
}
