//! `CreateLogGroup`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
//!
//! Action `logs:CreateLogGroup` on the group, and with tags `logs:TagResource` on it as well.

use garrison_api_logs::operations;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::records::{Group, Tags};
use crate::repo::{self, Place};
use crate::service::Logs;
use crate::{error, group, tags};

/// What groups of no stated class are.
const STANDARD: &str = "STANDARD";
/// Names that begin with this are AWS's.
const RESERVED: &str = "aws/";

impl Handler<Logs> for operations::CreateLogGroup {
    const ACCESS: Access = Access::write("logs:CreateLogGroup");
    type Target = Vec<String>;

    async fn resolve(_: &Logs, cx: &Context, input: &Self::Input) -> Result<Resolved<Vec<String>>, ApiError> {
        let place = Place::of(cx);
        let keys: Vec<String> = input.tags.iter().flat_map(|tags| tags.keys().cloned()).collect();
        let tagging = (!keys.is_empty()).then(|| group::arn(&place, &input.log_group_name));
        let resolved = Resolved::new(keys, group::check(&place, &input.log_group_name));
        Ok(match tagging {
            Some(arn) => resolved.and(Check::resource(arn, place.account).action("logs:TagResource")),
            None => resolved,
        })
    }

    fn condition<'a>(
        _: &'a Logs,
        _: &'a Context,
        input: &'a Self::Input,
        keys: &'a Vec<String>,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        group::of_request(input.tags.as_ref(), keys, key)
    }

    async fn execute(
        logs: &Logs,
        cx: &Context,
        input: &Self::Input,
        _: &Vec<String>,
    ) -> Result<Reply<Unit>, ApiError> {
        let place = Place::of(cx);
        if input.log_group_name.starts_with(RESERVED) {
            return Err(error::invalid("Log groups starting with AWS/ are reserved for AWS."));
        }
        if input.kms_key_id.is_some() {
            return Err(error::not_built("Encryption of log groups under a customer's key"));
        }
        if input.deletion_protection_enabled == Some(true) {
            return Err(error::not_built("Protection of log groups against deletion"));
        }
        if logs.repo().group(&place, &input.log_group_name).await?.is_some() {
            return Err(error::group_exists());
        }
        let mut own = Tags::new();
        tags::add(&mut own, input.tags.as_ref().unwrap_or(&Tags::new()))?;
        let class = input.log_group_class.as_ref().map_or(STANDARD, |class| class.as_str()).to_owned();
        let id = logs.kernel().new_id().to_string();
        let created = Group { id, created: cx.time.as_millis(), class, retention: None, tags: own };
        let mut writes = WriteSet::new();
        repo::create_group(&mut writes, &place, &input.log_group_name, &created);
        Ok(Reply::with_writes(Unit, writes))
    }
}
