//! `GetCredentialReport`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html>
//!
//! Shows the credential report, when there is one that has not expired.

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::credential_report;
use crate::error;
use crate::service::Iam;

impl Handler<Iam> for operations::GetCredentialReport {
    const ACCESS: Access = Access::read("iam:GetCredentialReport");
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
        let report = credential_report::find(iam, cx).await?.ok_or_else(|| {
            let message = "There is no credential report. Use GenerateCredentialReport to make one.";
            api::credential_report_not_present_exception(message)
        })?;
        if credential_report::is_expired(&report, cx.time) {
            let message = "The credential report has expired. Use GenerateCredentialReport to make another.";
            return Err(api::credential_report_expired_exception(message));
        }
        let csv = report.csv().ok_or_else(|| error::corrupt("a credential report"))?;
        Ok(Reply::new(types::GetCredentialReportResponse {
            content: Some(csv.into()),
            report_format: Some(types::ReportFormatType::TextCsv),
            generated_time: Some(report.generated.0),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use garrison_clock::Clock as _;
    use garrison_kernel::identity::Credentials as _;
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        assert_eq!(
            world.error("GetCredentialReport", json!({})).await.0,
            "CredentialReportNotPresentException"
        );
        world.call("CreateUser", json!({"UserName": "a,b"})).await;
        let made = world.call("CreateAccessKey", json!({"UserName": "a,b"})).await;
        let id = made["AccessKey"]["AccessKeyId"].as_str().unwrap();
        world.access_keys.used(id, "kms", &"eu-central-1".parse().unwrap());
        world.call("CreateLoginProfile", json!({"UserName": "a,b", "Password": "Correct-horse-1"})).await;
        world.call("UpdateAccountPasswordPolicy", json!({"MaxPasswordAge": 1})).await;
        world.enable("bob", "a,b").await;
        world.call("GenerateCredentialReport", json!({})).await;
        let report = world.call("GetCredentialReport", json!({})).await;
        assert_eq!(report["ReportFormat"], "text/csv");
        let csv = base64_simd::STANDARD.decode_to_vec(report["Content"].as_str().unwrap()).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0].split(',').count(), 22);
        assert!(lines[0].starts_with("user,arn,user_creation_time,password_enabled,"), "{csv}");
        assert_eq!(
            lines[1],
            "<root_account>,arn:aws:iam::111122223333:root,no_information,not_supported,no_information,\
             not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        );
        assert_eq!(
            lines[2],
            "\"a,b\",\"arn:aws:iam::111122223333:user/a,b\",2027-01-15T08:00:00+00:00,true,no_information,\
             2027-01-15T08:00:00+00:00,2027-01-16T08:00:00+00:00,true,true,2027-01-15T08:00:00+00:00,\
             2027-01-15T08:00:00+00:00,eu-central-1,kms,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        );
        let (action, resource) = world.demands("GetCredentialReport", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:GetCredentialReport", "*"));
        world.test.clock.advance(Duration::from_secs(4 * 3600));
        assert_eq!(world.error("GetCredentialReport", json!({})).await.0, "CredentialReportExpiredException");
    }
}
