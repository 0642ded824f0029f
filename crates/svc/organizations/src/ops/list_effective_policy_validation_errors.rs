//! `ListEffectivePolicyValidationErrors`. Source: Organizations API Reference, "ListEffectivePolicyValidationErrors".
//!
//! Action `organizations:ListEffectivePolicyValidationErrors` on the account, with `organizations:PolicyType`.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::paging::Paging;
use crate::policies;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tree;

impl Act for operations::ListEffectivePolicyValidationErrors {
    const ACCESS: Access = Access::read("organizations:ListEffectivePolicyValidationErrors");
    const CALLERS: Callers = Callers::Readers;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.account_id]).policy_type(input.policy_type.as_str())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let kind = policies::kind(&input.policy_type.as_str().into())?;
        let account = repo.member(&org.id, &input.account_id).await?;
        let lineage = repo.lineage(&org.id, &account.parent).await?;
        let effective = repo.effective(org, &account, kind).await?.ok_or_else(|| {
            errors::effective_policy_not_found_exception(
                "The account doesn't have an effective policy of this type.",
            )
        })?;
        let place =
            |error: &types::EffectivePolicyValidationError| error.path_to_error.clone().unwrap_or_default();
        let found: Vec<_> = effective.errors(kind).into_iter().map(|error| (place(&error), error)).collect();
        let (page, next_token) = paging.select(found, |(place, _)| place);
        Ok(Reply::new(types::ListEffectivePolicyValidationErrorsResponse {
            path: Some(format!("{}{}/", tree::path(&org.id, &lineage), account.id)),
            account_id: Some(account.id),
            policy_type: Some(input.policy_type.clone()),
            evaluation_timestamp: Some(cx.time),
            next_token,
            effective_policy_validation_errors: Some(page.into_iter().map(|(_, error)| error).collect()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{OTHER, World, each};

    #[tokio::test]
    async fn what_a_plan_lacks_is_told_with_the_policies_that_make_it() {
        let world = World::with_types(&["BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY"]).await;
        let root = world.root().await;
        let account = world.account("a").await;
        let plan = json!({"plans": {"daily": {
            "regions": {"@@assign": ["eu-central-1"]},
            "rules": {"nightly": {"schedule_expression": {"@@assign": "cron(0 5 ? * * *)"}}},
        }}});
        let policy = world.policy("BACKUP_POLICY", "p", &plan).await;
        world.attach(&policy, &root).await;
        let input = |kind: &str| json!({"AccountId": account, "PolicyType": kind});
        let found = world.ok("ListEffectivePolicyValidationErrors", input("BACKUP_POLICY")).await;
        let errors = &found["EffectivePolicyValidationErrors"];
        assert_eq!(
            each(errors, "PathToError"),
            ["plans/daily/rules/nightly/target_backup_vault_name", "plans/daily/selections"]
        );
        assert_eq!(errors[0]["ContributingPolicies"], json!([policy]));
        assert_eq!(errors[0]["ErrorCode"], "ELEMENT_MISSING");
        let choice = json!({"services": {"default": {"opt_out_policy": {"@@assign": "maybe"}}}});
        let policy = world.policy("AISERVICES_OPT_OUT_POLICY", "q", &choice).await;
        world.attach(&policy, &account).await;
        let found = world.ok("ListEffectivePolicyValidationErrors", input("AISERVICES_OPT_OUT_POLICY")).await;
        assert_eq!(each(&found["EffectivePolicyValidationErrors"], "ErrorCode"), ["ELEMENT_INVALID"]);
        for (id, kind, expected) in [
            (account.as_str(), "TAG_POLICY", "EffectivePolicyNotFoundException"),
            (OTHER, "BACKUP_POLICY", "AccountNotFoundException"),
            (account.as_str(), "X", "InvalidInputException: INVALID_ENUM_POLICY_TYPE"),
        ] {
            let input = json!({"AccountId": id, "PolicyType": kind});
            assert_eq!(world.refused("ListEffectivePolicyValidationErrors", input).await, expected);
        }
    }
}
