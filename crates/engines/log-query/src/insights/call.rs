//! The functions of one row.

use std::borrow::Cow;
use std::sync::Arc;

use super::address::{in_subnet, is_private, is_valid, v4_number};
use super::expression::{Expression, QueryClock, millis};
use super::function::Function;
use super::value::Value;

/// The longest text that a function makes, in bytes: as long as an event.
const MAX_TEXT: usize = 1 << 20;

/// What `function` yields for a row.
pub(crate) fn call<'r>(
    function: Function,
    arguments: &'r [Expression],
    row: &'r [Value<'_>],
    clock: &QueryClock,
) -> Value<'r> {
    let argument =
        |index: usize| arguments.get(index).map_or(Value::Missing, |value| value.evaluate(row, clock));
    let number = |index: usize| argument(index).number();
    let all = || arguments.iter().map(|value| value.evaluate(row, clock));
    let from_number = |number: Option<f64>| number.map_or(Value::Missing, Value::number_from);
    match function {
        Function::Abs => from_number(number(0).map(f64::abs)),
        Function::Ceil => from_number(number(0).map(f64::ceil)),
        Function::Floor => from_number(number(0).map(f64::floor)),
        Function::Log => from_number(number(0).map(f64::ln)),
        Function::Sqrt => from_number(number(0).map(f64::sqrt)),
        Function::Round => from_number(number(0).map(|value| round(value, number(1).unwrap_or(0.0)))),
        Function::Greatest => from_number(all().filter_map(|value| value.number()).reduce(f64::max)),
        Function::Least => from_number(all().filter_map(|value| value.number()).reduce(f64::min)),
        Function::ToNumber => from_number(number(0)),
        Function::ToWhole => from_number(number(0).map(f64::trunc)),
        Function::IsNumeric => Value::Bool(number(0).is_some()),
        Function::IsPresent => Value::Bool(!argument(0).is_missing()),
        Function::Coalesce => all().find(|value| !value.is_missing()).unwrap_or_default(),
        Function::Case => case(arguments, row, clock),
        Function::Now => time_number(clock.now.div_euclid(1000)),
        Function::QueryStartTime => time_number(clock.start),
        Function::QueryEndTime => time_number(clock.end),
        Function::QueryTimeRange => time_number(clock.end.saturating_sub(clock.start)),
        Function::FromMillis => millis(&argument(0)).map_or(Value::Missing, Value::Time),
        Function::ToMillis => millis(&argument(0)).map_or(Value::Missing, time_number),
        Function::JsonParse => json_parse(&argument(0)),
        Function::JsonStringify => match argument(0) {
            Value::Json(value) => owned(value.to_string()),
            _ => Value::Missing,
        },
        Function::IsValidIp(family) => Value::Bool(is_valid(&text_of(&argument(0)), family)),
        Function::IsInSubnet(family) => {
            Value::Bool(in_subnet(&text_of(&argument(0)), &text_of(&argument(1)), family))
        }
        Function::IsPrivateIp => Value::Bool(is_private(&text_of(&argument(0)))),
        Function::Ipv4ToNumber => from_number(v4_number(&text_of(&argument(0)))),
        Function::IsEmpty => Value::Bool(text_of(&argument(0)).is_empty()),
        Function::IsBlank => Value::Bool(text_of(&argument(0)).trim().is_empty()),
        Function::Concat => concat(all()),
        Function::HexToDec => from_number(hex_to_number(&text_of(&argument(0)))),
        Function::DecToHex => number(0).map_or(Value::Missing, |number| owned(number_to_hex(number))),
        _ => match argument(0).text() {
            Some(text) => of_text(function, &text, argument(1), argument(2)),
            None => Value::Missing,
        },
    }
}

/// The functions whose first argument is a text that is present.
fn of_text(function: Function, text: &str, second: Value<'_>, third: Value<'_>) -> Value<'static> {
    let other = text_of(&second);
    let set: Vec<char> = other.chars().collect();
    match function {
        Function::StrLen => count(text.chars().count()),
        Function::MessageSize => count(text.len()),
        Function::ToUpper => owned(text.to_uppercase()),
        Function::ToLower => owned(text.to_lowercase()),
        Function::Trim if second.is_missing() => owned(text.trim().to_owned()),
        Function::Ltrim if second.is_missing() => owned(text.trim_start().to_owned()),
        Function::Rtrim if second.is_missing() => owned(text.trim_end().to_owned()),
        Function::Trim => owned(text.trim_matches(&*set).to_owned()),
        Function::Ltrim => owned(text.trim_start_matches(&*set).to_owned()),
        Function::Rtrim => owned(text.trim_end_matches(&*set).to_owned()),
        Function::Substr => substr(text, second.number(), third.number()),
        Function::Replace => replace(text, &other, &text_of(&third)),
        Function::StrContains if third.is_true() => {
            Value::Bool(text.to_lowercase().contains(&other.to_lowercase()))
        }
        Function::StrContains => Value::Bool(text.contains(&*other)),
        Function::StartsWith => Value::Bool(text.starts_with(&*other)),
        Function::EndsWith => Value::Bool(text.ends_with(&*other)),
        Function::Split => split(text, &other),
        Function::JsonArraySize => json_list(text).map_or(Value::Missing, |list| count(list.len())),
        Function::JsonArrayContains => {
            Value::Bool(json_list(text).is_some_and(|list| list.iter().any(|element| is(element, &other))))
        }
        Function::Base64Encode => owned(base64_simd::STANDARD.encode_to_string(text)),
        Function::Base64Decode => {
            base64_simd::STANDARD.decode_to_vec(text).map_or(Value::Missing, from_bytes)
        }
        Function::UrlEncode => owned(url_encode(text)),
        Function::UrlDecode => url_decode(text).map_or(Value::Missing, from_bytes),
        Function::HexToAscii => hex_bytes(text).map_or(Value::Missing, from_bytes),
        _ => Value::Missing,
    }
}

