//! Pages: `Limit`, `Marker`, `NextMarker`, `Truncated`.

use garrison_api_kms::errors as api;
use garrison_schema::ApiError;

/// A page that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// At most so many items.
    pub(crate) limit: usize,
    /// Behind this item.
    pub(crate) after: Option<String>,
}

/// A page as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// `NextMarker`, when there is more; `Truncated` says whether there is.
    pub(crate) next_marker: Option<String>,
}

impl<T> Page<T> {
    /// `Truncated`.
    pub(crate) fn truncated(&self) -> bool {
        self.next_marker.is_some()
    }
}

/// The most items that a page of an operation may have, and how many it has when the caller does not say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageSize {
    /// Greater limits count as this one.
    pub(crate) max: usize,
    /// Without `Limit`.
    pub(crate) default: usize,
}

impl Paging {
    /// Reads the members of an input. A marker says where the page before ended, in a form that callers need not
    /// know.
    ///
    /// # Errors
    /// `InvalidMarkerException` when the marker is not one of ours.
    pub(crate) fn new(limit: Option<i32>, marker: Option<&str>, size: PageSize) -> Result<Self, ApiError> {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(size.default);
        let after = marker.map(read_marker).transpose()?;
        Ok(Self { limit: limit.clamp(1, size.max), after })
    }

    /// How many items to look for: one more than the page has, to know whether there is another page.
    pub(crate) fn wanted(&self) -> usize {
        self.limit + 1
    }

    /// Makes the page of what was found behind [`Self::after`], of which there may be [`Self::wanted`] items.
    pub(crate) fn page<T>(&self, mut items: Vec<T>, name: impl Fn(&T) -> String) -> Page<T> {
        let more = items.len() > self.limit;
        items.truncate(self.limit);
        let next_marker = items.last().filter(|_| more).map(|last| write_marker(&name(last)));
        Page { items, next_marker }
    }

    /// Makes the page of a sorted list that is wholly in memory.
    pub(crate) fn page_of<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        name: impl Fn(&T) -> String,
    ) -> Page<T> {
        let behind = |item: &T| self.after.as_ref().is_none_or(|after| name(item) > *after);
        let items = items.into_iter().filter(behind).take(self.wanted()).collect();
        self.page(items, name)
    }
}

const PREFIX: &str = "1:";

fn write_marker(name: &str) -> String {
    base64_simd::STANDARD.encode_to_string(format!("{PREFIX}{name}"))
}

fn read_marker(marker: &str) -> Result<String, ApiError> {
    let decode = || {
        let bytes = base64_simd::STANDARD.decode_to_vec(marker).ok()?;
        Some(String::from_utf8(bytes).ok()?.strip_prefix(PREFIX)?.to_owned())
    };
    decode().ok_or_else(|| api::invalid_marker_exception("Could not deserialize marker"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: PageSize = PageSize { max: 3, default: 2 };

    #[test]
    fn pages_follow_each_other() {
        let items = ["a", "b", "c", "d", "e"];
        let (mut marker, mut seen) = (None::<String>, Vec::new());
        loop {
            let paging = Paging::new(None, marker.as_deref(), SIZE).unwrap();
            let page = paging.page_of(items, |item| (*item).to_owned());
            assert!(page.items.len() <= 2);
            assert_eq!(page.truncated(), page.next_marker.is_some());
            seen.extend(page.items.iter().copied());
            marker = page.next_marker;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, items);
    }

    #[test]
    fn a_full_last_page_is_not_truncated() {
        let paging = Paging::new(Some(3), None, SIZE).unwrap();
        assert!(!paging.page_of(["a", "b", "c"], |item| (*item).to_owned()).truncated());
    }

    #[test]
    fn foreign_markers_are_refused() {
        for marker in ["x", "", "eDp5", "????", "MQ=="] {
            let error = Paging::new(None, Some(marker), SIZE).unwrap_err();
            assert_eq!(error.schema.name, "InvalidMarkerException", "{marker}");
        }
        assert_eq!(Paging::new(Some(5000), None, SIZE).unwrap().limit, 3);
    }
}
