//! The condition keys of a request, by name.

use garrison_policy::Values;

/// Condition keys and their values, which an operation's target holds. Names are in lower case but for a tag's key.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestKeys(Vec<(String, Vec<String>)>);

impl RequestKeys {
    /// With one more key, if there is a value.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            self.0.push((name.to_owned(), vec![value.into()]));
        }
        self
    }

    /// With one more key of several values, if there are any.
    #[must_use]
    pub(crate) fn with_all(mut self, name: &str, values: Vec<String>) -> Self {
        if !values.is_empty() {
            self.0.push((name.to_owned(), values));
        }
        self
    }

    /// With `aws:RequestTag/KEY` and `aws:TagKeys` of the tags that are passed.
    #[must_use]
    pub(crate) fn with_tags(mut self, tags: &[(String, String)]) -> Self {
        for (key, value) in tags {
            self.0.push((format!("aws:requesttag/{key}"), vec![value.clone()]));
        }
        self.with_all("aws:tagkeys", tags.iter().map(|(key, _)| key.clone()).collect())
    }

    /// What a policy finds under a key.
    pub(crate) fn values(&self, key: &str) -> Option<Values<'_>> {
        let found = self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, values)| values.as_slice().into())
    }
}
