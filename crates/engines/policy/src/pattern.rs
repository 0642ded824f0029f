//! Strings with wildcards and policy variables, and ARNs made of them.
//!
//! Source: IAM User Guide, "IAM policy elements: Variables and tags" and "IAM JSON policy elements: Resource".

use std::fmt::{self, Write as _};

use crate::document::{Version, shorten};
use crate::error::PolicyError;
use crate::request::Request;
use crate::value::{Text, Values};

/// The most variables that one string may hold: they are resolved on the stack.
const MAX_VARIABLES: usize = 8;

/// How a string is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syntax {
    /// Whether `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
    /// Whether `${…}` are variables.
    pub(crate) variables: bool,
}

impl Syntax {
    /// Wildcards, but no variables.
    pub(crate) const WILDCARDS: Self = Self { wildcards: true, variables: false };

    /// Variables as the language's version has them.
    pub(crate) fn new(version: Version, wildcards: bool) -> Self {
        Self { wildcards, variables: version == Version::V2012 }
    }
}

/// Whether letters match in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Exact,
    Ignored,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(Box<str>),
    /// `*`
    AnySequence,
    /// `?`
    AnyCharacter,
    /// The variable at this place of [`Glob::variables`].
    Variable(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    /// In ASCII lower case.
    key: Box<str>,
    default: Option<Box<str>>,
}

/// A string to match against, possibly with wildcards and variables. Most are one of the first three.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `*`
    Anything,
    /// Plain text.
    Literal(Box<str>),
    /// Plain text with a `*` at its end, which is left out here.
    Prefix(Box<str>),
    Glob(Box<Glob>),
}

/// Any other pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    tokens: Box<[Token]>,
    variables: Box<[Variable]>,
}

impl Pattern {
    /// Reads `text`.
    pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Self, PolicyError> {
        let mut tokens = Tokens::default();
        let mut variables = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let tail = rest.get(first.len_utf8()..).unwrap_or_default();
            let body = if syntax.variables && first == '$' { tail.strip_prefix('{') } else { None };
            if let Some(body) = body {
                rest = read_variable(body, &mut tokens, &mut variables)
                    .ok_or_else(|| PolicyError::Variable(shorten(text)))?;
                continue;
            }
            match first {
                '*' if syntax.wildcards => tokens.push(Token::AnySequence),
                '?' if syntax.wildcards => tokens.push(Token::AnyCharacter),
                other => tokens.literal.push(other),
            }
            rest = tail;
        }
        Ok(Self::new(tokens.finish(), variables.into()))
    }

    fn new(mut tokens: Vec<Token>, variables: Box<[Variable]>) -> Self {
        match tokens.as_mut_slice() {
            [] => Self::Literal(Box::default()),
            [Token::AnySequence] => Self::Anything,
            [Token::Literal(text)] => Self::Literal(std::mem::take(text)),
            [Token::Literal(text), Token::AnySequence] => Self::Prefix(std::mem::take(text)),
            _ => Self::Glob(Box::new(Glob { tokens: tokens.into(), variables })),
        }
    }

    /// The text, when it has neither wildcards nor variables.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            _ => None,
        }
    }

    /// The text before the first wildcard or variable.
    pub(crate) fn literal_prefix(&self) -> &str {
        match self {
            Self::Anything => "",
            Self::Literal(text) | Self::Prefix(text) => text,
            Self::Glob(glob) => match glob.tokens.first() {
                Some(Token::Literal(text)) => text,
                _ => "",
            },
        }
    }

    /// Whether `text` matches, with the variables' values from `request`. A variable without a value matches
    /// nothing.
    pub(crate) fn matches(&self, text: &str, case: Case, request: &Request<'_>) -> bool {
        match self {
            Self::Glob(glob) => glob.matches(text, case, request),
            _ => self.matches_without_variables(text, case),
        }
    }

    /// The same for a pattern without variables; one with variables matches nothing.
    pub(crate) fn matches_without_variables(&self, text: &str, case: Case) -> bool {
        match self {
            Self::Anything => true,
            Self::Literal(literal) => equal(text, literal, case),
            Self::Prefix(literal) => prefix_length(text, literal, case).is_some(),
            Self::Glob(glob) => {
                glob.variables.is_empty() && glob.search(text, case, &[const { None }; MAX_VARIABLES])
            }
        }
    }
}

