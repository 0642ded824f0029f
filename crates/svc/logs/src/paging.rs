//! Pages of lists: `limit` and `nextToken`. A token is what the last item is sorted by.

use garrison_schema::ApiError;

use crate::error;

/// Begins what tokens hold.
const PREFIX: &str = "1:";

/// A page that was asked for.
#[derive(Debug)]
pub struct Paging {
    limit: usize,
    after: Option<String>,
}

impl Paging {
    /// Reads the members of an input; the model bounds the limit.
    ///
    /// # Errors
    /// `InvalidParameterException` when the token is not one of ours.
    pub(crate) fn new(limit: Option<i32>, token: Option<&str>, default: usize) -> Result<Self, ApiError> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default).max(1);
        let after = token.map(|token| read(token).ok_or_else(error::invalid_token)).transpose()?;
        Ok(Self { limit, after })
    }

    /// Where the page before ended.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many items to look for: one more than the page has, to know whether there is another page.
    pub(crate) fn wanted(&self) -> usize {
        self.limit + 1
    }

    /// The page of what was found behind its start, and the next one's token.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, name: impl Fn(&T) -> String) -> (Vec<T>, Option<String>) {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let token = items.last().filter(|_| more).map(|last| write(&name(last)));
        (items, token)
    }

    /// The page of items that are all in memory, in the order of `name`, or against it.
    pub(crate) fn select<T>(
        &self,
        mut items: Vec<T>,
        descending: bool,
        name: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        items.sort_by_cached_key(&name);
        if descending {
            items.reverse();
        }
        let behind = |item: &T| {
            self.after()
                .is_none_or(|after| if descending { *name(item) < *after } else { *name(item) > *after })
        };
        let items = items.into_iter().filter(behind).take(self.wanted()).collect();
        self.cut(items, &name)
    }
}

/// A token of a text.
pub(crate) fn write(text: &str) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(format!("{PREFIX}{text}"))
}

/// The text of a token.
pub(crate) fn read(token: &str) -> Option<String> {
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token).ok()?;
    Some(String::from_utf8(bytes).ok()?.strip_prefix(PREFIX)?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_in_both_directions() {
        let all: Vec<String> = (0..45).map(|n| format!("{:02}", n * 7 % 45)).collect();
        for descending in [false, true] {
            let (mut token, mut seen) = (None, Vec::new());
            loop {
                let paging = Paging::new(Some(20), token.as_deref(), 50).unwrap();
                let (items, next) = paging.select(all.clone(), descending, Clone::clone);
                assert!(items.len() <= 20);
                seen.extend(items);
                token = next;
                if token.is_none() {
                    break;
                }
            }
            if descending {
                seen.reverse();
            }
            assert_eq!(seen.len(), 45);
            assert!(seen.is_sorted());
        }
    }

    #[test]
    fn foreign_tokens_are_refused() {
        for token in ["", "x", "????", "MQ"] {
            let error = Paging::new(Some(5), Some(token), 50).unwrap_err();
            assert_eq!(error.schema.name, "InvalidParameterException", "{token}");
        }
    }
}
