//! `DisablePolicyType`. Source: Organizations API Reference, "DisablePolicyType".
//!
//! Action `organizations:DisablePolicyType` on the root, with `organizations:PolicyType`.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error;
use crate::policies;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DisablePolicyType {
    const ACCESS: Access = Access::write("organizations:DisablePolicyType");
    const CALLERS: Callers = Callers::Delegates;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.root_id]).policy_type(input.policy_type.as_str())
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        if input.root_id != org.root {
            return Err(error::root_not_found());
        }
        let kind = policies::kind(&input.policy_type)?;
        let mut disabled = org.clone();
        if !disabled.policy_types.remove(kind.name) {
            return Err(error::type_not_enabled());
        }
        let mut change = seat.change();
        change.organization(&disabled);
        // As on AWS, every policy of the type comes off, and enabling the type again does not bring them back.
        let mut attached = repo.policies(&org.id).await?;
        attached.retain(|policy| policy.kind == kind.name);
        let ids = attached.iter().map(|policy| policy.id.as_str()).chain(policies::default_of(kind.name));
        for policy in ids {
            for target in repo.targets(&org.id, policy).await? {
                change.detach(kind.name, policy, &target);
            }
        }
        let output = types::DisablePolicyTypeResponse { root: Some(disabled.shown_root()) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, deny, each};

    #[tokio::test]
    async fn everything_of_the_type_comes_off() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let account = world.account("a").await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &account).await;
        let input = json!({"RootId": root, "PolicyType": "SERVICE_CONTROL_POLICY"});
        let disabled = world.ok("DisablePolicyType", input.clone()).await;
        assert_eq!(disabled["Root"]["PolicyTypes"], json!([]));
        assert!(world.membership(&account).await.service_control.is_empty());
        assert_eq!(world.refused("DisablePolicyType", input.clone()).await, "PolicyTypeNotEnabledException");
        world.ok("EnablePolicyType", input).await;
        let input = json!({"TargetId": account, "Filter": "SERVICE_CONTROL_POLICY"});
        let listed = world.ok("ListPoliciesForTarget", input).await;
        assert_eq!(each(&listed["Policies"], "Id"), ["p-FullAWSAccess"]);
        let input = json!({"RootId": "r-zzzz", "PolicyType": "TAG_POLICY"});
        assert_eq!(world.refused("DisablePolicyType", input).await, "RootNotFoundException");
    }
}
