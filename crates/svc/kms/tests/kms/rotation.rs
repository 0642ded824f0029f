//! EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations, and the rotations.

use std::time::Duration;

use garrison_api_kms::{operations as api, types};
use garrison_clock::Clock as _;
use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_types::Timestamp;

use crate::harness::{ACCOUNT, REGION, START, STRANGER, World, arn, refused};

const WEST: &str = "eu-west-1";

fn day(days: i64) -> Timestamp {
    Timestamp::from_seconds(START + days * 86_400)
}

async fn enable(world: &World, key_id: &str, days: Option<i32>) -> Result<(), ApiError> {
    let input = types::EnableKeyRotationRequest { key_id: key_id.into(), rotation_period_in_days: days };
    world.call(api::EnableKeyRotation, input).await.map(|_| ())
}

async fn disable(world: &World, key_id: &str) -> Result<(), ApiError> {
    world
        .call(api::DisableKeyRotation, types::DisableKeyRotationRequest { key_id: key_id.into() })
        .await
        .map(|_| ())
}

async fn status_as(
    world: &World,
    cx: &Context,
    key_id: &str,
) -> Result<types::GetKeyRotationStatusResponse, ApiError> {
    world
        .call_as(cx, api::GetKeyRotationStatus, types::GetKeyRotationStatusRequest { key_id: key_id.into() })
        .await
}

async fn status(world: &World, key_id: &str) -> types::GetKeyRotationStatusResponse {
    status_as(world, &world.root(), key_id).await.unwrap()
}

async fn on_demand(world: &World, key_id: &str) -> Result<types::RotateKeyOnDemandResponse, ApiError> {
    world.call(api::RotateKeyOnDemand, types::RotateKeyOnDemandRequest { key_id: key_id.into() }).await
}

async fn materials_as(
    world: &World,
    cx: &Context,
    key_id: &str,
    all: bool,
) -> Vec<types::RotationsListEntry> {
    let include = if all {
        types::IncludeKeyMaterial::AllKeyMaterial
    } else {
        types::IncludeKeyMaterial::RotationsOnly
    };
    let (mut marker, mut found) = (None, Vec::new());
    loop {
        let input = types::ListKeyRotationsRequest {
            key_id: key_id.into(),
            include_key_material: Some(include.clone()),
            limit: Some(2),
            marker,
        };
        let page = world.call_as(cx, api::ListKeyRotations, input).await.unwrap();
        assert_eq!(page.truncated, Some(page.next_marker.is_some()));
        found.extend(page.rotations.unwrap());
        marker = page.next_marker;
        if marker.is_none() {
            return found;
        }
    }
}

async fn rotations(world: &World, key_id: &str) -> Vec<types::RotationsListEntry> {
    materials_as(world, &world.root(), key_id, false).await
}

async fn encrypt_as(world: &World, cx: &Context, key_id: &str) -> garrison_schema::Blob {
    let plaintext = b"plaintext".to_vec().into();
    let input = types::EncryptRequest { key_id: key_id.into(), plaintext, ..Default::default() };
    world.call_as(cx, api::Encrypt, input).await.unwrap().ciphertext_blob.unwrap()
}

async fn decrypts_as(world: &World, cx: &Context, blob: &garrison_schema::Blob) -> String {
    let input = types::DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
    let answer = world.call_as(cx, api::Decrypt, input).await.unwrap();
    assert_eq!(&*answer.plaintext.unwrap(), b"plaintext");
    answer.key_material_id.unwrap()
}

fn events(world: &World, name: &str) -> Vec<serde_json::Value> {
    let records = world.store.audit();
    let named = records.iter().filter(|record| record.event_name == name);
    named.map(|record| serde_json::from_slice(&record.json).unwrap()).collect()
}

async fn external(world: &World) -> String {
    let input = types::CreateKeyRequest { origin: Some(types::OriginType::External), ..Default::default() };
    world.create(input).await.key_id
}