/// As it would be written; a plain text without the escapes that it was perhaps written with.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anything => f.write_str("*"),
            Self::Literal(text) => f.write_str(text),
            Self::Prefix(text) => write!(f, "{}*", Escaped(text)),
            Self::Glob(glob) => glob.fmt(f),
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.tokens {
            match token {
                Token::Literal(text) => Escaped(text).fmt(f)?,
                Token::AnySequence => f.write_str("*")?,
                Token::AnyCharacter => f.write_str("?")?,
                Token::Variable(index) => match self.variables.get(*index) {
                    Some(Variable { key, default: None }) => write!(f, "${{{key}}}")?,
                    Some(Variable { key, default: Some(default) }) => write!(f, "${{{key}, '{default}'}}")?,
                    None => {}
                },
            }
        }
        Ok(())
    }
}

/// Plain text beside wildcards and variables.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '*' | '?' | '$' => write!(f, "${{{character}}}"),
            other => f.write_char(other),
        })
    }
}

impl Glob {
    fn matches(&self, text: &str, case: Case, request: &Request<'_>) -> bool {
        let mut resolved = [const { None }; MAX_VARIABLES];
        for (slot, variable) in resolved.iter_mut().zip(&self.variables) {
            match variable.resolve(request) {
                Some(value) => *slot = Some(value),
                None => return false,
            }
        }
        self.search(text, case, &resolved)
    }

    /// Matches greedily and goes back to the last `*` on failure; earlier ones need never be reconsidered.
    fn search(&self, text: &str, case: Case, resolved: &[Option<Text<'_>>; MAX_VARIABLES]) -> bool {
        let mut tokens: &[Token] = &self.tokens;
        let mut rest = text;
        // Where to go on after a failure: the tokens behind the last `*`, and the text it has not swallowed yet.
        let mut retry: Option<(&[Token], &str)> = None;
        loop {
            let consumed = match tokens.split_first() {
                None if rest.is_empty() => return true,
                None => None,
                Some((Token::AnySequence, [])) => return true,
                Some((Token::AnySequence, tail)) => {
                    retry = Some((tail, rest));
                    Some((0, tail))
                }
                Some((Token::AnyCharacter, tail)) => rest.chars().next().map(|c| (c.len_utf8(), tail)),
                Some((Token::Literal(literal), tail)) => {
                    prefix_length(rest, literal, case).map(|length| (length, tail))
                }
                Some((Token::Variable(index), tail)) => {
                    let value = resolved.get(*index).and_then(Option::as_ref).map(Text::as_str);
                    value.and_then(|value| prefix_length(rest, value, case)).map(|length| (length, tail))
                }
            };
            if let Some((length, tail)) = consumed {
                rest = rest.get(length..).unwrap_or_default();
                tokens = tail;
                continue;
            }
            let Some((tail, unswallowed)) = retry else { return false };
            let Some(next) = unswallowed.chars().next() else { return false };
            rest = unswallowed.get(next.len_utf8()..).unwrap_or_default();
            retry = Some((tail, rest));
            tokens = tail;
        }
    }
}

/// Collects tokens, joining characters to literals.
#[derive(Default)]
struct Tokens {
    done: Vec<Token>,
    literal: String,
}

impl Tokens {
    fn push(&mut self, token: Token) {
        self.flush();
        // `**` is `*`.
        if token != Token::AnySequence || self.done.last() != Some(&Token::AnySequence) {
            self.done.push(token);
        }
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.done.push(Token::Literal(std::mem::take(&mut self.literal).into()));
        }
    }

    fn finish(mut self) -> Vec<Token> {
        self.flush();
        self.done
    }
}

