//! Why a pattern is refused, in AWS's words.

/// Why a filter pattern is refused: an `InvalidParameterException`.
///
/// What AWS says was read from issue threads of the AWS CDK, the Terraform provider and Zappa; it does not say where in
/// the pattern the fault is. [`FilterPatternError::reason`] says what we saw, for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterPatternError {
    /// A term, or a regular expression, with a character that it may not have unquoted.
    #[error("Invalid character(s) in term '{0}'")]
    Term(String),
    /// It is not in the language, or exceeds a quota of the language.
    #[error("Invalid filter pattern")]
    Syntax(&'static str),
}

impl FilterPatternError {
    /// The message of FilterLogEvents, PutSubscriptionFilter and StartLiveTail.
    pub fn filter_message(&self) -> String {
        match self {
            Self::Term(_) => format!("Invalid filter pattern: {self}"),
            Self::Syntax(_) => self.to_string(),
        }
    }

    /// The message of PutMetricFilter and TestMetricFilter.
    pub fn metric_filter_message(&self) -> String {
        match self {
            Self::Term(_) => self.to_string(),
            Self::Syntax(_) => "Invalid metric filter pattern".to_owned(),
        }
    }

    /// What is wrong, in a few words.
    pub fn reason(&self) -> &str {
        match self {
            Self::Term(_) => "a character that needs quotes",
            Self::Syntax(reason) => reason,
        }
    }
}

/// Why the value of a metric or a dimension is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// Not a property selector or a field.
    #[error("it is not a property selector or a field")]
    Syntax,
    /// The pattern has no field of this name.
    #[error("the pattern has no field of this name")]
    UnknownField,
    /// Patterns of terms have no properties and no fields.
    #[error("The specified filter pattern does not support dimensions")]
    NotSupported,
}
