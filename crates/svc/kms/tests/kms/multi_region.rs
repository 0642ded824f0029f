//! ReplicateKey, UpdatePrimaryRegion, and the deletion of related keys.

use garrison_api_kms::{operations as api, types};
use garrison_schema::ApiError;

use crate::harness::{ACCOUNT, REGION, World, refused};

const WEST: &str = "eu-west-1";
const EAST: &str = "us-east-1";

async fn primary(world: &World) -> String {
    world.create(types::CreateKeyRequest { multi_region: Some(true), ..Default::default() }).await.key_id
}

async fn replicate(
    world: &World,
    key_id: &str,
    region: &str,
) -> Result<types::ReplicateKeyResponse, ApiError> {
    let input = types::ReplicateKeyRequest {
        key_id: key_id.into(),
        replica_region: region.into(),
        tags: Some(vec![types::Tag { tag_key: "a".into(), tag_value: "b".into() }]),
        ..Default::default()
    };
    world.call(api::ReplicateKey, input).await
}

/// The type, the primary's region and the replicas' regions, as a region's key tells them.
async fn family(world: &World, key_id: &str, region: &str) -> (String, String, Vec<String>) {
    let key = world.describe_as(&world.root_in(ACCOUNT, region), key_id).await.unwrap();
    let family = key.multi_region_configuration.unwrap();
    let region_of = |key: types::MultiRegionKey| key.region.unwrap();
    (
        family.multi_region_key_type.unwrap().to_string(),
        family.primary_key.map(region_of).unwrap(),
        family.replica_keys.unwrap().into_iter().map(region_of).collect(),
    )
}

#[tokio::test]
async fn a_replica_shares_id_and_material() {
    let world = World::new();
    let key_id = primary(&world).await;
    assert!(key_id.starts_with("mrk-") && key_id.len() == 36);
    let answer = replicate(&world, &key_id, WEST).await.unwrap();
    let replica = answer.replica_key_metadata.unwrap();
    assert_eq!(replica.arn, Some(format!("arn:aws:kms:{WEST}:{ACCOUNT}:key/{key_id}")));
    assert!(answer.replica_policy.unwrap().contains("key-default-1"));
    assert_eq!(answer.replica_tags.unwrap().len(), 1);
    let original = world.describe(&key_id).await.unwrap();
    assert_eq!(replica.current_key_material_id, original.current_key_material_id);
    assert_eq!(family(&world, &key_id, REGION).await, ("PRIMARY".into(), REGION.into(), vec![WEST.into()]));
    assert_eq!(family(&world, &key_id, WEST).await, ("REPLICA".into(), REGION.into(), vec![WEST.into()]));

    replicate(&world, &key_id, EAST).await.unwrap();
    assert_eq!(family(&world, &key_id, WEST).await.2, [WEST, EAST]);
    refused(replicate(&world, &key_id, WEST).await, "AlreadyExistsException");
    for region in [REGION, "cn-north-1", "No Region"] {
        refused(replicate(&world, &key_id, region).await, "ValidationException");
    }
    let china = world.root_in(ACCOUNT, "cn-north-1");
    let input = types::CreateKeyRequest { multi_region: Some(true), ..Default::default() };
    let chinese = world.call_as(&china, api::CreateKey, input).await.unwrap().key_metadata.unwrap().key_id;
    for (region, accepted) in [(WEST, false), ("us-gov-west-1", false), ("cn-northwest-1", true)] {
        let (key_id, replica_region) = (chinese.clone(), region.into());
        let input = types::ReplicateKeyRequest { key_id, replica_region, ..Default::default() };
        let answer = world.call_as(&china, api::ReplicateKey, input).await;
        assert_eq!(answer.is_ok(), accepted, "{region}: {answer:?}");
    }
    refused(replicate(&world, &world.key().await, WEST).await, "UnsupportedOperationException");
    let west = world.root_in(ACCOUNT, WEST);
    let input =
        types::ReplicateKeyRequest { key_id, replica_region: "eu-north-1".into(), ..Default::default() };
    refused(world.call_as(&west, api::ReplicateKey, input).await, "UnsupportedOperationException");
}

#[tokio::test]
async fn the_primary_moves() {
    let world = World::new();
    let key_id = primary(&world).await;
    replicate(&world, &key_id, WEST).await.unwrap();
    replicate(&world, &key_id, EAST).await.unwrap();
    let input =
        types::UpdatePrimaryRegionRequest { key_id: key_id.clone(), primary_region: "eu-north-1".into() };
    refused(world.call(api::UpdatePrimaryRegion, input).await, "NotFoundException");
    let input = types::UpdatePrimaryRegionRequest { key_id: key_id.clone(), primary_region: WEST.into() };
    world.call(api::UpdatePrimaryRegion, input.clone()).await.unwrap();
    for (region, role) in [(REGION, "REPLICA"), (WEST, "PRIMARY"), (EAST, "REPLICA")] {
        let expected = (role.to_owned(), WEST.to_owned(), vec![REGION.to_owned(), EAST.to_owned()]);
        assert_eq!(family(&world, &key_id, region).await, expected);
    }
    refused(world.call(api::UpdatePrimaryRegion, input).await, "UnsupportedOperationException");
}

#[tokio::test]
async fn a_key_of_one_region_has_no_primary_to_move() {
    let world = World::new();
    let key_id = world.key().await;
    let input = types::UpdatePrimaryRegionRequest { key_id, primary_region: WEST.into() };
    refused(world.call(api::UpdatePrimaryRegion, input).await, "UnsupportedOperationException");
}

#[tokio::test]
async fn a_primary_waits_for_its_replicas_to_go() {
    let world = World::new();
    let key_id = primary(&world).await;
    replicate(&world, &key_id, WEST).await.unwrap();
    let schedule =
        types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: Some(10) };
    let answer = world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    assert_eq!(answer.key_state, Some(types::KeyState::PendingReplicaDeletion));
    assert_eq!((answer.deletion_date, answer.pending_window_in_days), (None, Some(10)));
    world.advance(100).await;
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!(key.pending_deletion_window_in_days, Some(10));

    let west = world.root_in(ACCOUNT, WEST);
    let schedule =
        types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: Some(7) };
    world.call_as(&west, api::ScheduleKeyDeletion, schedule).await.unwrap();
    world.advance(7).await;
    refused(world.describe_as(&west, &key_id).await, "NotFoundException");
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!(key.key_state, Some(types::KeyState::PendingDeletion));
    assert_eq!(key.deletion_date.unwrap(), world.root().time + std::time::Duration::from_secs(10 * 86_400));
    assert_eq!(family(&world, &key_id, REGION).await.2, Vec::<String>::new());
    world.advance(10).await;
    refused(world.describe(&key_id).await, "NotFoundException");
    assert!(world.store.dump().is_empty(), "{:?}", world.store.dump());
}

#[tokio::test]
async fn a_deleted_replica_can_come_again() {
    let world = World::new();
    let key_id = primary(&world).await;
    replicate(&world, &key_id, WEST).await.unwrap();
    let west = world.root_in(ACCOUNT, WEST);
    let schedule =
        types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: Some(7) };
    world.call_as(&west, api::ScheduleKeyDeletion, schedule).await.unwrap();
    world.advance(7).await;
    assert_eq!(family(&world, &key_id, REGION).await.2, Vec::<String>::new());
    replicate(&world, &key_id, WEST).await.unwrap();
    assert_eq!(family(&world, &key_id, WEST).await.0, "REPLICA");
}