async fn of_spec(world: &World, spec: &str, usage: &str) -> String {
    let input = types::CreateKeyRequest {
        key_spec: Some(spec.into()),
        key_usage: Some(usage.into()),
        ..Default::default()
    };
    world.create(input).await.key_id
}

#[tokio::test]
async fn rotation_is_switched_on_and_off() {
    let world = World::new();
    let key_id = world.key().await;
    let off = types::GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(false),
        key_id: Some(key_id.clone()),
        ..Default::default()
    };
    assert_eq!(status(&world, &key_id).await, off);
    enable(&world, &key_id, None).await.unwrap();
    let on = |days: i32, next: i64| types::GetKeyRotationStatusResponse {
        key_rotation_enabled: Some(true),
        rotation_period_in_days: Some(days),
        next_rotation_date: Some(day(next)),
        ..off.clone()
    };
    assert_eq!(status(&world, &key_id).await, on(365, 365));
    world.advance(10).await;
    enable(&world, &key_id, Some(365)).await.unwrap();
    assert_eq!(status(&world, &key_id).await, on(365, 365), "asking again puts nothing off");
    enable(&world, &key_id, Some(90)).await.unwrap();
    assert_eq!(status(&world, &key_id).await, on(90, 100));
    disable(&world, &key_id).await.unwrap();
    assert_eq!(status(&world, &key_id).await, off);
    world.advance(1000).await;
    assert!(rotations(&world, &key_id).await.is_empty());
    // To switch it on, an alias is taken as well.
    let alias = types::CreateAliasRequest { alias_name: "alias/x".into(), target_key_id: key_id.clone() };
    world.call(api::CreateAlias, alias).await.unwrap();
    enable(&world, "alias/x", Some(2560)).await.unwrap();
    assert_eq!(status(&world, &key_id).await, on(2560, 1010 + 2560));
    refused(disable(&world, "alias/x").await, "InvalidArnException");
}

