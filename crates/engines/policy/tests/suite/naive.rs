//! A second evaluator, written from the documentation alone: slow, on JSON values, without anything of the engine.
//! Where the two differ, one of them is wrong.

#![expect(
    clippy::string_slice,
    reason = "test code that may panic, on texts that are ASCII where they are cut"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;

use garrison_policy::{PrincipalKind, ResourcePolicyKind};
use serde_json::Value;

use crate::model::{Ask, Set, Val};

/// What the naive evaluator answers: the effect and, for implicit denies, the kind of policy that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    ExplicitDeny,
    ImplicitDeny(Cow<'static, str>),
}

/// One character of a pattern after variables have been put in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Symbol {
    /// A character of the policy's own text.
    Plain(char),
    /// A character that came out of a variable: never a wildcard, never a colon between fields.
    Inserted(char),
    Star,
    Question,
}

fn glob(pattern: &[Symbol], text: &[char]) -> bool {
    // reachable[j]: the pattern so far can end before text[j].
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for symbol in pattern {
        let mut next = vec![false; text.len() + 1];
        for j in 0..=text.len() {
            next[j] = match symbol {
                Symbol::Star => reachable[j] || (j > 0 && next[j - 1]),
                Symbol::Question => j > 0 && reachable[j - 1],
                Symbol::Plain(c) | Symbol::Inserted(c) => j > 0 && reachable[j - 1] && text[j - 1] == *c,
            };
        }
        reachable = next;
    }
    reachable[text.len()]
}

fn glob_text(pattern: &[Symbol], text: &str) -> bool {
    glob(pattern, &text.chars().collect::<Vec<_>>())
}

/// All that the evaluation of one request needs.
struct Asked<'a> {
    ask: &'a Ask,
    keys: BTreeMap<String, Vec<Val>>,
}

impl<'a> Asked<'a> {
    fn new(ask: &'a Ask) -> Self {
        let mut keys = BTreeMap::new();
        for (name, values) in ask.context.iter().rev() {
            keys.insert(name.to_lowercase(), values.clone());
        }
        let who = &ask.who;
        let mut engine = |name: &str, value: Option<Val>| {
            keys.remove(name);
            if let Some(value) = value {
                keys.insert(name.to_owned(), vec![value]);
            }
        };
        let text = |text: &str| Some(Val::Str(text.to_owned()));
        let alone = ["Service", "WebIdentity", "Anonymous"].contains(&format!("{:?}", who.kind).as_str());
        engine(
            "aws:principalarn",
            if alone {
                None
            } else if who.kind == PrincipalKind::AssumedRole {
                text(who.issuer.as_ref().unwrap())
            } else {
                text(&who.arn)
            },
        );
        engine("aws:principalaccount", who.account.clone().map(Val::Str));
        engine(
            "aws:principaltype",
            match who.kind {
                PrincipalKind::Root => text("Account"),
                PrincipalKind::Service | PrincipalKind::WebIdentity => None,
                PrincipalKind::Role => text("AssumedRole"),
                other => text(&format!("{other:?}")),
            },
        );
        engine("aws:userid", if who.user_id.is_empty() { None } else { text(&who.user_id) });
        engine(
            "aws:username",
            if who.kind == PrincipalKind::User {
                text(who.arn.split('/').next_back().unwrap())
            } else {
                None
            },
        );
        engine(
            "aws:principalisawsservice",
            if who.kind == PrincipalKind::Anonymous || who.kind == PrincipalKind::WebIdentity {
                None
            } else {
                Some(Val::Bool(who.kind == PrincipalKind::Service))
            },
        );
        engine(
            "aws:principalservicename",
            if who.kind == PrincipalKind::Service { text(&who.arn) } else { None },
        );
        // The session's tags come before the role's, and both before what the request says; names in any case.
        for (key, value) in who.tags.iter().chain(&who.session_tags) {
            engine(&format!("aws:principaltag/{}", key.to_lowercase()), text(value));
        }
        if let Some((id, path)) = &who.organization {
            engine("aws:principalorgid", text(id));
            engine("aws:principalorgpaths", text(path));
        }
        engine("aws:resourceaccount", ask.owner.clone().map(Val::Str));
        if !who.service_names.is_empty() {
            let names = who.service_names.iter().cloned().map(Val::Str).collect();
            keys.insert("aws:principalservicenameslist".to_owned(), names);
        }
        keys.retain(|_, values| !values.is_empty());
        Self { ask, keys }
    }

