//! `SimulatePrincipalPolicy`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/SimulatePrincipalPolicy>
//!
//! Action `iam:SimulatePrincipalPolicy` on the user, group or role. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::SimulatePrincipalPolicy;
use garrison_api_iam::types::{PolicyIdentifier, PolicyIdentifierPolicyType};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::{PolicyLevel, PrincipalKind, Values};
use garrison_schema::ApiError;

use crate::principal_source::{Held, Source};
use crate::service::Iam;
use crate::simulation::{Asked, SimulatedCaller, Simulation};

impl Handler<Iam> for SimulatePrincipalPolicy {
    const ACCESS: Access = Access::read("iam:SimulatePrincipalPolicy");
    type Target = Source;

    async fn resolve(iam: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Source>, ApiError> {
        let source = Source::find(iam, cx, &input.policy_source_arn).await?;
        let check = source.check();
        Ok(Resolved::new(source, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Source,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Source,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let held = target.policies(iam, cx).await?;
        let excluded = input.policy_exclusion_list.as_deref().unwrap_or_default();
        let texts = input.policy_input_list.as_deref().unwrap_or_default();
        let boundary = input.permissions_boundary_policy_input_list.as_deref();
        let mut simulation = Simulation::new(cx, texts, boundary, input.context_entries.as_deref())?;
        for policy in held.policies.iter().filter(|policy| !excluded.iter().any(|one| excludes(one, policy)))
        {
            simulation.identity.push(simulation.policies.add_held(policy)?);
        }
        // A boundary that is passed stands for the one that is there.
        let bounded = !excluded.iter().any(|one| is(one, PolicyIdentifierPolicyType::PermissionBoundary));
        if let Some(own) = held.boundary.filter(|_| bounded && simulation.boundary.is_none()) {
            simulation.boundary = Some(simulation.policies.add_held(&own)?);
        }
        let membership = iam.kernel().organizations().membership(cx.account()).await?;
        simulation.service_control =
            remaining(&membership.service_control, excluded, PolicyIdentifierPolicyType::Scp);
        simulation.resource_control =
            remaining(&membership.resource_control, excluded, PolicyIdentifierPolicyType::Rcp);
        if let Some(caller) = caller(target) {
            simulation.caller = SimulatedCaller { account: cx.account(), ..caller };
        }
        if let Some(arn) = &input.caller_arn {
            let source = Source::find(iam, cx, arn).await?;
            let invalid = || api::invalid_input_exception(format!("Invalid Caller Arn: {arn}"));
            let user =
                caller(&source).filter(|caller| caller.kind == PrincipalKind::User).ok_or_else(invalid)?;
            simulation.caller = SimulatedCaller { account: cx.account(), ..user };
        } else if input.resource_policy.is_some() && simulation.caller.kind != PrincipalKind::User {
            return Err(api::invalid_input_exception(
                "CallerArn is required when a resource policy is specified and the policy source is not a user.",
            ));
        }
        let answer = simulation.run(&Asked {
            actions: &input.action_names,
            resources: input.resource_arns.as_deref(),
            resource_policy: input.resource_policy.as_deref(),
            resource_owner: input.resource_owner.as_deref(),
            resource_handling: input.resource_handling_option.as_deref(),
            max_items: input.max_items,
            marker: input.marker.as_deref(),
        })?;
        Ok(Reply::new(answer))
    }
}

/// Who asks for a user or role; nobody for a group.
fn caller(source: &Source) -> Option<SimulatedCaller> {
    let (kind, id, tags) = match source {
        Source::User(named) => named.get().map(|user| (PrincipalKind::User, &user.id, &user.tags)).ok()?,
        Source::Role(named) => named.get().map(|role| (PrincipalKind::Role, &role.id, &role.tags)).ok()?,
        Source::Group(_) => return None,
    };
    Some(SimulatedCaller {
        kind,
        arn: source.arn().to_owned(),
        account: garrison_types::AccountId::ZERO,
        id: id.clone(),
        tags: tags.0.clone(),
    })
}

fn is(identifier: &PolicyIdentifier, kind: PolicyIdentifierPolicyType) -> bool {
    identifier.policy_type.as_ref() == Some(&kind)
}

/// Whether a policy is left out: by its ARN, or an inline one by its name and who has it.
fn excludes(identifier: &PolicyIdentifier, held: &Held) -> bool {
    if let Some(inline) = &identifier.inline_policy_identifier {
        return held.arn.is_none()
            && inline.policy_name == held.name
            && (inline.attachment_type.as_str(), inline.attachment_name.as_str())
                == (held.holder.0, &*held.holder.1);
    }
    let bounds = is(identifier, PolicyIdentifierPolicyType::PermissionBoundary);
    !bounds && identifier.policy_arn.is_some() && identifier.policy_arn == held.arn
}

/// The levels of an organization's policies without those that are left out.
fn remaining(
    levels: &[PolicyLevel],
    excluded: &[PolicyIdentifier],
    kind: PolicyIdentifierPolicyType,
) -> Vec<PolicyLevel> {
    let of_kind: Vec<_> = excluded.iter().filter(|one| is(one, kind.clone())).collect();
    let stays =
        |name: &str| !of_kind.iter().any(|one| one.policy_arn.as_deref().is_none_or(|arn| arn == name));
    levels
        .iter()
        .map(|level| level.iter().filter(|policy| stays(policy.name())).cloned().collect::<PolicyLevel>())
        .filter(|level| !level.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::World;

    const ROLE: &str = "arn:aws:iam::111122223333:role/App";
    const READ: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;

    async fn role() -> World {
        let world = World::new();
        world.role("App").await;
        world
            .call("PutRolePolicy", json!({"RoleName": "App", "PolicyName": "p", "PolicyDocument": READ}))
            .await;
        let aws = json!({"RoleName": "App", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"});
        world.call("AttachRolePolicy", aws).await;
        world
    }

    async fn decided(world: &World, extra: Value) -> Vec<Value> {
        let mut input = json!({"PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject", "iam:ListUsers", "iam:CreateUser"]});
        for (member, value) in extra.as_object().unwrap() {
            input[member] = value.clone();
        }
        let output = world.call("SimulatePrincipalPolicy", input).await;
        output["EvaluationResults"].as_array().unwrap().clone()
    }

    fn decisions(results: &[Value]) -> Vec<&str> {
        results.iter().map(|result| result["EvalDecision"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn uses_the_policies_that_are_there() {
        let world = role().await;
        let results = decided(&world, json!({})).await;
        assert_eq!(decisions(&results), ["allowed", "allowed", "implicitDeny"]);
        let source = &results[0]["MatchedStatements"][0];
        assert_eq!(
            (&source["SourcePolicyId"], &source["SourcePolicyType"]),
            (&json!("role_App_p"), &json!("role"))
        );
        let source = &results[1]["MatchedStatements"][0];
        assert_eq!(
            (&source["SourcePolicyId"], &source["SourcePolicyType"]),
            (&json!("SecurityAudit"), &json!("aws-managed"))
        );
        let more = READ.replace("s3:GetObject", "iam:CreateUser");
        let results = decided(&world, json!({"PolicyInputList": [more]})).await;
        assert_eq!(decisions(&results), ["allowed", "allowed", "allowed"]);
    }

    #[tokio::test]
    async fn a_boundary_that_is_there_limits() {
        let world = role().await;
        let bound =
            json!({"RoleName": "App", "PermissionsBoundary": "arn:aws:iam::aws:policy/SecurityAudit"});
        world.call("PutRolePermissionsBoundary", bound).await;
        let results = decided(&world, json!({})).await;
        assert_eq!(decisions(&results), ["implicitDeny", "allowed", "implicitDeny"]);
        assert_eq!(
            results[0]["PermissionsBoundaryDecisionDetail"],
            json!({"AllowedByPermissionsBoundary": false})
        );
        let results = decided(&world, json!({"PermissionsBoundaryPolicyInputList": [READ]})).await;
        assert_eq!(decisions(&results), ["allowed", "implicitDeny", "implicitDeny"]);
        let without = json!([{"PolicyType": "permission-boundary"}]);
        let results = decided(&world, json!({"PolicyExclusionList": without})).await;
        assert_eq!(decisions(&results), ["allowed", "allowed", "implicitDeny"]);
    }

    #[tokio::test]
    async fn policies_can_be_left_out() {
        let world = role().await;
        let inline = json!([{
            "PolicyType": "inline",
            "InlinePolicyIdentifier": {"PolicyName": "p", "AttachmentType": "role", "AttachmentName": "App"},
        }]);
        let results = decided(&world, json!({"PolicyExclusionList": inline})).await;
        assert_eq!(decisions(&results), ["implicitDeny", "allowed", "implicitDeny"]);
        let managed =
            json!([{"PolicyType": "aws-managed", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"}]);
        let results = decided(&world, json!({"PolicyExclusionList": managed})).await;
        assert_eq!(decisions(&results), ["allowed", "implicitDeny", "implicitDeny"]);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let input = json!({"PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"]});
        let demanded = World::new().demands("SimulatePrincipalPolicy", input).await;
        assert_eq!(demanded, ("iam:SimulatePrincipalPolicy".to_owned(), ROLE.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = role().await;
        for (member, value, error) in [
            ("PolicySourceArn", json!("arn:aws:iam::111122223333:role/Other"), "NoSuchEntityException"),
            ("PolicySourceArn", json!("arn:aws:iam::111122223333:root"), "InvalidInputException"),
            ("ActionNames", json!(["x"]), "InvalidInputException"),
            ("CallerArn", json!(ROLE), "InvalidInputException"),
            ("CallerArn", json!("arn:aws:iam::111122223333:user/nobody"), "InvalidInputException"),
            ("ResourcePolicy", json!(READ), "InvalidInputException"),
        ] {
            let mut input = json!({"PolicySourceArn": ROLE, "ActionNames": ["s3:GetObject"]});
            input[member] = value.clone();
            assert_eq!(world.error("SimulatePrincipalPolicy", input).await.0, error, "{member}: {value}");
        }
    }
}
