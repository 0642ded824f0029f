//! `GetSessionToken`: <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetSessionToken>

use garrison_api_sts::operations::GetSessionToken;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Sts;

impl Handler<Sts> for GetSessionToken {
    const ACCESS: Access = Access::read("sts:GetSessionToken");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "GetSessionToken is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("GetSessionToken has no test yet: docs/how-to/add-an-operation.md");
    }
}
