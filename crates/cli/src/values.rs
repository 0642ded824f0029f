//! The values of configuration keys: flags, then environment, then file, then defaults.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::str::FromStr;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::keys::{KEYS, Key, Scope};

/// The largest configuration file.
const MAX_FILE: u64 = 1 << 20;
/// The key that may be a table of its own.
const QUOTAS: &str = "request_quotas";

/// What is set, by name, as text. Keys without a value are absent.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// The values for a command that takes the keys of `scopes`.
    pub(crate) fn read(matches: &ArgMatches, scopes: &[Scope]) -> Result<Self, String> {
        let file = match matches.get_one::<String>("config") {
            Some(path) => read_file(Path::new(path))?,
            None => BTreeMap::new(),
        };
        let mut values = BTreeMap::new();
        for key in KEYS.iter().filter(|key| scopes.contains(&key.scope)) {
            let explicit = matches!(
                matches.value_source(key.name),
                Some(ValueSource::CommandLine | ValueSource::EnvVariable)
            );
            let value = match (explicit, file.get(key.name)) {
                (true, _) => of_matches(matches, key),
                (false, Some(value)) => Some(value.clone()),
                (false, None) => Some(key.default.to_owned()),
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                values.insert(key.name, value);
            }
        }
        Ok(Self(values))
    }

    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&'static str, &str)]) -> Self {
        let defaults =
            KEYS.iter().filter(|key| !key.default.is_empty()).map(|key| (key.name, key.default.to_owned()));
        Self(defaults.chain(pairs.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect())
    }

    pub(crate) fn text(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn is_on(&self, name: &'static str) -> Result<bool, String> {
        match self.text(name) {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(other) => Err(format!("`{name}` must be true or false, not `{other}`")),
        }
    }

    /// A value of a type that reads itself from text.
    pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, String> {
        let parse =
            |text: &str| text.parse().map_err(|error| format!("`{name}` cannot be `{text}`: {error}"));
        self.text(name).map(parse).transpose()
    }

    /// A number that has a default.
    pub(crate) fn number<T>(&self, name: &'static str) -> Result<T, String>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        self.parsed(name)?.ok_or_else(|| format!("`{name}` must have a value"))
    }
}

fn of_matches(matches: &ArgMatches, key: &Key) -> Option<String> {
    if key.is_switch() {
        return Some(matches.get_flag(key.name).to_string());
    }
    matches.get_one::<String>(key.name).cloned()
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let failed =
        |error: std::io::Error| format!("cannot read the configuration file `{}`: {error}", path.display());
    let mut text = String::new();
    File::open(path).map_err(failed)?.take(MAX_FILE + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!("the configuration file `{}` is larger than {MAX_FILE} bytes", path.display()));
    }
    parse_file(&text).map_err(|error| format!("the configuration file `{}`: {error}", path.display()))
}

/// The keys of a TOML document; every key must be one that is declared.
fn parse_file(text: &str) -> Result<BTreeMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let mut values = BTreeMap::new();
    flatten("", &table, &mut values)?;
    Ok(values)
}

fn flatten(prefix: &str, table: &toml::Table, values: &mut BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in table {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let text = match value {
            toml::Value::Table(quotas) if name == QUOTAS => quotas_text(quotas)?,
            toml::Value::Table(inner) => {
                flatten(&name, inner, values)?;
                continue;
            }
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(on) => on.to_string(),
            _ => return Err(format!("`{name}` must be text, a whole number, or true or false")),
        };
        if !KEYS.iter().any(|key| key.name == name) {
            return Err(format!("`{name}` is not a key; `garrison config` lists them"));
        }
        values.insert(name, text);
    }
    Ok(())
}

fn quotas_text(quotas: &toml::Table) -> Result<String, String> {
    let each = |(operation, rate): (&String, &toml::Value)| match rate {
        toml::Value::Integer(rate) => Ok(format!("{operation}={rate}")),
        _ => Err(format!("`{QUOTAS}.{operation}` must be a whole number")),
    };
    quotas.iter().map(each).collect::<Result<Vec<_>, _>>().map(|list| list.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_sets_keys_by_name() {
        let text = r#"
            listen = "0.0.0.0:80"
            dev = true
            [kms]
            max_direct_plaintext = 8192
            [request_quotas]
            "kms:Encrypt" = 5
            "kms:Sign" = 6
        "#;
        let expected = [
            ("dev", "true"),
            ("kms.max_direct_plaintext", "8192"),
            ("listen", "0.0.0.0:80"),
            ("request_quotas", "kms:Encrypt=5,kms:Sign=6"),
        ];
        let expected: Vec<_> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(parse_file(text).unwrap().into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (text, reason) in [
            ("lisen = 1", "`lisen` is not a key"),
            ("[kms]\nmax = 1", "`kms.max` is not a key"),
            ("listen = 1.5", "must be text"),
            ("[request_quotas]\na = true", "must be a whole number"),
            ("listen", ""),
        ] {
            let error = parse_file(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
