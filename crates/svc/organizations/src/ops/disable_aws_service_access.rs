//! `DisableAWSServiceAccess`: <https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/DisableAWSServiceAccess>

use garrison_api_organizations::operations::DisableAWSServiceAccess;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Organizations;

impl Handler<Organizations> for DisableAWSServiceAccess {
    const ACCESS: Access = Access::write("organizations:DisableAWSServiceAccess");
    type Target = ();

    async fn resolve(_: &Organizations, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Organizations,
        _: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<<Self as Operation>::Output>, ApiError> {
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "DisableAWSServiceAccess is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("DisableAWSServiceAccess has no test yet: docs/how-to/add-an-operation.md");
    }
}