#[tokio::test]
async fn what_does_not_rotate_says_so() {
    let world = World::new();
    let symmetric = world.key().await;
    for days in [0, 89, 2561, -1] {
        refused(enable(&world, &symmetric, Some(days)).await, "ValidationException");
    }
    let unsupported = "UnsupportedOperationException";
    for (spec, usage) in [("RSA_2048", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")] {
        let key_id = of_spec(&world, spec, usage).await;
        refused(enable(&world, &key_id, None).await, unsupported);
        refused(disable(&world, &key_id).await, unsupported);
        refused(on_demand(&world, &key_id).await, unsupported);
        assert_eq!(status(&world, &key_id).await.key_rotation_enabled, Some(false));
        let list = types::ListKeyRotationsRequest { key_id, ..Default::default() };
        refused(world.call(api::ListKeyRotations, list).await, unsupported);
    }
    let imported = external(&world).await;
    refused(enable(&world, &imported, None).await, unsupported);
    refused(disable(&world, &imported).await, unsupported);
    refused(on_demand(&world, &imported).await, "KMSInvalidStateException");
    assert_eq!(status(&world, &imported).await.key_rotation_enabled, Some(false));

    let stranger = world.root_in(STRANGER, REGION);
    refused(status_as(&world, &stranger, &arn(&symmetric)).await, "AccessDeniedException");
    let input = types::EnableKeyRotationRequest { key_id: arn(&symmetric), rotation_period_in_days: None };
    refused(world.call_as(&stranger, api::EnableKeyRotation, input).await, "AccessDeniedException");
    refused(enable(&world, "x", None).await, "NotFoundException");
    let list = types::ListKeyRotationsRequest {
        key_id: symmetric.clone(),
        marker: Some("x".into()),
        ..Default::default()
    };
    refused(world.call(api::ListKeyRotations, list).await, "InvalidMarkerException");

    world.call(api::DisableKey, types::DisableKeyRequest { key_id: symmetric.clone() }).await.unwrap();
    refused(enable(&world, &symmetric, None).await, "DisabledException");
    refused(disable(&world, &symmetric).await, "DisabledException");
    refused(on_demand(&world, &symmetric).await, "DisabledException");
    let schedule =
        types::ScheduleKeyDeletionRequest { key_id: symmetric.clone(), pending_window_in_days: None };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    refused(enable(&world, &symmetric, None).await, "KMSInvalidStateException");
    refused(disable(&world, &symmetric).await, "KMSInvalidStateException");
    refused(on_demand(&world, &symmetric).await, "KMSInvalidStateException");
}

#[tokio::test]
async fn a_key_rotates_at_its_own_times_when_years_go_by_at_once() {
    let world = World::new();
    let key_id = world.key().await;
    let first = world.describe(&key_id).await.unwrap().current_key_material_id.unwrap();
    let mut blobs = vec![encrypt_as(&world, &world.root(), &key_id).await];
    enable(&world, &key_id, Some(100)).await.unwrap();
    world.advance(99).await;
    assert!(rotations(&world, &key_id).await.is_empty());
    world.advance(1).await;
    blobs.push(encrypt_as(&world, &world.root(), &key_id).await);
    world.advance(1000).await;
    blobs.push(encrypt_as(&world, &world.root(), &key_id).await);
    let done = rotations(&world, &key_id).await;
    assert_eq!(done.len(), 11);
    for (number, rotation) in (1_i64..).zip(&done) {
        assert_eq!(rotation.rotation_date, Some(day(100 * number)));
        assert_eq!(rotation.rotation_type, Some(types::RotationType::Automatic));
        assert_eq!(rotation.key_id, Some(key_id.clone()));
        assert_eq!((&rotation.import_state, &rotation.expiration_model), (&None, &None));
    }
    assert_eq!(status(&world, &key_id).await.next_rotation_date, Some(day(1200)));
    let all = materials_as(&world, &world.root(), &key_id, true).await;
    assert_eq!(all.len(), 12);
    assert_eq!((all[0].key_material_id.as_ref(), all[0].rotation_date), (Some(&first), None));
    for (index, material) in all.iter().enumerate() {
        let current = index == 11;
        let expected =
            if current { types::KeyMaterialState::Current } else { types::KeyMaterialState::NonCurrent };
        assert_eq!(material.key_material_state, Some(expected));
    }
    let id_of = |index: usize| all[index].key_material_id.clone().unwrap();
    assert_eq!(world.describe(&key_id).await.unwrap().current_key_material_id, Some(id_of(11)));
    for (blob, index) in blobs.iter().zip([0, 1, 11]) {
        assert_eq!(decrypts_as(&world, &world.root(), blob).await, id_of(index));
    }
    let events = events(&world, "RotateKey");
    assert_eq!(events.len(), 11);
    let last = &events[10];
    assert_eq!(last["eventType"], "AwsServiceEvent");
    assert_eq!(last["resources"][0]["ARN"], arn(&key_id));
    assert_eq!(last["serviceEventDetails"]["rotationType"], "AUTOMATIC");
    assert_eq!(last["serviceEventDetails"]["keyOrigin"], "AWS_KMS");
    assert_eq!(last["serviceEventDetails"]["previousKeyMaterialId"], id_of(10));
    assert_eq!(last["serviceEventDetails"]["currentKeyMaterialId"], id_of(11));
}

#[tokio::test]
async fn a_disabled_key_rotates_when_it_is_enabled_again() {
    let world = World::new();
    let key_id = world.key().await;
    enable(&world, &key_id, Some(100)).await.unwrap();
    world.call(api::DisableKey, types::DisableKeyRequest { key_id: key_id.clone() }).await.unwrap();
    world.advance(350).await;
    assert!(rotations(&world, &key_id).await.is_empty());
    assert_eq!(status(&world, &key_id).await.key_rotation_enabled, Some(true));
    world.call(api::EnableKey, types::EnableKeyRequest { key_id: key_id.clone() }).await.unwrap();
    world.advance(0).await;
    let done = rotations(&world, &key_id).await;
    assert_eq!(done.iter().map(|rotation| rotation.rotation_date).collect::<Vec<_>>(), [Some(day(350))]);
    assert_eq!(status(&world, &key_id).await.next_rotation_date, Some(day(450)));

    // The same after a deletion that was called off, and meanwhile the status is off.
    let schedule =
        types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: Some(30) };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    assert_eq!(status(&world, &key_id).await.key_rotation_enabled, Some(false));
    world
        .call(api::CancelKeyDeletion, types::CancelKeyDeletionRequest { key_id: key_id.clone() })
        .await
        .unwrap();
    assert_eq!(status(&world, &key_id).await.next_rotation_date, Some(day(450)));
    world.call(api::EnableKey, types::EnableKeyRequest { key_id: key_id.clone() }).await.unwrap();
    world.advance(100).await;
    assert_eq!(rotations(&world, &key_id).await.len(), 2);
}

