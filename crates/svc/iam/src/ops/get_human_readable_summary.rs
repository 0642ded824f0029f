//! `GetHumanReadableSummary`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetHumanReadableSummary>

use garrison_api_iam::operations::GetHumanReadableSummary;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Iam;

impl Handler<Iam> for GetHumanReadableSummary {
    const ACCESS: Access = Access::read("iam:GetHumanReadableSummary");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Iam,
        _: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<<Self as Operation>::Output>, ApiError> {
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "GetHumanReadableSummary is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("GetHumanReadableSummary has no test yet: docs/how-to/add-an-operation.md");
    }
}
