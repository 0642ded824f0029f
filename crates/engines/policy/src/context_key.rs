//! Which condition keys policies refer to, as the policy simulator tells.

use crate::document::{PolicyDocument, Version};
use crate::request::Request;

impl PolicyDocument {
    /// The condition keys that the policy refers to, in `Condition` or as policy variables, each once, as first written:
    /// statement by statement, those of resources before those of conditions.
    ///
    /// Source: IAM API Reference, "GetContextKeysForCustomPolicy"; the order is that of its example in the AWS CLI
    /// Command Reference.
    pub fn context_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        self.visit_keys(&mut |key| push_new(&mut keys, key));
        keys
    }

    fn visit_keys<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        let has_variables = self.version == Version::V2012;
        for statement in &self.statements {
            let resources = statement.resource.iter().flat_map(|selector| &selector.patterns);
            if has_variables {
                resources.flat_map(|text| variables(text)).for_each(&mut *visit);
            }
            for block in &statement.conditions {
                visit(&block.key);
                if has_variables {
                    block.values.iter().flat_map(|text| variables(text)).for_each(&mut *visit);
                }
            }
        }
    }
}

/// The condition keys that `policies` refer to and that `request` does not have: what the policy simulator reports as
/// missing context values. Source: IAM API Reference, "EvaluationResult", `MissingContextValues`.
pub fn missing_context_keys<'a>(
    policies: impl IntoIterator<Item = &'a PolicyDocument>,
    request: &Request<'_>,
) -> Vec<String> {
    let mut keys = Vec::new();
    for policy in policies {
        policy.visit_keys(&mut |key| {
            if request.condition_key(&key.to_ascii_lowercase()).is_none() {
                push_new(&mut keys, key);
            }
        });
    }
    keys
}

fn push_new(keys: &mut Vec<String>, key: &str) {
    if !keys.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        keys.push(key.to_owned());
    }
}

/// The names of the variables in `text`.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let bodies = text.split("${").skip(1);
    let names = bodies.filter_map(|body| body.split([',', '}']).next().map(str::trim));
    names.filter(|name| !matches!(*name, "*" | "?" | "$" | ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Limits;
    use crate::principal::Principal;
    use crate::value::KeyList;

    fn read(text: &str) -> PolicyDocument {
        PolicyDocument::parse(text.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn keys_are_listed_once_as_written() {
        // The example of AWS CLI Command Reference, `iam get-context-keys-for-custom-policy`.
        let example = read(
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}"#,
        );
        assert_eq!(example.context_keys(), ["aws:username", "aws:CurrentTime"]);
        let more = read(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"a:b","NotResource":["*","arn:aws:s3:::${*}${aws:PrincipalTag/t, 'x'}${$}"],
               "Condition":{"StringLike":{"s3:prefix":["${aws:userid}","${AWS:UserName}"],"S3:Prefix":"x"}}},{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"AWS:username":true}}}]}"#,
        );
        assert_eq!(more.context_keys(), ["aws:PrincipalTag/t", "s3:prefix", "aws:userid", "AWS:UserName"]);
        let old = read(
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}}"#,
        );
        assert_eq!(old.context_keys(), Vec::<String>::new());
        let principal =
            Principal::user("arn:aws:iam::111122223333:user/ann", "111122223333".parse().unwrap(), "AIDA");
        let keys = [("aws:CurrentTime", 5.into()), ("aws:PrincipalTag/T", "y".into())];
        let request = Request {
            principal: &principal,
            action: "a:b",
            resource: "*",
            resource_account: None,
            keys: &KeyList(&keys),
        };
        assert_eq!(missing_context_keys([&example, &more], &request), ["s3:prefix"]);
    }
}
