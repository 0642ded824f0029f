//! `GenerateServiceLastAccessedDetails`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GenerateServiceLastAccessedDetails>
//!
//! Action `iam:GenerateServiceLastAccessedDetails` on the user, group, role or policy. Condition key
//! `aws:ResourceTag/…`. The report is made before the answer.

use garrison_api_iam::operations::GenerateServiceLastAccessedDetails;
use garrison_api_iam::types::{
    AccessAdvisorUsageGranularityType, GenerateServiceLastAccessedDetailsResponse,
};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::last_accessed::{self, Subject};
use crate::service::Iam;

impl Handler<Iam> for GenerateServiceLastAccessedDetails {
    const ACCESS: Access = Access::read("iam:GenerateServiceLastAccessedDetails");
    type Target = Subject;

    async fn resolve(iam: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Subject>, ApiError> {
        let subject = Subject::find(iam, cx, &input.arn).await?;
        let check = subject.check();
        Ok(Resolved::new(subject, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Subject,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Subject,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let actions = input.granularity == Some(AccessAdvisorUsageGranularityType::ActionLevel);
        let (report, writes) = last_accessed::generate(iam, cx, target, actions).await?;
        let output = GenerateServiceLastAccessedDetailsResponse { job_id: Some(report.job_id) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use crate::records::Policies;
    use crate::testing::World;
    use crate::user_credentials::tests::{user_record, world};

    pub(crate) const ANN: &str = "arn:aws:iam::111122223333:user/team/ann";
    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:List*","s3:*"],"Resource":"*"}}"#;

    /// A world with Ann, who may list and has listed users and roles.
    pub(crate) async fn used() -> World {
        let world = world(&[]).await;
        let mut ann = user_record("ann");
        ann.policies =
            Policies { inline: [("p".to_owned(), POLICY.to_owned())].into(), ..Policies::default() };
        world.put_user(&ann).await;
        let mut cx = world.root();
        cx.caller = garrison_kernel::Caller::new(ann.principal(cx.partition(), cx.account()), None);
        for (operation, input) in [("ListRoles", json!({})), ("ListServerCertificates", json!({}))] {
            cx.time = cx.time + std::time::Duration::from_secs(10);
            cx.event_id = world.test.kernel.new_id();
            world.test.call(&world.service, operation, &cx, &input).await.unwrap();
        }
        world.test.clock.tick(std::time::Duration::from_secs(60));
        world
    }

    /// A new report's job.
    pub(crate) async fn job(world: &World, arn: &str, granularity: &str) -> Value {
        let input = json!({"Arn": arn, "Granularity": granularity});
        world.call("GenerateServiceLastAccessedDetails", input).await
    }

    #[tokio::test]
    async fn answers_for_every_kind() {
        let world = used().await;
        world.role("App").await;
        for arn in [ANN, "arn:aws:iam::111122223333:role/App", "arn:aws:iam::aws:policy/SecurityAudit"] {
            let job = job(&world, arn, "SERVICE_LEVEL").await;
            assert_eq!(job["JobId"].as_str().unwrap().len(), 36, "{arn}");
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded =
            world(&["ann"]).await.demands("GenerateServiceLastAccessedDetails", json!({"Arn": ANN})).await;
        assert_eq!(demanded, ("iam:GenerateServiceLastAccessedDetails".to_owned(), ANN.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = World::new();
        for (arn, error) in [
            (ANN, "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:policy/None", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:mfa/None", "InvalidInputException"),
        ] {
            let refused = world.error("GenerateServiceLastAccessedDetails", json!({"Arn": arn})).await;
            assert_eq!(refused.0, error, "{arn}");
        }
    }
}
