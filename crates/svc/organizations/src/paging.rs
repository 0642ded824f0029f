//! Pages: `MaxResults` and `NextToken`.

use garrison_schema::ApiError;

use crate::error::{self, Invalid};

/// The most items of a page, and how many there are when the caller does not say.
const MAX_RESULTS: usize = 20;
/// Begins what tokens hold.
const PREFIX: &str = "1:";

/// A page that was asked for.
pub(crate) struct Paging {
    limit: usize,
    after: Option<String>,
}

impl Paging {
    /// Reads the members of an input.
    ///
    /// # Errors
    /// `InvalidInputException` when the token is not one of ours.
    pub(crate) fn new(max_results: Option<i32>, next_token: Option<&str>) -> Result<Self, ApiError> {
        let limit = max_results.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MAX_RESULTS);
        let after = next_token.map(read).transpose()?;
        Ok(Self { limit: limit.clamp(1, MAX_RESULTS), after })
    }

    /// Where the page before ended.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many items to look for: one more than the page has, to know whether there is another page.
    pub(crate) fn wanted(&self) -> usize {
        self.limit + 1
    }

    /// The page of what was found behind its start, and the next one's token. `name` is what the start is said by; it
    /// grows from item to item.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, name: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let token = items.last().filter(|_| more).map(|last| write(name(last)));
        (items, token)
    }

    /// The page of items that are all in memory, in any order.
    pub(crate) fn select<T>(&self, mut items: Vec<T>, name: impl Fn(&T) -> &str) -> (Vec<T>, Option<String>) {
        items.sort_by(|a, b| name(a).cmp(name(b)));
        items.retain(|item| self.after().is_none_or(|after| name(item) > after));
        self.cut(items, name)
    }
}

fn write(name: &str) -> String {
    base64_simd::STANDARD.encode_to_string(format!("{PREFIX}{name}"))
}

fn read(token: &str) -> Result<String, ApiError> {
    let name = || {
        let bytes = base64_simd::STANDARD.decode_to_vec(token).ok()?;
        Some(String::from_utf8(bytes).ok()?.strip_prefix(PREFIX)?.to_owned())
    };
    name().ok_or_else(|| {
        error::invalid(
            Invalid::InvalidNextToken,
            "You specified an invalid value for nextToken. You must get the value from the response to a previous call \
             to the API.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let all: Vec<String> = (0..45).rev().map(|n| format!("{n:02}")).collect();
        let (mut token, mut seen) = (None, Vec::new());
        loop {
            let paging = Paging::new(None, token.as_deref()).unwrap();
            let (items, next) = paging.select(all.clone(), String::as_str);
            assert!(items.len() <= 20);
            seen.extend(items);
            token = next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 45);
        assert!(seen.is_sorted());
    }

    #[test]
    fn foreign_tokens_are_refused() {
        for token in ["", "x", "????", "MQ=="] {
            let error = Paging::new(Some(5), Some(token)).err().unwrap();
            assert_eq!(error.schema.name, "InvalidInputException", "{token}");
        }
    }
}
