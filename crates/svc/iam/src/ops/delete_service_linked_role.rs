//! `DeleteServiceLinkedRole`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteServiceLinkedRole>

use garrison_api_iam::operations::DeleteServiceLinkedRole;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Operation};

use crate::service::Iam;

impl Handler<Iam> for DeleteServiceLinkedRole {
    const ACCESS: Access = Access::write("iam:DeleteServiceLinkedRole");
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
        Err(ApiError::new(&errors::NOT_IMPLEMENTED, "DeleteServiceLinkedRole is not built yet"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers() {
        panic!("DeleteServiceLinkedRole has no test yet: docs/how-to/add-an-operation.md");
    }
}
