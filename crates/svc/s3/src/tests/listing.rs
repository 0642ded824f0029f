//! Lists of objects and versions.

use garrison_api_s3::{operations as api, types};

use crate::testing::{BUCKET, World, refused};

fn v2() -> types::ListObjectsV2Request {
    types::ListObjectsV2Request { bucket: BUCKET.into(), ..Default::default() }
}

/// Every page of a list: keys and, with a star, common prefixes.
async fn pages(world: &World, mut input: types::ListObjectsV2Request) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let page = world.call(api::ListObjectsV2, input.clone()).await.unwrap();
        let mut items: Vec<String> =
            page.contents.unwrap_or_default().into_iter().map(|object| object.key.unwrap()).collect();
        items.extend(
            page.common_prefixes.unwrap_or_default().into_iter().map(|p| format!("{}*", p.prefix.unwrap())),
        );
        assert_eq!(page.key_count, Some(items.len() as i32));
        assert_eq!(page.is_truncated, Some(page.next_continuation_token.is_some()));
        pages.push(items);
        match page.next_continuation_token {
            Some(token) => input.continuation_token = Some(token),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn keys_are_rolled_up_and_paged() {
    let world = World::new().await;
    for key in ["a", "b/1", "b/2", "b/c/3", "c", "d/x", "e\0", "e\u{1}", "f g"] {
        world.put(key, b"x").await;
    }
    let with = |prefix: &str, delimiter: Option<&str>, after: Option<&str>, most: Option<i32>| {
        types::ListObjectsV2Request {
            prefix: Some(prefix.into()),
            delimiter: delimiter.map(Into::into),
            start_after: after.map(Into::into),
            max_keys: most,
            ..v2()
        }
    };
    for (prefix, delimiter, after, most, expected) in [
        ("", Some("/"), None, None, vec![vec!["a", "c", "e\0", "e\u{1}", "f g", "b/*", "d/*"]]),
        ("b/", Some("/"), None, None, vec![vec!["b/1", "b/2", "b/c/*"]]),
        ("b", None, None, None, vec![vec!["b/1", "b/2", "b/c/3"]]),
        ("b", None, Some("b/1"), None, vec![vec!["b/2", "b/c/3"]]),
        (
            "",
            Some("/"),
            None,
            Some(2),
            vec![vec!["a", "b/*"], vec!["c", "d/*"], vec!["e\0", "e\u{1}"], vec!["f g"]],
        ),
        ("", None, Some("d/x"), Some(2), vec![vec!["e\0", "e\u{1}"], vec!["f g"]]),
        ("z", None, None, None, vec![vec![]]),
        ("", None, None, Some(0), vec![vec![]]),
    ] {
        let found = pages(&world, with(prefix, delimiter, after, most)).await;
        assert_eq!(found, expected, "{prefix} {delimiter:?} {after:?} {most:?}");
    }
    let encoded = types::ListObjectsV2Request {
        encoding_type: Some("url".into()),
        prefix: Some("f ".into()),
        fetch_owner: Some(true),
        ..v2()
    };
    let page = world.call(api::ListObjectsV2, encoded).await.unwrap();
    assert_eq!(page.prefix.as_deref(), Some("f%20"));
    let object = &page.contents.unwrap()[0];
    assert_eq!(object.key.as_deref(), Some("f%20g"));
    assert_eq!(object.owner.as_ref().unwrap().id.as_ref().unwrap().len(), 64);
    let wrong = types::ListObjectsV2Request { continuation_token: Some("x".into()), ..v2() };
    refused(world.call(api::ListObjectsV2, wrong).await, "InvalidArgument");
    let negative = types::ListObjectsV2Request { max_keys: Some(-1), ..v2() };
    refused(world.call(api::ListObjectsV2, negative).await, "InvalidArgument");
    refused(world.call_as(&world.user(), api::ListObjectsV2, v2()).await, "AccessDenied");
}

#[tokio::test]
async fn the_first_form_has_markers() {
    let world = World::new().await;
    for key in ["a/1", "a/2", "b", "c"] {
        world.put(key, b"x").await;
    }
    let list = |marker: Option<&str>, delimiter: Option<&str>| types::ListObjectsRequest {
        bucket: BUCKET.into(),
        marker: marker.map(Into::into),
        delimiter: delimiter.map(Into::into),
        max_keys: Some(1),
        ..Default::default()
    };
    let page = world.call(api::ListObjects, list(None, Some("/"))).await.unwrap();
    assert_eq!(page.next_marker.as_deref(), Some("a/"));
    let page = world.call(api::ListObjects, list(Some("a/"), Some("/"))).await.unwrap();
    assert_eq!(page.contents.unwrap()[0].key.as_deref(), Some("b"));
    let page = world.call(api::ListObjects, list(Some("a/1"), None)).await.unwrap();
    assert_eq!((page.next_marker, page.is_truncated), (None, Some(true)));
    assert_eq!(page.contents.unwrap()[0].key.as_deref(), Some("a/2"));
}

#[tokio::test]
async fn long_lists_skip_what_is_rolled_up() {
    let world = World::new().await;
    for i in 0..1010 {
        world.put(&format!("a/{i:04}"), b"").await;
    }
    world.put("b", b"").await;
    let input = types::ListObjectsV2Request { delimiter: Some("/".into()), ..v2() };
    assert_eq!(pages(&world, input).await, [["b", "a/*"]]);
    let all = pages(&world, v2()).await;
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 11]);
}