#[tokio::test]
async fn an_on_demand_rotation_leaves_the_schedule_alone() {
    let world = World::new();
    let key_id = world.key().await;
    enable(&world, &key_id, Some(100)).await.unwrap();
    let blob = encrypt_as(&world, &world.root(), &key_id).await;
    world.advance(50).await;
    assert_eq!(on_demand(&world, &key_id).await.unwrap().key_id, Some(key_id.clone()));
    assert_eq!(status(&world, &key_id).await.on_demand_rotation_start_date, Some(day(50)));
    refused(on_demand(&world, &key_id).await, "ConflictException");
    world.clock.advance(Duration::from_secs(60));
    world.advance(0).await;
    let answer = status(&world, &key_id).await;
    assert_eq!((answer.on_demand_rotation_start_date, answer.next_rotation_date), (None, Some(day(100))));
    let done = rotations(&world, &key_id).await;
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].rotation_type, Some(types::RotationType::OnDemand));
    assert_eq!(done[0].rotation_date, Some(day(50)));
    assert_eq!(events(&world, "RotateKey")[0]["serviceEventDetails"]["rotationType"], "ON_DEMAND");
    decrypts_as(&world, &world.root(), &blob).await;
    for _ in 1..25 {
        on_demand(&world, &key_id).await.unwrap();
        world.advance(0).await;
    }
    assert_eq!(rotations(&world, &key_id).await.len(), 25);
    refused(on_demand(&world, &key_id).await, "LimitExceededException");
    world.advance(51).await;
    assert_eq!(rotations(&world, &key_id).await.len(), 26, "the schedule goes on");
}

