//! `AcceptDelegationRequest`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/AcceptDelegationRequest>

use garrison_api_iam::operations::AcceptDelegationRequest;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Iam;

impl Handler<Iam> for AcceptDelegationRequest {
    const ACCESS: Access = Access::write("iam:AcceptDelegationRequest");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "AcceptDelegationRequest is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("AcceptDelegationRequest has no test yet: docs/how-to/add-an-operation.md");
    }
}