/// Reads a variable from behind its `${` and returns what follows the closing brace.
fn read_variable<'a>(body: &'a str, tokens: &mut Tokens, variables: &mut Vec<Variable>) -> Option<&'a str> {
    for (name, character) in [("*}", '*'), ("?}", '?'), ("$}", '$')] {
        if let Some(rest) = body.strip_prefix(name) {
            tokens.literal.push(character);
            return Some(rest);
        }
    }
    let (key, rest) = body.split_at_checked(body.find([',', '}'])?)?;
    let (default, rest) = match rest.strip_prefix(',') {
        None => (None, rest),
        Some(rest) => {
            let (default, rest) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
            (Some(default.into()), rest.trim_start())
        }
    };
    let rest = rest.strip_prefix('}')?;
    let key = key.trim();
    if key.is_empty() || key.contains(['$', '{', '*', '?', '\'']) || variables.len() == MAX_VARIABLES {
        return None;
    }
    tokens.push(Token::Variable(variables.len()));
    variables.push(Variable { key: key.to_ascii_lowercase().into(), default });
    Some(rest)
}

impl Variable {
    /// Only single-valued keys have a value to put in place of the variable.
    fn resolve<'a>(&'a self, request: &'a Request<'_>) -> Option<Text<'a>> {
        let value = match request.condition_key(&self.key) {
            Some(values) if values.len() == 1 => values.get(0).and_then(|value| value.text()),
            Some(Values::One(_) | Values::Many(_) | Values::Strings(_)) | None => None,
        };
        value.or_else(|| self.default.as_deref().map(Text::Borrowed))
    }
}

fn equal(text: &str, expected: &str, case: Case) -> bool {
    text == expected || (case == Case::Ignored && folded_prefix_length(text, expected) == Some(text.len()))
}

/// How many bytes of `text` its beginning `prefix` takes, or `None` when it does not begin so.
fn prefix_length(text: &str, prefix: &str, case: Case) -> Option<usize> {
    match case {
        Case::Exact => text.starts_with(prefix).then_some(prefix.len()),
        Case::Ignored => folded_prefix_length(text, prefix),
    }
}

/// The same, with letters in either case. Names of actions are ASCII, and most differ early: they are compared byte by byte.
fn folded_prefix_length(text: &str, prefix: &str) -> Option<usize> {
    let mut given = text.bytes();
    for wanted in prefix.bytes() {
        let byte = given.next();
        if !wanted.is_ascii() || byte.is_some_and(|byte| !byte.is_ascii()) {
            return folded_characters(text, prefix);
        }
        if !byte?.eq_ignore_ascii_case(&wanted) {
            return None;
        }
    }
    Some(prefix.len())
}

/// The same, character by character: a letter may take more bytes in one case than in the other.
fn folded_characters(text: &str, prefix: &str) -> Option<usize> {
    let mut given = text.chars();
    for wanted in prefix.chars() {
        let character = given.next()?;
        let same = character.eq_ignore_ascii_case(&wanted)
            || (!(character.is_ascii() && wanted.is_ascii())
                && character.to_lowercase().eq(wanted.to_lowercase()));
        if !same {
            return None;
        }
    }
    Some(text.len() - given.as_str().len())
}

/// A string split at its first five colons, once for all the patterns that it is matched with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SplitArn<'a> {
    text: &'a str,
    /// Where the fields after the first begin: behind each colon.
    starts: [usize; 5],
    colons: usize,
}

impl<'a> SplitArn<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut starts = [0; 5];
        let mut colons = 0;
        let places = text.bytes().enumerate().filter(|(_, byte)| *byte == b':');
        for (slot, (at, _)) in starts.iter_mut().zip(places) {
            *slot = at + 1;
            colons += 1;
        }
        Self { text, starts, colons }
    }

    /// The field at `index`, up to the next colon; the sixth goes to the end.
    fn field(&self, index: usize) -> Option<&'a str> {
        let rest = self.rest(index)?;
        let next = if index < self.colons { self.starts.get(index) } else { None };
        let end = next.map_or(rest.len(), |next| rest.len() - (self.text.len() - next) - 1);
        rest.get(..end)
    }

    /// Everything from the field at `index` on.
    fn rest(&self, index: usize) -> Option<&'a str> {
        let start = match index.checked_sub(1) {
            None => 0,
            Some(colon) if colon < self.colons => *self.starts.get(colon)?,
            Some(_) => return None,
        };
        self.text.get(start..)
    }
}

