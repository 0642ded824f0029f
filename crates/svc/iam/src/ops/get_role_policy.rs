//! `GetRolePolicy`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetRolePolicy>

use garrison_api_iam::operations::GetRolePolicy;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Iam;

impl Handler<Iam> for GetRolePolicy {
    const ACCESS: Access = Access::read("iam:GetRolePolicy");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "GetRolePolicy is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("GetRolePolicy has no test yet: docs/how-to/add-an-operation.md");
    }
}