    /// The pattern with its variables put in, or `None` when one has no value.
    fn expand(&self, text: &str, version: &str, wildcards: bool) -> Option<Vec<Symbol>> {
        let mut out = Vec::new();
        let chars: Vec<char> = text.chars().collect();
        let mut i = 0;
        while i < chars.len() {
            if version == "2012-10-17" && chars[i] == '$' && chars.get(i + 1) == Some(&'{') {
                let special =
                    chars.get(i + 2).filter(|c| "*?$".contains(**c) && chars.get(i + 3) == Some(&'}'));
                if let Some(special) = special {
                    out.push(Symbol::Plain(*special));
                    i += 4;
                    continue;
                }
                let rest: String = chars[i + 2..].iter().collect();
                // A default may hold a closing brace, so the quotes decide.
                let (name, default, length) = match rest.find([',', '}']) {
                    Some(at) if rest[at..].starts_with(',') => {
                        let open = at + rest[at..].find('\'').unwrap();
                        let close = open + 1 + rest[open + 1..].find('\'').unwrap();
                        let end = close + rest[close..].find('}').unwrap();
                        (rest[..at].to_owned(), Some(rest[open + 1..close].to_owned()), end + 1)
                    }
                    at => (rest[..at.unwrap()].to_owned(), None, at.unwrap() + 1),
                };
                let value = match self.keys.get(&name.trim().to_lowercase()).map(Vec::as_slice) {
                    Some([value]) => as_text(value),
                    _ => None,
                };
                out.extend(value.or(default)?.chars().map(Symbol::Inserted));
                i += 2 + rest[..length].chars().count();
                continue;
            }
            out.push(match chars[i] {
                '*' if wildcards => Symbol::Star,
                '?' if wildcards => Symbol::Question,
                other => Symbol::Plain(other),
            });
            i += 1;
        }
        Some(out)
    }

    /// Whether `arn` matches the pattern, field by field.
    fn arn_matches(&self, pattern: &str, version: &str, arn: &str) -> bool {
        if pattern == "*" {
            return true;
        }
        let Some(symbols) = self.expand(pattern, version, true) else { return false };
        let mut fields: Vec<Vec<Symbol>> = vec![Vec::new()];
        for symbol in symbols {
            if symbol == Symbol::Plain(':') && fields.len() < 6 {
                fields.push(Vec::new());
            } else {
                fields.last_mut().unwrap().push(symbol);
            }
        }
        let given: Vec<&str> = arn.splitn(fields.len(), ':').collect();
        let open = fields.len() == 6 || fields.last().unwrap().last() == Some(&Symbol::Star);
        open && given.len() == fields.len()
            && fields.iter().zip(given).all(|(field, text)| glob_text(field, text))
    }

    fn condition_holds(&self, name: &str, key: &str, expected: &[String], version: &str) -> bool {
        let given = self.keys.get(&key.to_lowercase());
        if name == "Null" {
            return expected.iter().any(|wanted| wanted.eq_ignore_ascii_case("true") == given.is_none());
        }
        let (set, rest) = name.split_once(':').map_or(("", name), |(set, rest)| (set, rest));
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let negated = base.contains("Not");
        let positive = base.replace("Not", "");
        let one = |value: &Val| {
            let hit = expected.iter().any(|wanted| self.compare(&positive, value, wanted, version));
            hit != negated
        };
        let nothing = given.is_none_or(|values| values.iter().all(|value| *value == Val::Str(String::new())));
        match set {
            "ForAllValues" => nothing || given.unwrap().iter().all(one),
            "ForAnyValue" => !nothing && given.unwrap().iter().any(one),
            _ => match given {
                None => if_exists || negated,
                Some(values) if negated => values.iter().all(one),
                Some(values) => values.iter().any(one),
            },
        }
    }

