//! The functions of the language, and how many arguments each takes.
//!
//! Source: CloudWatch Logs User Guide, `CWL_QuerySyntax-operations-functions` and `CWL_QuerySyntax-Stats`.

/// A function of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Base64Decode,
    Base64Encode,
    Case,
    Ceil,
    Coalesce,
    Concat,
    DecToHex,
    EndsWith,
    Floor,
    FromMillis,
    Greatest,
    HexToAscii,
    HexToDec,
    Ipv4ToNumber,
    IsBlank,
    IsEmpty,
    IsInSubnet(Family),
    IsNumeric,
    IsPresent,
    IsPrivateIp,
    IsValidIp(Family),
    JsonArrayContains,
    JsonArraySize,
    JsonParse,
    JsonStringify,
    Least,
    Log,
    Ltrim,
    MessageSize,
    Now,
    QueryEndTime,
    QueryStartTime,
    QueryTimeRange,
    Replace,
    Round,
    Rtrim,
    Split,
    Sqrt,
    StartsWith,
    StrContains,
    StrLen,
    Substr,
    ToLower,
    ToMillis,
    ToNumber,
    ToUpper,
    ToWhole,
    Trim,
    UrlDecode,
    UrlEncode,
}

/// Which addresses a function is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Any,
    V4,
    V6,
}

/// Any number of arguments.
const MANY: usize = 100;

/// Names in lower case, and the least and the greatest number of arguments.
const FUNCTIONS: &[(&str, Function, usize, usize)] = &[
    ("abs", Function::Abs, 1, 1),
    ("base64decode", Function::Base64Decode, 1, 1),
    ("base64encode", Function::Base64Encode, 1, 1),
    ("case", Function::Case, 2, 21),
    ("ceil", Function::Ceil, 1, 1),
    ("coalesce", Function::Coalesce, 1, MANY),
    ("concat", Function::Concat, 1, MANY),
    ("dectohex", Function::DecToHex, 1, 1),
    ("endswith", Function::EndsWith, 2, 2),
    ("floor", Function::Floor, 1, 1),
    ("frommillis", Function::FromMillis, 1, 1),
    ("greatest", Function::Greatest, 1, MANY),
    ("hextoascii", Function::HexToAscii, 1, 1),
    ("hextodec", Function::HexToDec, 1, 1),
    ("if", Function::Case, 3, 3),
    ("ipv4tonumber", Function::Ipv4ToNumber, 1, 1),
    ("isblank", Function::IsBlank, 1, 1),
    ("isempty", Function::IsEmpty, 1, 1),
    ("isipinsubnet", Function::IsInSubnet(Family::Any), 2, 2),
    ("isipv4insubnet", Function::IsInSubnet(Family::V4), 2, 2),
    ("isipv6insubnet", Function::IsInSubnet(Family::V6), 2, 2),
    ("isnumeric", Function::IsNumeric, 1, 1),
    ("ispresent", Function::IsPresent, 1, 1),
    ("isprivateip", Function::IsPrivateIp, 1, 1),
    ("isvalidip", Function::IsValidIp(Family::Any), 1, 1),
    ("isvalidipv4", Function::IsValidIp(Family::V4), 1, 1),
    ("isvalidipv6", Function::IsValidIp(Family::V6), 1, 1),
    ("jsonarraycontains", Function::JsonArrayContains, 2, 2),
    ("jsonarraysize", Function::JsonArraySize, 1, 1),
    ("jsonparse", Function::JsonParse, 1, 1),
    ("jsonstringify", Function::JsonStringify, 1, 1),
    ("least", Function::Least, 1, MANY),
    ("log", Function::Log, 1, 1),
    ("ltrim", Function::Ltrim, 1, 2),
    ("messagesize", Function::MessageSize, 1, 1),
    ("now", Function::Now, 0, 0),
    ("queryendtime", Function::QueryEndTime, 0, 0),
    ("querystarttime", Function::QueryStartTime, 0, 0),
    ("querytimerange", Function::QueryTimeRange, 0, 0),
    ("replace", Function::Replace, 3, 3),
    ("round", Function::Round, 1, 2),
    ("rtrim", Function::Rtrim, 1, 2),
    ("split", Function::Split, 2, 2),
    ("sqrt", Function::Sqrt, 1, 1),
    ("startswith", Function::StartsWith, 2, 2),
    ("strcontains", Function::StrContains, 2, 3),
    ("strlen", Function::StrLen, 1, 1),
    ("substr", Function::Substr, 2, 3),
    ("todouble", Function::ToNumber, 1, 1),
    ("toint", Function::ToWhole, 1, 1),
    ("tolong", Function::ToWhole, 1, 1),
    ("tolower", Function::ToLower, 1, 1),
    ("tomillis", Function::ToMillis, 1, 1),
    ("tonumber", Function::ToNumber, 1, 1),
    ("toupper", Function::ToUpper, 1, 1),
    ("trim", Function::Trim, 1, 2),
    ("urldecode", Function::UrlDecode, 1, 1),
    ("urlencode", Function::UrlEncode, 1, 1),
];

impl Function {
    /// The function with this name, in any case, and the least and the greatest number of arguments.
    pub(crate) fn named(name: &str) -> Option<(Self, usize, usize)> {
        let found = FUNCTIONS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name));
        found.map(|(_, function, least, most)| (*function, *least, *most))
    }
}

/// A function of many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Average,
    Count,
    CountDistinct,
    Earliest,
    Latest,
    Max,
    Min,
    Percentile,
    SortsFirst,
    SortsLast,
    StandardDeviation,
    Sum,
}

impl Aggregate {
    /// The function with this name, in any case, and the least and the greatest number of arguments.
    pub(crate) fn named(name: &str) -> Option<(Self, usize, usize)> {
        Some(match name.to_ascii_lowercase().as_str() {
            "avg" => (Self::Average, 1, 1),
            "count" => (Self::Count, 0, 1),
            "count_distinct" => (Self::CountDistinct, 1, 1),
            "earliest" => (Self::Earliest, 1, 1),
            "latest" => (Self::Latest, 1, 1),
            "max" => (Self::Max, 1, 1),
            "min" => (Self::Min, 1, 1),
            "pct" => (Self::Percentile, 2, 2),
            "sortsfirst" => (Self::SortsFirst, 1, 1),
            "sortslast" => (Self::SortsLast, 1, 1),
            "stddev" => (Self::StandardDeviation, 1, 1),
            "sum" => (Self::Sum, 1, 1),
            _ => return None,
        })
    }

    /// Whether it looks at the time of a row.
    pub(crate) fn is_timed(self) -> bool {
        matches!(self, Self::Earliest | Self::Latest)
    }
}