/// An ARN to match against: field by field, so that a wildcard does not reach over a colon, but for the resource
/// at the end, which may hold colons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*`
    Anything,
    /// The first five fields are plain text, so that no wildcard can reach over their colons; the usual case.
    Whole(Pattern),
    /// Six fields; or fewer, the last of which ends with `*` and covers all that follows.
    Fields(Box<[Pattern]>),
}

impl ArnPattern {
    /// Reads `text`; `Ok(None)` when it has not the form of an ARN.
    pub(crate) fn parse(text: &str, version: Version) -> Result<Option<Self>, PolicyError> {
        if text == "*" {
            return Ok(Some(Self::Anything));
        }
        let syntax = Syntax::new(version, true);
        let parts = split_fields(text, syntax.variables);
        if parts.len() < 6 && !text.ends_with('*') {
            return Ok(None);
        }
        let fields = parts.iter().map(|part| Pattern::parse(part, syntax)).collect::<Result<Vec<_>, _>>()?;
        if let [head @ .., _] = fields.as_slice()
            && head.len() == 5
            && head.iter().all(|field| field.as_literal().is_some())
        {
            return Ok(Some(Self::Whole(Pattern::parse(text, syntax)?)));
        }
        Ok(Some(Self::Fields(fields.into_boxed_slice())))
    }

    pub(crate) fn matches(&self, arn: &SplitArn<'_>, request: &Request<'_>) -> bool {
        match self {
            Self::Anything => true,
            Self::Whole(pattern) => pattern.matches(arn.text, Case::Exact, request),
            Self::Fields(fields) => fields.iter().enumerate().all(|(index, field)| {
                let text = if index + 1 == fields.len() { arn.rest(index) } else { arn.field(index) };
                text.is_some_and(|text| field.matches(text, Case::Exact, request))
            }),
        }
    }

    /// A text that every ARN that matches begins with.
    pub(crate) fn literal_prefix(&self) -> String {
        match self {
            Self::Anything => String::new(),
            Self::Whole(pattern) => pattern.literal_prefix().to_owned(),
            Self::Fields(fields) => {
                let mut prefix = String::new();
                for field in fields {
                    prefix.push_str(field.literal_prefix());
                    if field.as_literal().is_none() {
                        break;
                    }
                    prefix.push(':');
                }
                prefix
            }
        }
    }
}

impl fmt::Display for ArnPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anything => f.write_str("*"),
            Self::Whole(pattern) => pattern.fmt(f),
            Self::Fields(fields) => fields.iter().enumerate().try_for_each(|(index, field)| {
                f.write_str(if index == 0 { "" } else { ":" })?;
                field.fmt(f)
            }),
        }
    }
}

