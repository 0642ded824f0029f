//! What organizations mean for accounts, through every change.

use garrison_kernel::identity::Organizations as _;
use serde_json::json;

use crate::testing::{MANAGEMENT, OTHER, World, deny};

const TYPES: &[&str] = &["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"];

/// The last part of the names of every level's policies.
fn names(levels: &[garrison_policy::PolicyLevel]) -> Vec<Vec<String>> {
    let name = |policy: &std::sync::Arc<garrison_policy::CompiledPolicy>| {
        policy.name().rsplit('/').next().unwrap().to_owned()
    };
    levels.iter().map(|level| level.iter().map(name).collect()).collect()
}

#[tokio::test]
async fn levels_go_from_the_root_to_the_account() {
    let world = World::with_types(TYPES).await;
    let root = world.root().await;
    let unit = world.unit(&root, "u").await;
    let inner = world.unit(&unit, "v").await;
    let account = world.account("a").await;
    world.move_account(&account, &root, &inner).await;
    let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
    world.attach(&policy, &unit).await;
    let membership = world.membership(&account).await;
    let organization = membership.organization.as_ref().unwrap();
    assert_eq!(&*organization.path, format!("{}/{root}/{unit}/{inner}/", organization.id));
    assert_eq!(organization.management_account.as_str(), MANAGEMENT);
    let full = "p-FullAWSAccess".to_owned();
    assert_eq!(
        names(&membership.service_control),
        [vec![full.clone()], vec![policy, full.clone()], vec![full.clone()], vec![full]]
    );
    assert_eq!(names(&membership.resource_control), vec![vec!["p-RCPFullAWSAccess".to_owned()]; 4]);
}

#[tokio::test]
async fn levels_and_policies_are_shared() {
    let world = World::with_types(TYPES).await;
    let (a, b) = (world.account("a").await, world.account("b").await);
    let (a, b) = (world.membership(&a).await, world.membership(&b).await);
    assert!(std::sync::Arc::ptr_eq(&a.service_control[0], &b.service_control[0]));
    assert!(std::sync::Arc::ptr_eq(&a.service_control[1][0], &b.service_control[0][0]));
}

#[tokio::test]
async fn nobody_is_bound_outside_of_an_organization() {
    let world = World::with_types(TYPES).await;
    assert!(world.membership(OTHER).await.organization.is_none());
    let own = world.membership(MANAGEMENT).await;
    assert!(own.organization.is_some() && own.service_control.is_empty() && own.resource_control.is_empty());
}

#[tokio::test]
async fn a_change_is_seen_at_once_and_forgets_no_more_than_it_concerns() {
    let world = World::with_types(TYPES).await;
    let root = world.root().await;
    let (unit, beside) = (world.unit(&root, "u").await, world.unit(&root, "v").await);
    let (inside, outside) = (world.account("a").await, world.account("b").await);
    world.move_account(&inside, &root, &unit).await;
    world.move_account(&outside, &root, &beside).await;
    let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
    let cached = |account: &str| world.directory.cached(account.parse().unwrap());
    let load = async || (world.membership(&inside).await, world.membership(&outside).await);

    load().await;
    world.attach(&policy, &unit).await;
    assert!(cached(&inside).is_none() && cached(&outside).is_some());
    assert_eq!(load().await.0.service_control[1].len(), 2);

    let input = json!({"PolicyId": policy, "Content": deny("kms:*").to_string()});
    world.ok("UpdatePolicy", input).await;
    assert!(cached(&inside).is_none() && cached(&outside).is_some());
    load().await;

    world.move_account(&outside, &beside, &unit).await;
    assert!(cached(&inside).is_some() && cached(&outside).is_none());
    assert_eq!(load().await.1.service_control[1].len(), 2);

    world.ok("DetachPolicy", json!({"PolicyId": policy, "TargetId": unit})).await;
    assert!(cached(&inside).is_none() && cached(&outside).is_none());
    assert_eq!(load().await.0.service_control[1].len(), 1);

    world.ok("TagResource", json!({"ResourceId": policy, "Tags": [{"Key": "k", "Value": "v"}]})).await;
    world.ok("EnableAWSServiceAccess", json!({"ServicePrincipal": "config.amazonaws.com"})).await;
    assert!(cached(&inside).is_some() && cached(&outside).is_some());

    let input = json!({"RootId": root, "PolicyType": "RESOURCE_CONTROL_POLICY"});
    world.ok("DisablePolicyType", input).await;
    assert!(load().await.0.resource_control.is_empty());

    world.directory.forget();
    assert!(cached(&inside).is_none());
}

#[tokio::test]
async fn an_account_that_is_alone_is_remembered_until_it_joins() {
    let world = World::with_types(TYPES).await;
    world.membership(OTHER).await;
    assert!(world.directory.cached(OTHER.parse().unwrap()).is_some());
    world.invite(OTHER).await;
    assert_eq!(world.membership(OTHER).await.service_control.len(), 2);
}
