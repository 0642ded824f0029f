//! Why a query is refused, or ends without a result.

/// Why a query is refused: the `QueryCompileError` of a `MalformedQueryException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// What is wrong, with the line and the position where it is. AWS documents no wording.
    pub message: String,
    /// Where the wrong part begins, in characters: `location.startCharOffset`.
    pub start: usize,
    /// Where it ends, in characters, the end not included: `location.endCharOffset`.
    pub end: usize,
}

/// Why a query ends without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExecutionError {
    /// More groups, or more distinct rows, than [`crate::Limits`] allows.
    #[error("the query has too many groups")]
    TooManyGroups,
    /// More memory for rows and groups than [`crate::Limits`] allows.
    #[error("the query needs too much memory")]
    TooLarge,
}

/// A fault between two places of the query, in bytes.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

pub(crate) type Parsed<T> = Result<T, Fault>;

impl Fault {
    pub(crate) fn new(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self { message: message.into(), start, end }
    }

    /// The same fault in characters of `text`.
    pub(crate) fn locate(self, text: &str) -> QueryError {
        let before = |end: usize| text.get(..end).unwrap_or(text);
        let head = before(self.start);
        let line = head.matches('\n').count() + 1;
        let position = head.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        QueryError {
            message: format!("{} at line {line} and position {position}", self.message),
            start: head.chars().count(),
            end: before(self.end.max(self.start)).chars().count(),
        }
    }
}
