//! `DetachPolicy`: <https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/DetachPolicy>

use garrison_api_organizations::operations::DetachPolicy;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Organizations;

impl Handler<Organizations> for DetachPolicy {
    const ACCESS: Access = Access::write("organizations:DetachPolicy");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "DetachPolicy is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("DetachPolicy has no test yet: docs/how-to/add-an-operation.md");
    }
}
