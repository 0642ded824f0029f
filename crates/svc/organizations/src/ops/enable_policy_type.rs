//! `EnablePolicyType`. Source: Organizations API Reference, "EnablePolicyType".
//!
//! Action `organizations:EnablePolicyType` on the root, with `organizations:PolicyType`.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::policies;
use crate::records::FeatureSet;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::EnablePolicyType {
    const ACCESS: Access = Access::write("organizations:EnablePolicyType");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.root_id]).policy_type(input.policy_type.as_str())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        if input.root_id != org.root {
            return Err(error::root_not_found());
        }
        let kind = policies::kind(&input.policy_type)?;
        if org.features != FeatureSet::All {
            return Err(error::type_not_available());
        }
        let mut enabled = org.clone();
        if !enabled.policy_types.insert(kind.name.to_owned()) {
            return Err(errors::policy_type_already_enabled_exception(
                "The specified policy type is already enabled.",
            ));
        }
        let mut change = seat.change();
        change.organization(&enabled);
        if let Some(policy) = policies::default_of(kind.name) {
            let now = cx.time.as_millis();
            change.attach(kind.name, policy, &org.root, now);
            for unit in repo.units(&org.id).await? {
                change.attach(kind.name, policy, &unit.id, now);
            }
            for account in repo.accounts(&org.id).await? {
                change.attach(kind.name, policy, &account.id, now);
            }
        }
        let output = types::EnablePolicyTypeResponse { root: Some(enabled.shown_root()) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, text};

    #[tokio::test]
    async fn every_target_gets_the_policy_that_allows_everything() {
        let world = World::new().await;
        let root = world.root().await;
        let (unit, account) = (world.unit(&root, "u").await, world.account("a").await);
        world.move_account(&account, &root, &unit).await;
        assert!(world.membership(&account).await.service_control.is_empty());
        for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"] {
            let input = json!({"RootId": root, "PolicyType": kind});
            let enabled = world.ok("EnablePolicyType", input.clone()).await;
            assert_eq!(enabled["Root"]["PolicyTypes"][0]["Status"], "ENABLED");
            assert_eq!(world.refused("EnablePolicyType", input).await, "PolicyTypeAlreadyEnabledException");
        }
        let membership = world.membership(&account).await;
        for levels in [&membership.service_control, &membership.resource_control] {
            assert_eq!(levels.iter().map(|level| level.len()).collect::<Vec<_>>(), [1, 1, 1]);
        }
    }

    #[tokio::test]
    async fn types_are_enabled_in_the_root_of_an_organization_with_all_features() {
        let world = World::new().await;
        let root = world.root().await;
        for (root, kind, expected) in [
            ("r-zzzz", "TAG_POLICY", "RootNotFoundException"),
            (&root, "X", "InvalidInputException: INVALID_ENUM_POLICY_TYPE"),
        ] {
            let input = json!({"RootId": root, "PolicyType": kind});
            assert_eq!(world.refused("EnablePolicyType", input).await, expected);
        }
        world.ok_as(OTHER, "CreateOrganization", json!({"FeatureSet": "CONSOLIDATED_BILLING"})).await;
        let root = text(&world.ok_as(OTHER, "ListRoots", json!({})).await["Roots"][0]["Id"]);
        assert_eq!(
            world
                .refused_as(OTHER, "EnablePolicyType", json!({"RootId": root, "PolicyType": "TAG_POLICY"}))
                .await,
            "PolicyTypeNotAvailableForOrganizationException"
        );
    }
}