#[tokio::test]
async fn related_keys_rotate_together() {
    let world = World::new();
    let primary = types::CreateKeyRequest { multi_region: Some(true), ..Default::default() };
    let key_id = world.create(primary).await.key_id;
    let replicate = types::ReplicateKeyRequest {
        key_id: key_id.clone(),
        replica_region: WEST.into(),
        ..Default::default()
    };
    world.call(api::ReplicateKey, replicate).await.unwrap();
    let west = world.root_in(ACCOUNT, WEST);
    let input = types::EnableKeyRotationRequest { key_id: key_id.clone(), rotation_period_in_days: None };
    refused(world.call_as(&west, api::EnableKeyRotation, input).await, "UnsupportedOperationException");
    let input = types::RotateKeyOnDemandRequest { key_id: key_id.clone() };
    refused(world.call_as(&west, api::RotateKeyOnDemand, input).await, "UnsupportedOperationException");
    enable(&world, &key_id, Some(90)).await.unwrap();
    let replica = status_as(&world, &west, &key_id).await.unwrap();
    assert_eq!((replica.key_rotation_enabled, replica.next_rotation_date), (Some(true), Some(day(90))));

    world.advance(180).await;
    let here = materials_as(&world, &world.root(), &key_id, true).await;
    let there = materials_as(&world, &world.root_in(ACCOUNT, WEST), &key_id, true).await;
    assert_eq!((here.len(), &here), (3, &there));
    let blob = encrypt_as(&world, &world.root(), &key_id).await;
    decrypts_as(&world, &world.root_in(ACCOUNT, WEST), &blob).await;
    assert_eq!(events(&world, "RotateKey").len(), 4, "one for each key and rotation");

    let input = types::UpdatePrimaryRegionRequest { key_id: key_id.clone(), primary_region: WEST.into() };
    world.call(api::UpdatePrimaryRegion, input).await.unwrap();
    world.advance(90).await;
    assert_eq!(rotations(&world, &key_id).await.len(), 3);
    on_demand(&world, &key_id).await.unwrap_err();
    let input = types::DisableKeyRotationRequest { key_id: key_id.clone() };
    world.call_as(&world.root_in(ACCOUNT, WEST), api::DisableKeyRotation, input).await.unwrap();
    assert_eq!(status(&world, &key_id).await.key_rotation_enabled, Some(false));
    world.advance(1000).await;
    assert_eq!(rotations(&world, &key_id).await.len(), 3);
}

#[tokio::test]
async fn managed_keys_rotate_every_year() {
    let world = World::new();
    let key_id = world.describe("alias/aws/s3").await.unwrap().key_id;
    let answer = status(&world, &key_id).await;
    assert_eq!((answer.key_rotation_enabled, answer.next_rotation_date), (Some(true), Some(day(365))));
    world.advance(800).await;
    assert_eq!(rotations(&world, &key_id).await.len(), 2);
    refused(enable(&world, &key_id, None).await, "AccessDeniedException");
    refused(disable(&world, &key_id).await, "AccessDeniedException");
    refused(on_demand(&world, &key_id).await, "AccessDeniedException");
}

#[tokio::test]
async fn policies_see_the_period() {
    let world = World::new();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Deny","Principal":"*","Action":"kms:EnableKeyRotation","Resource":"*",
              "Condition":{{"NumericLessThan":{{"kms:RotationPeriodInDays":"180"}}}}}}]}}"#
    );
    let input = types::CreateKeyRequest { policy: Some(policy), ..Default::default() };
    let key_id = world.create(input).await.key_id;
    refused(enable(&world, &key_id, Some(179)).await, "AccessDeniedException");
    enable(&world, &key_id, Some(180)).await.unwrap();
}

#[tokio::test]
async fn nothing_is_left_of_a_key_that_rotated() {
    let world = World::new();
    let key_id = world.key().await;
    enable(&world, &key_id, Some(90)).await.unwrap();
    world.advance(200).await;
    on_demand(&world, &key_id).await.unwrap();
    let schedule = types::ScheduleKeyDeletionRequest { key_id, pending_window_in_days: Some(7) };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    world.advance(7).await;
    assert!(world.store.dump().is_empty(), "{:?}", world.store.dump());
}

#[tokio::test]
async fn no_rotation_on_demand_just_before_the_automatic_one() {
    let world = World::new();
    let key_id = world.key().await;
    enable(&world, &key_id, Some(90)).await.unwrap();
    world.advance(89).await;
    let until = |minutes: u64| Duration::from_secs(86_400 - minutes * 60);
    world.clock.advance(until(20));
    refused(on_demand(&world, &key_id).await, "ConflictException");
    disable(&world, &key_id).await.unwrap();
    on_demand(&world, &key_id).await.unwrap();
    refused(on_demand(&world, &key_id).await, "ConflictException");

    let world = World::new();
    let key_id = world.key().await;
    enable(&world, &key_id, Some(90)).await.unwrap();
    world.advance(89).await;
    world.clock.advance(until(21));
    on_demand(&world, &key_id).await.unwrap();
}
