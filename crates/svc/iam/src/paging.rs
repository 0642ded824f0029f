//! Pages: `MaxItems`, `Marker`, `IsTruncated`; and `PathPrefix`.

use garrison_kernel::errors;
use garrison_schema::ApiError;

/// Without `MaxItems`.
const DEFAULT: usize = 100;
/// Greater values count as this one; the model refuses them.
const MAX: usize = 1000;

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    limit: usize,
    after: Option<String>,
}

/// A page as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// `Marker`, when there is more.
    pub(crate) marker: Option<String>,
}

impl<T> Page<T> {
    /// `IsTruncated`.
    pub(crate) fn is_truncated(&self) -> Option<bool> {
        Some(self.marker.is_some())
    }
}

impl Paging {
    /// Reads the members of an input. A marker says where the page before ended, in a form that callers need not
    /// know.
    ///
    /// # Errors
    /// `ValidationError` when the marker is not one of ours.
    pub(crate) fn new(max_items: Option<i32>, marker: Option<&str>) -> Result<Self, ApiError> {
        let limit = max_items.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT);
        let after = marker.map(read_marker).transpose()?;
        Ok(Self { limit: limit.clamp(1, MAX), after })
    }

    /// Where the page before ended.
    pub(crate) fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many items to look for: one more than the page has, to know whether there is another page.
    pub(crate) fn wanted(&self) -> usize {
        self.limit + 1
    }

    /// Makes the page of what was found behind [`Self::after`], of which there may be [`Self::wanted`] items. `place`
    /// is what they are ordered by.
    pub(crate) fn page<T>(&self, mut items: Vec<T>, place: impl Fn(&T) -> String) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let marker = items.last().filter(|_| more).map(|last| write_marker(&place(last)));
        Page { items, marker }
    }

    /// Makes the page of a list that is wholly in memory and ordered by `place`.
    pub(crate) fn page_of<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        place: impl Fn(&T) -> String,
    ) -> Page<T> {
        let behind = |item: &T| self.after.as_ref().is_none_or(|after| place(item) > *after);
        let items = items.into_iter().filter(behind).take(self.wanted()).collect();
        self.page(items, place)
    }

    /// Makes the page of a list that is wholly in memory, in the order that it is in.
    pub(crate) fn page_in_order<T>(&self, items: impl IntoIterator<Item = T>) -> Page<T> {
        let numbered = items.into_iter().enumerate();
        let page = self.page_of(numbered, |(index, _)| format!("{index:08}"));
        Page { items: page.items.into_iter().map(|(_, item)| item).collect(), marker: page.marker }
    }
}

/// Whether a path begins as `PathPrefix` demands.
pub(crate) fn has_prefix(path: &str, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| path.starts_with(prefix))
}

const PREFIX: &str = "1:";

fn write_marker(place: &str) -> String {
    base64_simd::STANDARD.encode_to_string(format!("{PREFIX}{place}"))
}

fn read_marker(marker: &str) -> Result<String, ApiError> {
    let decode = || {
        let bytes = base64_simd::STANDARD.decode_to_vec(marker).ok()?;
        Some(String::from_utf8(bytes).ok()?.strip_prefix(PREFIX)?.to_owned())
    };
    decode().ok_or_else(|| errors::validation("Invalid Marker."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let items = ["a", "b", "c", "d", "e"];
        for in_order in [false, true] {
            let (mut marker, mut seen) = (None::<String>, Vec::new());
            loop {
                let paging = Paging::new(Some(2), marker.as_deref()).unwrap();
                let page = if in_order {
                    paging.page_in_order(items)
                } else {
                    paging.page_of(items, |item| (*item).to_owned())
                };
                assert!(page.items.len() <= 2);
                assert_eq!(page.is_truncated(), Some(page.marker.is_some()));
                seen.extend(page.items.iter().copied());
                marker = page.marker;
                if marker.is_none() {
                    break;
                }
            }
            assert_eq!(seen, items);
        }
    }

    #[test]
    fn foreign_markers_are_refused() {
        for marker in ["x", "", "eDp5", "????", "MQ=="] {
            assert_eq!(
                Paging::new(None, Some(marker)).unwrap_err().schema.name,
                "ValidationException",
                "{marker}"
            );
        }
        assert_eq!(Paging::new(None, None).unwrap().wanted(), 101);
        assert_eq!(Paging::new(Some(5000), None).unwrap().wanted(), 1001);
    }
}
