//! `GenerateCredentialReport`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html>
//!
//! Makes the credential report of the account, unless there is one that has not expired. It is made at once: the answer
//! says `STARTED`, as AWS does, and the report is there.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::credential_report;
use crate::records::{CredentialReport, Time};
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::GenerateCredentialReport {
    const ACCESS: Access = Access::write("iam:GenerateCredentialReport");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let report = credential_report::find(iam, cx).await?;
        if report.as_ref().is_some_and(|report| !credential_report::is_expired(report, cx.time)) {
            return Ok(Reply::new(types::GenerateCredentialReportResponse {
                state: Some(types::ReportStateType::Complete),
                description: None,
            }));
        }
        let csv = credential_report::make(iam, cx).await?;
        let made = CredentialReport::new(Time(cx.time), &csv);
        let mut writes = WriteSet::new();
        match &report {
            Some(old) => repo::replace(&mut writes, cx.account(), old, &made),
            None => repo::create(&mut writes, cx.account(), &made),
        }
        let output = types::GenerateCredentialReportResponse {
            state: Some(types::ReportStateType::Started),
            description: Some("No report exists. Starting a new report generation task".to_owned()),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use garrison_clock::Clock as _;
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let (action, resource) = world.demands("GenerateCredentialReport", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:GenerateCredentialReport", "*"));
        assert_eq!(world.call("GenerateCredentialReport", json!({})).await["State"], "STARTED");
        assert_eq!(world.call("GenerateCredentialReport", json!({})).await["State"], "COMPLETE");
        world.test.clock.advance(Duration::from_secs(4 * 3600));
        assert_eq!(world.call("GenerateCredentialReport", json!({})).await["State"], "STARTED");
    }
}
