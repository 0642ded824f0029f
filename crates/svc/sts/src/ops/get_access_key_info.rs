//! `GetAccessKeyInfo`: <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetAccessKeyInfo>

use garrison_api_sts::operations::GetAccessKeyInfo;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Sts;

impl Handler<Sts> for GetAccessKeyInfo {
    const ACCESS: Access = Access::read("sts:GetAccessKeyInfo");
    type Target = ();

    async fn resolve(_: &Sts, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Sts,
        _: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<<Self as Operation>::Output>, ApiError> {
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "GetAccessKeyInfo is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("GetAccessKeyInfo has no test yet: docs/how-to/add-an-operation.md");
    }
}