    /// One value against one of the policy's, for an operator without prefix, suffix and negation.
    fn compare(&self, operator: &str, value: &Val, wanted: &str, version: &str) -> bool {
        let text = as_text(value);
        let expand = |wildcards| self.expand(wanted, version, wildcards);
        let fold = |symbols: Vec<Symbol>| -> String {
            let chars = symbols.iter().map(|symbol| match symbol {
                Symbol::Plain(c) | Symbol::Inserted(c) => *c,
                Symbol::Star | Symbol::Question => panic!("wildcards are not read here"),
            });
            chars.collect()
        };
        match operator {
            "StringEquals" => text.is_some_and(|text| expand(false).map(fold) == Some(text)),
            "StringEqualsIgnoreCase" | "Bool" => text.is_some_and(|text| {
                expand(false).map(fold).is_some_and(|wanted| wanted.to_lowercase() == text.to_lowercase())
            }),
            "StringLike" => {
                text.is_some_and(|text| expand(true).is_some_and(|symbols| glob_text(&symbols, &text)))
            }
            "ArnEquals" | "ArnLike" => text.is_some_and(|text| self.arn_matches(wanted, version, &text)),
            "IpAddress" => in_network(value, wanted),
            "BinaryEquals" => match value {
                Val::Bytes(bytes) => *bytes == base64(wanted),
                Val::Str(text) => text.as_bytes() == base64(wanted),
                _ => false,
            },
            _ => {
                let pair = if operator.starts_with("Numeric") {
                    (number(value), wanted.parse().ok())
                } else {
                    (millis(value), date(wanted))
                };
                let (Some(given), Some(wanted)) = pair else { return false };
                match operator.trim_start_matches("Numeric").trim_start_matches("Date") {
                    "Equals" => given == wanted,
                    "LessThan" => given < wanted,
                    "LessThanEquals" => given <= wanted,
                    "GreaterThan" => given > wanted,
                    "GreaterThanEquals" => given >= wanted,
                    other => panic!("operator {other}"),
                }
            }
        }
    }
}

fn as_text(value: &Val) -> Option<String> {
    match value {
        Val::Str(text) => Some(text.clone()),
        Val::Int(number) => Some(number.to_string()),
        Val::Bool(value) => Some(value.to_string()),
        Val::Ip(address) => Some(address.to_string()),
        Val::Millis(millis) => Some(garrison_types::Timestamp::from_millis(*millis).to_iso8601_seconds()),
        Val::Bytes(_) => None,
    }
}

fn number(value: &Val) -> Option<f64> {
    match value {
        Val::Int(number) => Some(*number as f64),
        Val::Millis(millis) => Some((*millis as f64 / 1000.0).floor()),
        Val::Str(text) if text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-') => {
            text.parse().ok()
        }
        _ => None,
    }
}

fn millis(value: &Val) -> Option<f64> {
    match value {
        Val::Millis(millis) => Some(*millis as f64),
        Val::Int(seconds) => Some(*seconds as f64 * 1000.0),
        Val::Str(text) => date(text),
        _ => None,
    }
}

/// A year, month, day or time with its zone, without fractions; or seconds.
fn date(text: &str) -> Option<f64> {
    if text.len() > 4 && text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse::<f64>().ok().map(|seconds| seconds * 1000.0);
    }
    let (day_part, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let (clock, ahead) = match time.find(['Z', '+', '-']) {
        Some(at) if time[at..].starts_with('Z') => (&time[..at], 0),
        Some(at) => {
            let zone: Vec<i64> = time[at + 1..].split(':').filter_map(|part| part.parse().ok()).collect();
            let [hours, minutes] = zone[..] else { return None };
            (&time[..at], (hours * 60 + minutes) * if time[at..].starts_with('+') { 60 } else { -60 })
        }
        None => return None,
    };
    let numbers = |text: &str, separator, missing| -> Option<Vec<i64>> {
        let widths: Vec<usize> = text.split(separator).map(str::len).collect();
        if !([4, 2, 2].starts_with(&widths) || [2, 2, 2].starts_with(&widths)) {
            return None;
        }
        let mut list = text.split(separator).map(|part| part.parse().ok()).collect::<Option<Vec<i64>>>()?;
        list.resize(3, missing);
        Some(list)
    };
    if !day_part.chars().take(4).all(|c| c.is_ascii_digit()) || day_part.len() < 4 {
        return None;
    }
    let ([year, month, day], [hour, minute, second]) =
        (numbers(day_part, '-', 1)?[..].try_into().ok()?, numbers(clock, ':', 0)?[..].try_into().ok()?);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let year_days: i64 = (1970..year).map(|year| 365 + i64::from(leap(year))).sum();
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month_days: i64 = lengths[..month as usize - 1].iter().sum();
    let days = year_days + month_days + day - 1;
    Some(((days * 24 + hour) * 3600 + minute * 60 + second - ahead) as f64 * 1000.0)
}

