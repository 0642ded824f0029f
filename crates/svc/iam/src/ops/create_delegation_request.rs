//! `CreateDelegationRequest`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateDelegationRequest>

use garrison_api_iam::operations::CreateDelegationRequest;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Iam;

impl Handler<Iam> for CreateDelegationRequest {
    const ACCESS: Access = Access::write("iam:CreateDelegationRequest");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "CreateDelegationRequest is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("CreateDelegationRequest has no test yet: docs/how-to/add-an-operation.md");
    }
}
