//! `ListLogGroups`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html>
//!
//! Action `logs:ListLogGroups` on no resource.

use garrison_api_logs::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::paging::Paging;
use crate::records::Group;
use crate::repo::Place;
use crate::service::Logs;
use crate::{error, group};

/// How many groups a page has when the caller does not say.
const PAGE: usize = 50;

impl Handler<Logs> for operations::ListLogGroups {
    const ACCESS: Access = Access::read("logs:ListLogGroups");
    type Target = Paging;

    async fn resolve(_: &Logs, _: &Context, input: &Self::Input) -> Result<Resolved<Paging>, ApiError> {
        let paging = Paging::new(input.limit, input.next_token.as_deref(), PAGE)?;
        Ok(Resolved::new(paging, Check::any()))
    }

    async fn execute(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        paging: &Paging,
    ) -> Result<Reply<Self::Output>, ApiError> {
        if input.data_sources.is_some() || input.field_index_names.is_some() || input.log_group_tags.is_some()
        {
            return Err(error::not_built("Listing log groups by data source, field index or tag"));
        }
        let place = Place::of(cx);
        let pattern = input.log_group_name_pattern.as_deref().unwrap_or_default();
        let class = input.log_group_class.as_ref();
        let wanted = |name: &str, group: &Group| {
            matches(pattern, name) && class.is_none_or(|class| class.as_str() == group.class)
        };
        let found = logs.repo().groups(&place, paging.after(), paging.wanted(), wanted).await?;
        let (found, next_token) = paging.cut(found, |found| found.name.clone());
        let view = |found: &crate::repo::Found<Group>| types::LogGroupSummary {
            log_group_name: Some(found.name.clone()),
            log_group_arn: Some(group::arn(&place, &found.name)),
            log_group_class: Some(types::LogGroupClass::from(found.record.class.as_str())),
        };
        Ok(Reply::new(types::ListLogGroupsResponse {
            log_groups: Some(found.iter().map(view).collect()),
            next_token,
        }))
    }
}

/// A pattern is up to five texts with `|` between them; `^` ties one to the beginning of the name. The model checks
/// the form.
fn matches(pattern: &str, name: &str) -> bool {
    pattern.split('|').any(|text| match text.strip_prefix('^') {
        Some(start) => name.starts_with(start),
        None => name.contains(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_choose_names() {
        for (pattern, name, chosen) in [
            ("", "/a/b", true),
            ("a/b", "/a/b", true),
            ("^a/b", "/a/b", false),
            ("^/a|xyz", "/a/b", true),
            ("abc|xyz", "/a/b", false),
        ] {
            assert_eq!(matches(pattern, name), chosen, "{pattern}");
        }
    }
}
