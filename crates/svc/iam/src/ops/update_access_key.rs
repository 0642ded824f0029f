//! `UpdateAccessKey`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateAccessKey>

use garrison_api_iam::operations::UpdateAccessKey;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Iam;

impl Handler<Iam> for UpdateAccessKey {
    const ACCESS: Access = Access::write("iam:UpdateAccessKey");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "UpdateAccessKey is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("UpdateAccessKey has no test yet: docs/how-to/add-an-operation.md");
    }
}
