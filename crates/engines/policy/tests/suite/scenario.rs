//! What `garrison policy explain` reads and prints.

use garrison_policy::explain_scenarios;
use serde_json::{Value, json};

fn explain(file: &Value) -> Value {
    explain_scenarios(file.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {file}"))
}

/// The page's example and its answer are its first two blocks of JSON.
#[test]
fn the_worked_example_of_the_page_is_true() {
    let page = format!("{}/../../../docs/how-to/explain-a-decision.md", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&page).unwrap();
    let blocks: Vec<&str> =
        text.split("```json\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect();
    let [file, answer] = blocks[..] else { panic!("{} blocks", blocks.len()) };
    let file: Value = serde_json::from_str(file).unwrap();
    let actual = explain(&file);
    assert_eq!(serde_json::from_str::<Value>(answer).unwrap(), actual, "the page should print\n{actual:#}");
}

#[test]
fn what_is_not_of_the_form_is_refused_with_its_place() {
    let path = format!("{}/testdata/scenarios.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for row in file["refused"].as_array().unwrap() {
        let [scenario, expected] = &row.as_array().unwrap()[..] else { panic!("{row}") };
        let text = scenario.as_str().map_or_else(|| scenario.to_string(), str::to_owned);
        let error = explain_scenarios(text.as_bytes()).expect_err(&text);
        assert_eq!(error.to_string(), expected.as_str().unwrap(), "{row}");
    }
}

const ALLOW: &str =
    r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

fn decisions(answer: &Value) -> Vec<&str> {
    let results = answer["results"].as_array().unwrap();
    results.iter().map(|result| result["decision"].as_str().unwrap()).collect()
}

#[test]
fn members_beside_the_requests_are_shared() {
    let answer = explain(&json!({
        "principal": {"kind": "User", "arn": "arn:aws:iam::111122223333:user/ann"},
        "action": "kms:Decrypt",
        "policies": {"identity": [ALLOW]},
        "requests": [
            {"name": "as shared"},
            {"policies": {}},
            {"resource": {"arn": "arn:aws:s3:::b", "account": "444455556666"}, "action": "s3:ListBucket"},
            {"principal": {"kind": "Anonymous"}},
        ],
    }));
    assert_eq!(decisions(&answer), ["Allow", "ImplicitDeny", "ImplicitDeny", "ImplicitDeny"]);
    assert_eq!(answer["results"][0]["name"], "as shared");
    assert_eq!(answer["results"][0]["reason"]["policy"], "policies.identity[0]");
    assert_eq!(
        answer["results"][2]["message"],
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:ListBucket on resource: \
         arn:aws:s3:::b because no resource-based policy allows the s3:ListBucket action"
    );
}

#[test]
fn a_policy_that_cannot_be_understood_denies_and_is_told() {
    let mut request = json!({
        "principal": {"kind": "Root", "arn": "arn:aws:iam::111122223333:root"},
        "action": "kms:Decrypt",
        "policies": {"identity": ["{", {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringIs": {"a:b": "c"}}}}]},
    });
    let answer = explain(&request);
    assert_eq!(answer["decision"], "ExplicitDeny");
    assert_eq!(answer["reason"]["because"], "not understood");
    assert_eq!(answer["policies"][1]["error"], "Invalid Condition type : StringIs");
    request["policies"] = json!({});
    assert_eq!(explain(&request)["reason"]["because"], "root user");
}

#[test]
fn policies_of_organizations_that_do_not_count_are_marked() {
    let linked =
        "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport";
    let answer = explain(&json!({
        "principal": {"kind": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForSupport/s",
            "issuerArn": linked},
        "action": "kms:Decrypt",
        "policies": {"identity": [ALLOW], "serviceControl": [[], [{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}]]},
    }));
    assert_eq!(answer["decision"], "Allow");
    assert_eq!(answer["policies"][0]["binds"], false);
    assert_eq!(answer["policies"][0]["level"], 1);
    assert_eq!(answer["policies"][0]["statements"][0]["applies"], true);
}

#[test]
fn every_part_of_the_form_reaches_the_engine() {
    let conditions = json!({
        "StringEquals": {
            "aws:PrincipalTag/team": "blue", "aws:PrincipalTag/level": "x", "aws:userid": "AROA:s1",
            "aws:PrincipalOrgID": "o-1", "aws:PrincipalOrgPaths": "o-1/r-1/", "a:text": "t", "aws:ResourceAccount": "111122223333",
        },
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"},
        "NumericEquals": {"a:number": 5, "a:decimal": 2.5},
        "Bool": {"a:bool": true},
        "IpAddress": {"a:ip": "2001:db8::/32"},
        "BinaryEquals": {"a:bytes": "AAEC"},
        "ForAllValues:StringLike": {"a:list": ["x*", "y"]},
        "Null": {"a:absent": true},
    });
    let policy = |effect: &str| {
        json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": conditions}})
    };
    let context = json!({
        "a:text": "t", "a:number": 5, "a:decimal": 2.5, "a:bool": true, "a:ip": {"ip": "2001:db8::7"},
        "a:bytes": {"base64": "AAEC"}, "a:list": ["x1", "y"], "aws:PrincipalArn": "is not believed",
    });
    let answer = explain(&json!({
        "principal": {
            "kind": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/app/s1", "userId": "AROA:s1",
            "sessionTags": {"Team": "blue"}, "tags": {"team": "red", "level": "x"},
            "organization": {"id": "o-1", "path": "o-1/r-1/"},
        },
        "action": "s3:GetObject",
        "resource": {"arn": "arn:aws:s3:::b/k", "account": "111122223333"},
        "context": context,
        "policies": {
            "resource": {"kind": "Standard", "policy": policy("Allow")},
            "boundary": ALLOW, "session": [ALLOW], "endpoint": policy("Allow"),
            "serviceControl": [[ALLOW]], "resourceControl": [[policy("Allow")]],
        },
    }));
    assert_eq!(answer["decision"], "Allow", "{answer:#}");
    assert_eq!(answer["reason"]["policy"], "policies.resource.policy");
    let conditions = &answer["policies"][1]["statements"][0]["conditions"];
    assert!(conditions.as_array().unwrap().iter().all(|condition| condition["holds"] == true), "{answer:#}");
    let service = explain(&json!({
        "principal": {"kind": "Service", "arn": "s3.amazonaws.com", "serviceNames": ["s3.amazonaws.com", "s3.eu-west-1.amazonaws.com"]},
        "action": "kms:Decrypt",
        "policies": {"resource": {"kind": "Key", "policy": {"Statement": {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "kms:*", "Resource": "*", "Condition": {"ForAnyValue:StringEquals":
                {"aws:PrincipalServiceNamesList": "s3.eu-west-1.amazonaws.com"}}}}}},
    }));
    assert_eq!(service["decision"], "Allow");
    let grant = explain(&json!({
        "principal": {"kind": "User", "arn": "arn:aws:iam::111122223333:user/ann"},
        "action": "kms:Decrypt",
        "policies": {"grant": {"id": "g1", "grantee": "arn:aws:iam::111122223333:user/ann"}},
    }));
    assert_eq!(grant["reason"], json!({"because": "grant", "grant": "g1"}));
}
