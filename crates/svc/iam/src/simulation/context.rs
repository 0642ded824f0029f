//! The condition keys of a simulation, and who asks.

use garrison_api_iam::errors as api;
use garrison_api_iam::types::{ContextEntry, ContextKeyTypeEnum};
use garrison_policy::{ConditionKeys, Principal, PrincipalKind, Value, Values};
use garrison_schema::ApiError;
use garrison_types::AccountId;

/// A condition key's values: as text, or bytes.
enum Given {
    Text(Vec<String>),
    Bytes(Vec<Vec<u8>>),
}

impl Given {
    fn values(&self) -> Vec<Value<'_>> {
        match self {
            Self::Text(values) => values.iter().map(|value| Value::Str(value)).collect(),
            Self::Bytes(values) => values.iter().map(|value| Value::Bytes(value)).collect(),
        }
    }
}

/// The condition keys that a caller passed.
pub(crate) struct ContextKeys {
    /// Names in lower case.
    entries: Vec<(String, Given)>,
}

impl ContextKeys {
    /// Reads the entries.
    ///
    /// # Errors
    /// `InvalidInput`: one has no name, comes twice, is not what its type says, or has several values and a type of one.
    pub(crate) fn read(entries: &[ContextEntry]) -> Result<Self, ApiError> {
        let mut read: Vec<(String, Given)> = Vec::new();
        for entry in entries {
            let name = entry.context_key_name.as_deref().unwrap_or_default().to_ascii_lowercase();
            let invalid =
                |why: &str| api::invalid_input_exception(format!("Invalid context entry {name}: {why}"));
            if !name.contains(':') || read.iter().any(|(known, _)| *known == name) {
                return Err(invalid("its name is no condition key, or comes twice."));
            }
            let kind = entry.context_key_type.as_ref().unwrap_or(&ContextKeyTypeEnum::String);
            let values = entry.context_key_values.as_deref().unwrap_or_default();
            let kind_name = kind.as_str();
            if values.len() > 1 && !kind_name.ends_with("List") {
                return Err(invalid("there are several values."));
            }
            let scalar = kind_name.strip_suffix("List").unwrap_or(kind_name);
            if !values.iter().all(|value| is_of(scalar, value)) {
                return Err(invalid(&format!("a value is no {scalar}.")));
            }
            let decode = |value: &String| base64_simd::STANDARD.decode_to_vec(value).unwrap_or_default();
            let given = match scalar {
                "binary" => Given::Bytes(values.iter().map(decode).collect()),
                _ => Given::Text(values.to_vec()),
            };
            read.push((name, given));
        }
        Ok(Self { entries: read })
    }

    /// The first value of a key whose name is in lower case.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match &self.entries.iter().find(|(name, _)| name == key)?.1 {
            Given::Text(values) => values.first().map(String::as_str),
            Given::Bytes(_) => None,
        }
    }

    /// The keys, for the engine.
    pub(crate) fn view(&self) -> KeyView<'_> {
        KeyView(self.entries.iter().map(|(name, given)| (name.as_str(), given.values())).collect())
    }
}

/// Condition keys as the engine asks for them.
pub(crate) struct KeyView<'a>(Vec<(&'a str, Vec<Value<'a>>)>);

impl ConditionKeys for KeyView<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        let (_, values) = self.0.iter().find(|(name, _)| *name == key)?;
        match values.as_slice() {
            [one] => Some((*one).into()),
            many => Some(Values::Many(many)),
        }
    }
}

/// Whether a value is what a type says. Times are read by the engine, which takes several forms.
fn is_of(scalar: &str, value: &str) -> bool {
    match scalar {
        "numeric" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
        "ip" => value.split('/').next().is_some_and(|address| address.parse::<std::net::IpAddr>().is_ok()),
        "binary" => base64_simd::STANDARD.check(value.as_bytes()).is_ok(),
        "date" => !value.is_empty(),
        "string" => true,
        _ => false,
    }
}

/// Who asks in a simulation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SimulatedCaller {
    pub(crate) kind: PrincipalKind,
    /// Empty when nobody was named.
    pub(crate) arn: String,
    pub(crate) account: AccountId,
    /// `aws:userid`.
    pub(crate) id: String,
    pub(crate) tags: Vec<(String, String)>,
}

impl SimulatedCaller {
    /// Nobody in particular, in an account: what the condition keys say of the principal counts.
    pub(crate) fn of_keys(account: AccountId, keys: &ContextKeys) -> Self {
        let name = keys.text("aws:username");
        let arn = keys.text("aws:principalarn").map(str::to_owned);
        let made = || name.map(|name| format!("arn:aws:iam::{account}:user/{name}"));
        Self {
            kind: if name.is_some() { PrincipalKind::User } else { PrincipalKind::Role },
            arn: arn.or_else(made).unwrap_or_default(),
            account,
            id: keys.text("aws:userid").unwrap_or_default().to_owned(),
            tags: Vec::new(),
        }
    }

    /// In the engine's terms.
    pub(crate) fn engine(&self) -> Principal<'_> {
        Principal { tags: &self.tags, ..Principal::new(self.kind, &self.arn, Some(self.account), &self.id) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: &str, values: &[&str]) -> ContextEntry {
        ContextEntry {
            context_key_name: Some(name.to_owned()),
            context_key_values: Some(values.iter().map(|&value| value.to_owned()).collect()),
            context_key_type: Some(kind.into()),
        }
    }

    #[test]
    fn entries_are_what_their_types_say() {
        for (kind, values, good) in [
            ("string", &["x"][..], true),
            ("string", &["x", "y"], false),
            ("stringList", &["x", "y"], true),
            ("numeric", &["1.5"], true),
            ("numeric", &["x"], false),
            ("boolean", &["TRUE"], true),
            ("boolean", &["1"], false),
            ("ip", &["203.0.113.7"], true),
            ("ipList", &["203.0.113.7", "x"], false),
            ("binary", &["QUJD"], true),
            ("binary", &["#"], false),
            ("date", &["2027-01-15T08:00:00Z"], true),
            ("other", &["x"], false),
        ] {
            assert_eq!(ContextKeys::read(&[entry("aws:x", kind, values)]).is_ok(), good, "{kind} {values:?}");
        }
        let twice = [entry("aws:x", "string", &["1"]), entry("AWS:X", "string", &["2"])];
        assert!(ContextKeys::read(&twice).is_err());
        assert!(ContextKeys::read(&[entry("nokey", "string", &["1"])]).is_err());
    }

    #[test]
    fn the_engine_finds_them() {
        let keys = ContextKeys::read(&[
            entry("aws:UserName", "string", &["ann"]),
            entry("s3:blob", "binaryList", &["QUJD", ""]),
        ])
        .unwrap();
        let view = keys.view();
        assert_eq!(view.get("aws:username"), Some(Value::Str("ann").into()));
        let blobs = [Value::Bytes(b"ABC"), Value::Bytes(b"")];
        assert_eq!(view.get("s3:blob"), Some(Values::Many(&blobs)));
        assert_eq!(view.get("aws:absent"), None);
        let caller = SimulatedCaller::of_keys("111122223333".parse().unwrap(), &keys);
        assert_eq!((caller.kind, &*caller.arn), (PrincipalKind::User, "arn:aws:iam::111122223333:user/ann"));
    }
}