/// Splits at the first five colons outside of variables.
fn split_fields(text: &str, variables: bool) -> Vec<&str> {
    let mut fields = Vec::with_capacity(6);
    let (mut start, mut in_variable) = (0, false);
    let mut previous = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '{' if variables && previous == '$' => in_variable = true,
            '}' => in_variable = false,
            ':' if !in_variable && fields.len() < 5 => {
                fields.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        previous = character;
    }
    fields.extend(text.get(start..));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::Principal;
    use crate::value::KeyList;

    fn with_request(test: impl Fn(&Request<'_>)) {
        let strings = ["a".to_owned(), "b".to_owned()];
        let keys = [
            ("aws:PrincipalTag/Team", "red*".into()),
            ("n", 7.into()),
            ("aws:TagKeys", Values::Strings(&strings)),
        ];
        let principal =
            Principal::user("arn:aws:iam::111122223333:user/p/ann", "111122223333".parse().unwrap(), "AIDA");
        test(&Request {
            principal: &principal,
            action: "x:Y",
            resource: "*",
            resource_account: None,
            keys: &KeyList(&keys),
        });
    }

    #[test]
    fn wildcards_and_variables_match() {
        with_request(|request| {
            let syntax = Syntax::new(Version::V2012, true);
            for (pattern, text, expected) in [
                ("", "", true),
                ("", "a", false),
                ("*", "", true),
                ("a*b*c", "a-b-b-c", true),
                ("a*b*c", "a-b-b-d", false),
                ("*.txt", "a.txt.txt", true),
                ("a?c", "aéc", true),
                ("a?c", "ac", false),
                ("?*?", "a", false),
                ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
                ("A", "a", false),
                ("${aws:username}/*", "ann/x", true),
                ("${AWS:UserName}", "ann", true),
                ("*-${aws:username}-*", "ann-ann-ann-x", true),
                ("${aws:PrincipalTag/Team}", "red*", true),
                ("${aws:PrincipalTag/Team}", "redder", false),
                ("${aws:PrincipalTag/None}", "", false),
                ("${aws:PrincipalTag/None, 'def'}", "def", true),
                ("${ aws:PrincipalTag/None ,'def' }", "def", true),
                ("${aws:PrincipalTag/None, ''}", "", true),
                ("${aws:TagKeys}", "a", false),
                ("${n}", "7", true),
                ("${*}${?}${$}", "*?$", true),
                ("${*}", "x", false),
                ("$a$", "$a$", true),
            ] {
                let parsed = Pattern::parse(pattern, syntax).unwrap();
                assert_eq!(parsed.matches(text, Case::Exact, request), expected, "{pattern} on {text}");
            }
        });
    }

    #[test]
    fn the_old_version_knows_no_variables() {
        with_request(|request| {
            let parsed = Pattern::parse("${aws:username}", Syntax::new(Version::V2008, true)).unwrap();
            assert!(parsed.matches("${aws:username}", Case::Exact, request));
            assert!(!parsed.matches("ann", Case::Exact, request));
        });
    }

    #[test]
    fn case_is_ignored_where_asked() {
        with_request(|request| {
            let syntax = Syntax::new(Version::V2012, false);
            for (pattern, text, expected) in [
                ("ABC", "abc", true),
                ("Straße-É", "STRAßE-é", true),
                ("ab", "abc", false),
                ("a*", "A*", true),
            ] {
                let parsed = Pattern::parse(pattern, syntax).unwrap();
                assert_eq!(parsed.matches(text, Case::Ignored, request), expected, "{pattern} on {text}");
            }
        });
    }

    proptest::proptest! {
        #[test]
        fn bytes_are_folded_as_characters_are(
            text in "[a-cA-CkK\u{212a}éÉßİ]{0,4}", prefix in "[a-cA-CkK\u{212a}éÉßİ]{0,3}",
        ) {
            proptest::prop_assert_eq!(folded_prefix_length(&text, &prefix), folded_characters(&text, &prefix));
        }
    }

    #[test]
    fn broken_variables_are_refused() {
        for text in
            ["${", "${}", "${a", "${a,b}", "${a, 'b}", "${a,'b'c}", "${${a}}", "${ }", &"${a}".repeat(9)]
        {
            assert!(Pattern::parse(text, Syntax::new(Version::V2012, true)).is_err(), "{text}");
        }
    }

    #[test]
    fn arns_match_field_by_field() {
        with_request(|request| {
            for (pattern, arn, expected) in [
                ("*", "*", true),
                ("*", "anything", true),
                ("arn:aws:kms:*:111:key/*", "arn:aws:kms:eu-west-1:111:key/1", true),
                ("arn:aws:kms:*:111:key/*", "*", false),
                ("arn:aws:x:*:111:finance/*", "arn:aws:x:us-east-2:999:store/abc:111:finance/d", false),
                ("arn:aws:s3:::b/*/t/*", "arn:aws:s3:::b/1/2/t/3:4", true),
                ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ann/x", true),
                ("arn:aws:s3:::b:c", "arn:aws:s3:::b:c", true),
                ("arn:aws:ec2:*", "arn:aws:ec2:us-east-1:111:instance/i-1", true),
                ("arn:aws:s3*", "arn:aws:s3:::b", true),
                ("arn:aws:ec2:*", "arn:aws:ec3:us-east-1:111:instance/i-1", false),
                ("arn:aws:iam::${aws:PrincipalAccount}:role/r", "arn:aws:iam::111122223333:role/r", true),
            ] {
                let parsed = ArnPattern::parse(pattern, Version::V2012).unwrap().unwrap();
                assert_eq!(parsed.matches(&SplitArn::new(arn), request), expected, "{pattern} on {arn}");
            }
            assert_eq!(ArnPattern::parse("bucket", Version::V2012), Ok(None));
            assert_eq!(ArnPattern::parse("arn:aws:s3", Version::V2012), Ok(None));
        });
    }
}
