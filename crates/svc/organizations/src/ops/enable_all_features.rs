//! `EnableAllFeatures`: <https://docs.aws.amazon.com/goto/WebAPI/organizations-2016-11-28/EnableAllFeatures>

use garrison_api_organizations::operations::EnableAllFeatures;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Organizations;

impl Handler<Organizations> for EnableAllFeatures {
    const ACCESS: Access = Access::write("organizations:EnableAllFeatures");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "EnableAllFeatures is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("EnableAllFeatures has no test yet: docs/how-to/add-an-operation.md");
    }
}