fn owned(text: String) -> Value<'static> {
    Value::Text(Cow::Owned(text))
}

fn text_of<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    value.text().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "no text is longer than an f64 can count")]
fn count(number: usize) -> Value<'static> {
    Value::Number(number as f64)
}

#[expect(clippy::cast_precision_loss, reason = "an f64 holds milliseconds exactly for 285,000 years")]
fn time_number(time: i64) -> Value<'static> {
    Value::Number(time as f64)
}

fn from_bytes(bytes: Vec<u8>) -> Value<'static> {
    String::from_utf8(bytes).map_or(Value::Missing, owned)
}

fn round(value: f64, decimals: f64) -> f64 {
    let scale = 10_f64.powf(decimals.trunc().clamp(-300.0, 300.0));
    let scaled = (value * scale).round() / scale;
    if scaled.is_finite() { scaled } else { value }
}

/// Pairs of a condition and a value; what is left over is for when no condition holds.
fn case<'r>(arguments: &'r [Expression], row: &'r [Value<'_>], clock: &QueryClock) -> Value<'r> {
    let mut pairs = arguments.chunks_exact(2);
    for pair in &mut pairs {
        if let [condition, value] = pair
            && condition.evaluate(row, clock).is_true()
        {
            return value.evaluate(row, clock);
        }
    }
    pairs.remainder().first().map_or(Value::Missing, |value| value.evaluate(row, clock))
}

fn concat<'r>(values: impl Iterator<Item = Value<'r>>) -> Value<'static> {
    let mut text = String::new();
    for value in values {
        let part = text_of(&value);
        if text.len() + part.len() > MAX_TEXT {
            return Value::Missing;
        }
        text.push_str(&part);
    }
    owned(text)
}

fn replace(text: &str, from: &str, to: &str) -> Value<'static> {
    if from.is_empty() {
        return owned(text.to_owned());
    }
    let grown = text.matches(from).count().saturating_mul(to.len()).saturating_add(text.len());
    if grown > MAX_TEXT { Value::Missing } else { owned(text.replace(from, to)) }
}

/// Counted in characters, from zero.
fn substr(text: &str, start: Option<f64>, length: Option<f64>) -> Value<'static> {
    let Some(start) = start else { return Value::Missing };
    let rest = text.chars().skip(super::whole(start));
    match length {
        Some(length) => owned(rest.take(super::whole(length)).collect()),
        None => owned(rest.collect()),
    }
}

fn split(text: &str, delimiter: &str) -> Value<'static> {
    let parts = if delimiter.is_empty() { vec![text] } else { text.split(delimiter).collect() };
    Value::Json(Arc::new(parts.into()))
}

fn json_parse(value: &Value<'_>) -> Value<'static> {
    let text = text_of(value);
    if !text.trim_start().starts_with(['{', '[']) {
        return Value::Missing;
    }
    serde_json::from_str(&text).map_or(Value::Missing, |value| Value::Json(Arc::new(value)))
}

fn json_list(text: &str) -> Option<Vec<serde_json::Value>> {
    serde_json::from_str(text).ok()
}

fn is(element: &serde_json::Value, text: &str) -> bool {
    match element {
        serde_json::Value::String(string) => string == text,
        serde_json::Value::Bool(value) => text == if *value { "true" } else { "false" },
        serde_json::Value::Number(number) => number.to_string() == text,
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => false,
    }
}

fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn url_decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => out.push(hex_pair(bytes.next()?, bytes.next()?)?),
            b'+' => out.push(b' '),
            other => out.push(other),
        }
    }
    Some(out)
}

fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [high, low] = pair { hex_pair(*high, *low) } else { None }).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "large numbers are approximate, as all numbers of the language"
)]
fn hex_to_number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    u64::from_str_radix(digits, 16).ok().map(|number| number as f64)
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
fn number_to_hex(number: f64) -> String {
    let whole = number.trunc() as i64;
    let sign = if whole < 0 { "-" } else { "" };
    format!("{sign}0x{:x}", whole.unsigned_abs())
}