#[tokio::test]
async fn versions_and_markers_are_listed() {
    let world = World::versioned().await;
    let mut expected = Vec::new();
    for key in ["a", "b/1", "c"] {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(world.put(key, b"x").await.unwrap());
        }
        if key == "a" {
            ids.push(world.delete(key, None).await.version_id.unwrap());
        }
        expected.extend(ids.into_iter().rev().map(|id| (key.to_owned(), id)));
    }
    assert_eq!(pages(&world, v2()).await, [["b/1", "c"]], "what a marker hides is not listed");
    for most in [1, 2, 3, 4, 100] {
        let mut input = types::ListObjectVersionsRequest {
            bucket: BUCKET.into(),
            max_keys: Some(most),
            ..Default::default()
        };
        let mut found = Vec::new();
        loop {
            let page = world.call(api::ListObjectVersions, input.clone()).await.unwrap();
            let versions = page.versions.unwrap_or_default();
            let markers = page.delete_markers.unwrap_or_default();
            assert!(versions.len() + markers.len() <= most as usize);
            found.extend(
                markers
                    .into_iter()
                    .map(|marker| (marker.key.unwrap(), marker.version_id.unwrap(), marker.is_latest)),
            );
            found.extend(versions.into_iter().map(|version| {
                assert_eq!(version.size, Some(1));
                (version.key.unwrap(), version.version_id.unwrap(), version.is_latest)
            }));
            input.key_marker = page.next_key_marker;
            input.version_id_marker = page.next_version_id_marker;
            if page.is_truncated == Some(false) {
                break;
            }
        }
        let latest: Vec<_> =
            found.iter().filter(|item| item.2 == Some(true)).map(|item| item.0.as_str()).collect();
        assert_eq!(latest, ["a", "b/1", "c"], "{most}");
        let all: Vec<_> = found.into_iter().map(|(key, id, _)| (key, id)).collect();
        assert_eq!(all, expected, "{most}");
    }
    let rolled_up = types::ListObjectVersionsRequest {
        bucket: BUCKET.into(),
        delimiter: Some("/".into()),
        ..Default::default()
    };
    let page = world.call(api::ListObjectVersions, rolled_up).await.unwrap();
    assert_eq!(page.common_prefixes.unwrap()[0].prefix.as_deref(), Some("b/"));
    assert_eq!(page.versions.unwrap().len(), 6);
    let lonely = types::ListObjectVersionsRequest {
        bucket: BUCKET.into(),
        version_id_marker: Some("x".into()),
        ..Default::default()
    };
    refused(world.call(api::ListObjectVersions, lonely).await, "InvalidArgument");
}
