//! `SimulateCustomPolicy`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/SimulateCustomPolicy>
//!
//! Action `iam:SimulateCustomPolicy` on `*`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::SimulateCustomPolicy;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::PrincipalKind;
use garrison_schema::ApiError;
use garrison_types::Arn;

use crate::service::Iam;
use crate::simulation::{Asked, SimulatedCaller, Simulation};

impl Handler<Iam> for SimulateCustomPolicy {
    const ACCESS: Access = Access::read("iam:SimulateCustomPolicy");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let boundary = input.permissions_boundary_policy_input_list.as_deref();
        let entries = input.context_entries.as_deref();
        let mut simulation = Simulation::new(cx, &input.policy_input_list, boundary, entries)?;
        simulation
            .add_organization(input.ordered_organization_policy_input_list.as_deref().unwrap_or_default())?;
        if let Some(arn) = &input.caller_arn {
            simulation.caller = named(arn, &simulation.caller)?;
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

/// The user of an ARN, who need not exist.
fn named(arn: &str, keys: &SimulatedCaller) -> Result<SimulatedCaller, ApiError> {
    let invalid = || api::invalid_input_exception(format!("Invalid Caller Arn: {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| invalid())?;
    if parsed.service() != "iam" || parsed.resource_id("user").is_none() {
        return Err(invalid());
    }
    let account = parsed.account().parse().map_err(|_| invalid())?;
    let id = keys.id.clone();
    Ok(SimulatedCaller { kind: PrincipalKind::User, arn: arn.to_owned(), account, id, tags: Vec::new() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::World;

    const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}}"#;
    const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}]}"#;
    const OBJECT: &str = "arn:aws:s3:::b/o";
    const USER: &str = "arn:aws:iam::111122223333:user/ann";

    async fn simulate(input: Value) -> Vec<Value> {
        let output = World::new().call("SimulateCustomPolicy", input).await;
        output["EvaluationResults"].as_array().unwrap().clone()
    }

    #[tokio::test]
    async fn each_action_on_each_resource_is_decided() {
        let input = json!({
            "PolicyInputList": [ALLOW],
            "ActionNames": ["s3:GetObject", "s3:PutObject"],
            "ResourceArns": [OBJECT, "arn:aws:s3:::c/o"],
        });
        let results = simulate(input).await;
        let decided: Vec<_> = results.iter().map(|result| result["EvalDecision"].as_str().unwrap()).collect();
        assert_eq!(decided, ["allowed", "implicitDeny", "implicitDeny", "implicitDeny"]);
        let first = &results[0];
        assert_eq!(
            (&first["EvalActionName"], &first["EvalResourceName"]),
            (&json!("s3:GetObject"), &json!(OBJECT))
        );
        let statement = json!([{
            "SourcePolicyId": "PolicyInputList.1",
            "SourcePolicyType": "none",
            "StartPosition": {"Line": 1, "Column": 38},
            "EndPosition": {"Line": 1, "Column": 104},
        }]);
        assert_eq!(first["MatchedStatements"], statement);
        assert_eq!(first["EvalDecisionDetails"], json!({}));
        let specific = &first["ResourceSpecificResults"][0];
        assert_eq!(
            (&specific["EvalResourceDecision"], &specific["MatchedStatements"]),
            (&json!("allowed"), &statement)
        );
        assert_eq!(results[1]["MatchedStatements"], json!([]));
    }

    #[tokio::test]
    async fn missing_keys_are_named_where_aws_names_them() {
        let input = json!({"PolicyInputList": [DENY], "ActionNames": ["s3:GetObject"]});
        let results = simulate(input.clone()).await;
        assert_eq!(results[0]["EvalDecision"], "explicitDeny", "IfExists holds without the key");
        assert_eq!(results[0]["EvalResourceName"], "*");
        assert_eq!(results[0]["MissingContextValues"], json!(["aws:SecureTransport"]));
        assert!(
            results[0].get("ResourceSpecificResults").is_none()
                && results[0].get("EvalDecisionDetails").is_none()
        );
        let mut given = input;
        given["ContextEntries"] = json!([{
            "ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["true"],
        }]);
        given["ResourceArns"] = json!([OBJECT]);
        let results = simulate(given).await;
        assert_eq!(results[0]["EvalDecision"], "allowed");
        assert_eq!(results[0]["ResourceSpecificResults"][0]["MissingContextValues"], json!([]));
    }

    #[tokio::test]
    async fn boundaries_and_organizations_limit() {
        let read = ALLOW.replace("s3:Get*", "s3:List*").replace("arn:aws:s3:::b/*", "*");
        let input = json!({
            "PolicyInputList": [ALLOW],
            "PermissionsBoundaryPolicyInputList": [read],
            "OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": [DENY.replace("IfExists", "")]}],
            "ActionNames": ["s3:GetObject"],
            "ResourceArns": [OBJECT],
        });
        let results = simulate(input.clone()).await;
        assert_eq!(results[0]["EvalDecision"], "implicitDeny");
        assert_eq!(
            results[0]["PermissionsBoundaryDecisionDetail"],
            json!({"AllowedByPermissionsBoundary": false})
        );
        assert_eq!(results[0]["OrganizationsDecisionDetail"], json!({"AllowedByOrganizations": true}));
        let mut denied = input;
        denied["ContextEntries"] = json!([{
            "ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["false"],
        }]);
        let results = simulate(denied).await;
        assert_eq!(results[0]["EvalDecision"], "explicitDeny");
        assert_eq!(results[0]["OrganizationsDecisionDetail"], json!({"AllowedByOrganizations": false}));
        assert!(results[0].get("EvalDecisionDetails").is_none());
    }

    #[tokio::test]
    async fn another_account_must_allow_as_well() {
        let resource = |who: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "s3:GetObject", "Resource": OBJECT}});
        let input = |who: &str, owner: &str| {
            json!({
                "PolicyInputList": [ALLOW],
                "ActionNames": ["s3:GetObject"],
                "ResourceArns": [OBJECT],
                "ResourcePolicy": resource(who).to_string(),
                "ResourceOwner": owner,
                "CallerArn": USER,
            })
        };
        let other = "arn:aws:iam::444455556666:root";
        let results = simulate(input("arn:aws:iam::111122223333:user/ben", other)).await;
        assert_eq!(results[0]["EvalDecision"], "implicitDeny");
        let details = json!({"IAM Policy": "allowed", "Resource Policy": "implicitDeny"});
        assert_eq!(results[0]["EvalDecisionDetails"], details);
        let results = simulate(input(USER, other)).await;
        assert_eq!(results[0]["EvalDecision"], "allowed");
        assert_eq!(results[0]["MatchedStatements"].as_array().unwrap().len(), 2);
        assert_eq!(simulate(input("111122223333", "111122223333")).await[0]["EvalDecision"], "allowed");
    }

    #[tokio::test]
    async fn scenarios_of_ec2_take_all_resources_at_once() {
        let on = |kind: &str| format!("arn:aws:ec2:eu-central-1:111122223333:{kind}/x");
        let resources: Vec<_> = ["instance", "image", "security-group", "network-interface"].map(on).to_vec();
        let allow = ALLOW.replace("s3:Get*", "ec2:RunInstances").replace("arn:aws:s3:::b/*", &on("i*"));
        let input = json!({
            "PolicyInputList": [allow],
            "ActionNames": ["ec2:RunInstances"],
            "ResourceArns": resources,
            "ResourceHandlingOption": "EC2-VPC-InstanceStore",
        });
        let results = simulate(input.clone()).await;
        assert_eq!((results.len(), &results[0]["EvalDecision"]), (1, &json!("implicitDeny")));
        let each = results[0]["ResourceSpecificResults"].as_array().unwrap();
        let decided: Vec<_> = each.iter().map(|one| one["EvalResourceDecision"].as_str().unwrap()).collect();
        assert_eq!(decided, ["allowed", "allowed", "implicitDeny", "implicitDeny"]);
        let mut more = input;
        more["ResourceHandlingOption"] = json!("EC2-VPC-EBS");
        assert_eq!(World::new().error("SimulateCustomPolicy", more).await.0, "InvalidInputException");
    }

    #[tokio::test]
    async fn variables_and_pages_work() {
        let world = World::new();
        let home = ALLOW.replace("b/*", "b/${aws:username}");
        let mut input = json!({
            "PolicyInputList": [home],
            "ActionNames": ["s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging"],
            "ResourceArns": ["arn:aws:s3:::b/ann"],
            "CallerArn": USER,
            "MaxItems": 2,
        });
        let first = world.call("SimulateCustomPolicy", input.clone()).await;
        assert_eq!(first["EvaluationResults"].as_array().unwrap().len(), 2);
        assert_eq!(first["EvaluationResults"][0]["EvalDecision"], "allowed");
        assert_eq!(first["IsTruncated"], true);
        input["Marker"] = first["Marker"].clone();
        let second = world.call("SimulateCustomPolicy", input).await;
        assert_eq!(second["EvaluationResults"][0]["EvalActionName"], "s3:GetObjectTagging");
        assert_eq!(second["IsTruncated"], false);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let input = json!({"PolicyInputList": [ALLOW], "ActionNames": ["s3:GetObject"]});
        let demanded = World::new().demands("SimulateCustomPolicy", input).await;
        assert_eq!(demanded, ("iam:SimulateCustomPolicy".to_owned(), "*".to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = World::new();
        for (member, value) in [
            ("PolicyInputList", json!(["{}"])),
            ("PermissionsBoundaryPolicyInputList", json!([ALLOW, ALLOW])),
            ("ActionNames", json!(["s3:*"])),
            ("ActionNames", json!(["GetObject"])),
            ("ActionNames", json!([])),
            ("ResourceArns", json!(["bucket"])),
            ("ResourceOwner", json!("bob")),
            ("ResourcePolicy", json!(ALLOW)),
            ("CallerArn", json!("arn:aws:sts::111122223333:assumed-role/a/b")),
            ("ResourceHandlingOption", json!("EC2")),
            (
                "ContextEntries",
                json!([{"ContextKeyName": "a:b", "ContextKeyType": "numeric", "ContextKeyValues": ["x"]}]),
            ),
        ] {
            let mut input = json!({"PolicyInputList": [ALLOW], "ActionNames": ["s3:GetObject"]});
            input[member] = value.clone();
            let refused = world.error("SimulateCustomPolicy", input).await;
            assert_eq!(refused.0, "InvalidInputException", "{member}: {value}");
        }
    }
}
