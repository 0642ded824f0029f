//! Log groups as operations find them: by name or ARN, with their ARNs for authorization and their condition keys.
//!
//! AWS asks about a group as `log-group:NAME:log-stream:` (an empty stream), which is why its policies end in `:*`; the
//! three operations of tags by ARN ask about `log-group:NAME` alone.
//! Source: CloudWatch Logs API Reference, "LogGroup", `arn` and `logGroupArn`.

use garrison_kernel::{Check, Context, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::error;
use crate::records::{Group, Stream, Tags};
use crate::repo::{Found, Place};
use crate::service::Logs;

/// A group, and what a request says of tags.
#[derive(Debug)]
pub struct GroupTarget {
    pub(crate) place: Place,
    pub(crate) group: Found<Group>,
    pub(crate) tag_keys: Vec<String>,
}

/// A stream of a group.
#[derive(Debug)]
pub struct StreamTarget {
    pub(crate) group: GroupTarget,
    pub(crate) stream: Found<Stream>,
}

/// The ARN of a group, without an ending.
pub(crate) fn arn(place: &Place, name: &str) -> String {
    let (account, region) = (place.account, place.region.as_str());
    format!("arn:{}:logs:{region}:{account}:log-group:{name}", place.region.partition().as_str())
}

/// The question about a group.
pub(crate) fn check(place: &Place, name: &str) -> Check {
    Check::resource(stream_arn(place, name, ""), place.account)
}

/// The ARN of a stream.
pub(crate) fn stream_arn(place: &Place, group: &str, stream: &str) -> String {
    format!("{}:log-stream:{stream}", arn(place, group))
}

impl GroupTarget {
    /// Finds a group of the caller's by name.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) async fn find(logs: &Logs, cx: &Context, name: &str) -> Result<Self, ApiError> {
        let place = Place::of(cx);
        let group = logs.repo().group(&place, name).await?.ok_or_else(error::group_not_found)?;
        Ok(Self { place, group, tag_keys: Vec::new() })
    }

    /// Finds the group that one of two members names.
    ///
    /// # Errors
    /// `InvalidParameterException`: both members, neither, or no ARN of a group. `ResourceNotFoundException`.
    pub(crate) async fn either(
        logs: &Logs,
        cx: &Context,
        name: Option<&str>,
        identifier: Option<&str>,
    ) -> Result<Self, ApiError> {
        match (name, identifier) {
            (Some(name), None) => Self::find(logs, cx, name).await,
            (None, Some(identifier)) => Self::find(logs, cx, &name_of(cx, identifier)?).await,
            (Some(_), Some(_)) => {
                Err(error::invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters."))
            }
            (None, None) => {
                Err(error::invalid("Either logGroupName or logGroupIdentifier must be specified."))
            }
        }
    }

    /// Finds the group of an ARN, for the operations of tags.
    ///
    /// # Errors
    /// `InvalidParameterException` when it is no ARN of a group, `ResourceNotFoundException`.
    pub(crate) async fn tagged(
        logs: &Logs,
        cx: &Context,
        arn: &str,
        tag_keys: Vec<String>,
    ) -> Result<Self, ApiError> {
        if !arn.starts_with("arn:") {
            return Err(error::invalid("The specified resourceArn is invalid."));
        }
        Ok(Self { tag_keys, ..Self::find(logs, cx, &name_of(cx, arn)?).await? })
    }

    /// The question about the group.
    pub(crate) fn check(&self) -> Check {
        check(&self.place, &self.group.name)
    }

    /// The question of the operations of tags by ARN.
    pub(crate) fn plain_check(&self) -> Check {
        Check::resource(arn(&self.place, &self.group.name), self.place.account)
    }

    /// The group as what an operation works on, with the one question about it.
    pub(crate) fn resolved(self) -> Resolved<Self> {
        let check = self.check();
        Resolved::new(self, check)
    }

    /// Condition keys of a group.
    pub(crate) fn condition<'a>(&'a self, request: Option<&'a Tags>, key: &str) -> Option<Values<'a>> {
        match key.strip_prefix("aws:resourcetag/") {
            Some(tag) => of_tags(&self.group.record.tags, tag),
            None => of_request(request, &self.tag_keys, key),
        }
    }

    /// The oldest timestamp that the group's retention still shows.
    pub(crate) fn horizon(&self, cx: &Context) -> i64 {
        horizon(&self.group.record, cx.time.as_millis())
    }
}

impl StreamTarget {
    /// Finds a stream.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) async fn find(logs: &Logs, group: GroupTarget, name: &str) -> Result<Self, ApiError> {
        let stream = logs.repo().stream(&group.place, &group.group.record, name).await?;
        Ok(Self { stream: stream.ok_or_else(error::stream_not_found)?, group })
    }

    /// The stream as what an operation works on, with the one question about it.
    pub(crate) fn resolved(self) -> Resolved<Self> {
        let arn = stream_arn(&self.group.place, &self.group.group.name, &self.stream.name);
        let check = Check::resource(arn, self.group.place.account);
        Resolved::new(self, check)
    }
}

/// The oldest timestamp that a group's retention still shows at `now`.
pub(crate) fn horizon(group: &Group, now: i64) -> i64 {
    group.retention.map_or(0, |days| now.saturating_sub(days_in_millis(days)).max(0))
}

pub(crate) fn days_in_millis(days: i32) -> i64 {
    i64::from(days) * 24 * 3600 * 1000
}

/// What the tags of a request say.
pub(crate) fn of_request<'a>(
    request: Option<&'a Tags>,
    tag_keys: &'a [String],
    key: &str,
) -> Option<Values<'a>> {
    match key.strip_prefix("aws:requesttag/") {
        Some(tag) => of_tags(request?, tag),
        None => (key == "aws:tagkeys" && !tag_keys.is_empty()).then(|| tag_keys.into()),
    }
}

fn of_tags<'a>(tags: &'a Tags, tag: &str) -> Option<Values<'a>> {
    tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(tag)).map(|(_, value)| value.as_str().into())
}

/// The name of a group that is given by name or by ARN.
///
/// # Errors
/// `InvalidParameterException` for another ARN, `ResourceNotFoundException` for a group of another account or region.
pub(crate) fn name_of(cx: &Context, identifier: &str) -> Result<String, ApiError> {
    if !identifier.starts_with("arn:") {
        return Ok(identifier.to_owned());
    }
    let parts: Vec<&str> = identifier.splitn(6, ':').collect();
    let [_, partition, "logs", region, account, resource] = parts.as_slice() else {
        return Err(error::invalid("The specified ARN is not of CloudWatch Logs."));
    };
    let name = resource.strip_prefix("log-group:").ok_or_else(error::group_not_found)?;
    let own = (*partition, *region, *account)
        == (cx.partition().as_str(), cx.region.as_str(), cx.account().as_str());
    if !own {
        return Err(error::group_not_found());
    }
    Ok(name.strip_suffix(":*").unwrap_or(name).to_owned())
}
