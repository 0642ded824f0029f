//! TagResource, UntagResource, ListResourceTags.

use garrison_api_kms::{operations as api, types};

use crate::harness::{World, refused};

fn tag(key: &str, value: &str) -> types::Tag {
    types::Tag { tag_key: key.into(), tag_value: value.into() }
}

async fn list(world: &World, key_id: &str) -> Vec<types::Tag> {
    let input = types::ListResourceTagsRequest { key_id: key_id.into(), ..Default::default() };
    world.call(api::ListResourceTags, input).await.unwrap().tags.unwrap()
}

#[tokio::test]
async fn tags_come_and_go() {
    let world = World::new();
    let input = types::CreateKeyRequest {
        tags: Some(vec![tag("team", "a"), tag("stage", "dev")]),
        ..Default::default()
    };
    let key_id = world.create(input).await.key_id;
    assert_eq!(list(&world, &key_id).await, [tag("stage", "dev"), tag("team", "a")]);
    let input =
        types::TagResourceRequest { key_id: key_id.clone(), tags: vec![tag("team", "b"), tag("x", "")] };
    world.call(api::TagResource, input).await.unwrap();
    let input =
        types::UntagResourceRequest { key_id: key_id.clone(), tag_keys: vec!["stage".into(), "none".into()] };
    world.call(api::UntagResource, input).await.unwrap();
    assert_eq!(list(&world, &key_id).await, [tag("team", "b"), tag("x", "")]);
}

#[tokio::test]
async fn tags_have_rules() {
    let world = World::new();
    let key_id = world.key().await;
    for (tags, error) in [
        (vec![tag("aws:x", "")], "TagException"),
        (vec![tag("a", ""), tag("a", "")], "TagException"),
        ((0..51).map(|i| tag(&i.to_string(), "")).collect(), "LimitExceededException"),
    ] {
        let input = types::TagResourceRequest { key_id: key_id.clone(), tags };
        refused(world.call(api::TagResource, input).await, error);
    }
    let input = types::TagResourceRequest {
        key_id: key_id.clone(),
        tags: (0..50).map(|i| tag(&format!("{i:02}"), "")).collect(),
    };
    world.call(api::TagResource, input).await.unwrap();
    let input = types::ListResourceTagsRequest { key_id, limit: Some(20), ..Default::default() };
    let page = world.call(api::ListResourceTags, input.clone()).await.unwrap();
    assert_eq!((page.tags.unwrap().len(), page.truncated), (20, Some(true)));
    let input = types::ListResourceTagsRequest { marker: page.next_marker, ..input };
    let page = world.call(api::ListResourceTags, input).await.unwrap();
    assert_eq!(page.tags.unwrap().first(), Some(&tag("20", "")));
}