fn in_network(value: &Val, network: &str) -> bool {
    let address = match value {
        Val::Ip(address) => *address,
        Val::Str(text) => match text.parse() {
            Ok(address) => address,
            Err(_) => return false,
        },
        _ => return false,
    };
    let bits = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(v4) => v4.octets().iter().map(|b| format!("{b:08b}")).collect::<String>(),
        std::net::IpAddr::V6(v6) => v6.octets().iter().map(|b| format!("{b:08b}")).collect::<String>(),
    };
    let (base, length) = network.split_once('/').unwrap_or((network, "128"));
    let (base, given) = (bits(base.parse().unwrap()), bits(address.to_canonical()));
    let length = length.parse::<usize>().unwrap().min(base.len());
    base.len() == given.len() && base[..length] == given[..length]
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String =
        text.chars().filter_map(|c| alphabet.find(c)).map(|value| format!("{value:06b}")).collect();
    (0..bits.len() / 8).map(|i| u8::from_str_radix(&bits[i * 8..i * 8 + 8], 2).unwrap()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_array().map_or_else(|| vec![text(value)], |list| list.iter().map(text).collect())
}

/// How a principal entry names the one who asks: 3 itself, 2 its role or user, 1 its account, 0 not at all.
fn closeness(kind: &str, entry: &str, asked: &Asked<'_>) -> u8 {
    let who = &asked.ask.who;
    match kind {
        "Service" => return if who.kind == PrincipalKind::Service && who.arn == entry { 3 } else { 0 },
        "Federated" => return if who.kind == PrincipalKind::WebIdentity && who.arn == entry { 3 } else { 0 },
        "CanonicalUser" => return 0,
        _ => {}
    }
    if entry == "*" {
        return 3;
    }
    let account =
        entry.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")).unwrap_or(entry);
    if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) {
        return if who.account.as_deref() != Some(account) {
            0
        } else if who.kind == PrincipalKind::Root {
            3
        } else {
            1
        };
    }
    if entry == who.arn {
        return if who.kind == PrincipalKind::Role { 2 } else { 3 };
    }
    if who.issuer.as_deref() == Some(entry) {
        return 2;
    }
    if !entry.starts_with("arn:") {
        if entry == who.user_id {
            return 3;
        }
        if who.user_id.starts_with(&format!("{entry}:")) {
            return 2;
        }
    }
    0
}

fn principal_closeness(statement: &Value, allow: bool, resource_side: bool, asked: &Asked<'_>) -> u8 {
    let named = |element: &Value| -> Vec<u8> {
        match element {
            Value::String(star) => vec![closeness("AWS", star, asked)],
            Value::Object(map) => map
                .iter()
                .flat_map(|(kind, entries)| {
                    strings(entries).iter().map(|entry| closeness(kind, entry, asked)).collect::<Vec<_>>()
                })
                .collect(),
            other => panic!("principal {other}"),
        }
    };
    if let Some(element) = statement.get("Principal") {
        return named(element).into_iter().max().unwrap();
    }
    let Some(element) = statement.get("NotPrincipal") else {
        return if resource_side && allow { 0 } else { 3 };
    };
    let found = named(element);
    let who = &asked.ask.who;
    let spared = if allow {
        found.iter().any(|closeness| *closeness > 0)
    } else {
        let star = element.to_string().contains("\"*\"");
        let has = |closeness| found.contains(&closeness);
        let needs_account = who.account.is_some() && who.kind != PrincipalKind::Root;
        star || has(3) && (who.issuer.is_none() || has(2)) && (!needs_account || has(1))
    };
    if spared { 0 } else { 3 }
}

/// Whether the statement applies, and how closely it names the principal.
fn applies(statement: &Value, version: &str, resource_side: bool, asked: &Asked<'_>) -> Option<u8> {
    let lower = |pattern: &String| -> Vec<Symbol> {
        pattern
            .to_lowercase()
            .chars()
            .map(|c| match c {
                '*' => Symbol::Star,
                '?' => Symbol::Question,
                other => Symbol::Plain(other),
            })
            .collect()
    };
    let action = asked.ask.action.to_lowercase();
    let action_hit =
        |element: &Value| strings(element).iter().any(|pattern| glob_text(&lower(pattern), &action));
    let resource_hit = |element: &Value| {
        strings(element).iter().any(|pattern| asked.arn_matches(pattern, version, &asked.ask.resource))
    };
    let hit = statement.get("Action").is_none_or(action_hit)
        && !statement.get("NotAction").is_some_and(action_hit)
        && statement.get("Resource").is_none_or(resource_hit)
        && !statement.get("NotResource").is_some_and(resource_hit);
    if !hit {
        return None;
    }
    let conditions = statement.get("Condition").and_then(Value::as_object);
    for (operator, keys) in conditions.into_iter().flatten() {
        for (key, values) in keys.as_object().unwrap() {
            if !asked.condition_holds(operator, key, &strings(values), version) {
                return None;
            }
        }
    }
    let allow = statement["Effect"] == "Allow";
    Some(principal_closeness(statement, allow, resource_side, asked)).filter(|closeness| *closeness > 0)
}

