//! `UpdatePolicy`: <https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/UpdatePolicy>

use garrison_api_organizations::operations::UpdatePolicy;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Organizations;

impl Handler<Organizations> for UpdatePolicy {
    const ACCESS: Access = Access::write("organizations:UpdatePolicy");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "UpdatePolicy is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("UpdatePolicy has no test yet: docs/how-to/add-an-operation.md");
    }
}