fn statements(policy: &Value) -> Vec<&Value> {
    policy["Statement"].as_array().map_or_else(|| vec![&policy["Statement"]], |list| list.iter().collect())
}

fn matching(policy: &Value, effect: &str, resource_side: bool, asked: &Asked<'_>) -> u8 {
    let version = policy.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17");
    statements(policy)
        .into_iter()
        .filter(|statement| statement["Effect"] == effect)
        .filter_map(|statement| applies(statement, version, resource_side, asked))
        .max()
        .unwrap_or(0)
}

/// Decides; every policy must be one that is understood.
pub(crate) fn decide(set: &Set, ask: &Ask) -> Answer {
    let asked = Asked::new(ask);
    let who = &ask.who;
    let denies = |policy: &Value, resource_side: bool| matching(policy, "Deny", resource_side, &asked) > 0;
    let allows = |policy: &Value, resource_side: bool| matching(policy, "Allow", resource_side, &asked);

    // Organizations' policies spare service-linked roles; SCPs are about principals of accounts, RCPs about some services.
    let role = if who.kind == PrincipalKind::Role { Some(&who.arn) } else { who.issuer.as_ref() };
    let linked = role.is_some_and(|arn| arn.contains(":role/aws-service-role/"));
    let action = ask.action.to_lowercase();
    let rcp_service =
        ["aoss", "cognito-idp", "dynamodb", "ecr", "kms", "logs", "s3", "secretsmanager", "sqs", "sts"]
            .contains(&action.split(':').next().unwrap());
    let scp = if linked || who.account.is_none() { &[][..] } else { &set.scp[..] };
    let rcp = if linked || !rcp_service || action == "kms:retiregrant" { &[][..] } else { &set.rcp[..] };

    let denied = set
        .identity
        .iter()
        .chain(&set.indexed)
        .chain(&set.boundary)
        .chain(&set.session)
        .any(|policy| denies(policy, false))
        || scp.iter().flatten().any(|policy| denies(policy, false))
        || rcp.iter().flatten().chain(&set.endpoint).any(|policy| denies(policy, true))
        || set.resource.iter().any(|(_, policy)| denies(policy, true));
    if denied {
        return Answer::ExplicitDeny;
    }
    if !rcp.iter().all(|level| level.iter().any(|policy| allows(policy, true) > 0)) {
        return Answer::ImplicitDeny("resource control policy".into());
    }
    if !scp.iter().all(|level| level.iter().any(|policy| allows(policy, false) > 0)) {
        return Answer::ImplicitDeny("service control policy".into());
    }
    if set.endpoint.as_ref().is_some_and(|policy| allows(policy, true) == 0) {
        return Answer::ImplicitDeny("VPC endpoint policy".into());
    }

    let identity = who.kind == PrincipalKind::Root
        || set.identity.iter().chain(&set.indexed).any(|policy| allows(policy, false) > 0);
    let in_boundary = set.boundary.as_ref().is_none_or(|policy| allows(policy, false) > 0);
    let in_session = if set.session.is_empty() {
        who.kind != PrincipalKind::FederatedUser
    } else {
        set.session.iter().any(|policy| allows(policy, false) > 0)
    };
    if let Some((_, grantee)) = &set.grant
        && (*grantee == who.arn || (in_boundary && in_session))
    {
        return Answer::Allow;
    }
    let resource = set.resource.as_ref().map_or(0, |(_, policy)| allows(policy, true));
    let kind = set.resource.as_ref().map_or(ResourcePolicyKind::Standard, |(kind, _)| *kind);
    let no_resource = Answer::ImplicitDeny(match kind {
        ResourcePolicyKind::RoleTrust => "role trust policy".into(),
        _ => "resource-based policy".into(),
    });
    let limits = if !in_boundary {
        Answer::ImplicitDeny("permissions boundary".into())
    } else if !in_session {
        Answer::ImplicitDeny("session policy".into())
    } else {
        Answer::Allow
    };
    let by_identity =
        if identity { limits.clone() } else { Answer::ImplicitDeny("identity-based policy".into()) };

    if who.account.is_none() {
        return if resource > 0 { Answer::Allow } else { no_resource };
    }
    let same_account = ask.owner.is_none() || ask.owner == who.account;
    match (same_account, resource) {
        (false, 0) => no_resource,
        (false, _) => by_identity,
        (true, 3) => Answer::Allow,
        (true, 2) => limits,
        (true, 1) => by_identity,
        (true, _) if kind == ResourcePolicyKind::Standard => by_identity,
        (true, _) => no_resource,
    }
}
