//! How an operation of Organizations is written: what it is about, who may call it, and what it does. The rest is the same
//! for all of them.

use std::future::Future;

use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Operation};

use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

/// An operation of Organizations. [`handlers`] makes it a handler.
pub(crate) trait Act: Operation {
    /// What it declares for authorization and audit.
    const ACCESS: Access;
    /// Which accounts it is for.
    const CALLERS: Callers;

    /// What the call is about.
    fn asked(input: &Self::Input) -> Asked<'_>;

    /// Does it; the caller's account has been admitted.
    ///
    /// # Errors
    /// One of the errors that the model lists for the operation.
    fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> impl Future<Output = Result<Reply<Self::Output>, ApiError>> + Send;
}

/// Makes handlers of operations that implement [`Act`].
macro_rules! handlers {
    ($($operation:ident,)+) => {$(
        impl garrison_kernel::Handler<$crate::service::Organizations>
            for garrison_api_organizations::operations::$operation
        {
            const ACCESS: garrison_kernel::Access = <Self as $crate::act::Act>::ACCESS;
            type Target = $crate::scene::Scene;

            async fn resolve(
                service: &$crate::service::Organizations,
                cx: &garrison_kernel::Context,
                input: &Self::Input,
            ) -> Result<garrison_kernel::Resolved<Self::Target>, garrison_schema::ApiError> {
                use $crate::act::Act;
                let (access, callers) = (&<Self as Act>::ACCESS, <Self as Act>::CALLERS);
                $crate::scene::Scene::set(service.repo(), cx, access, callers, <Self as Act>::asked(input)).await
            }

            fn condition<'a>(
                _: &'a $crate::service::Organizations,
                _: &'a garrison_kernel::Context,
                _: &'a Self::Input,
                scene: &'a Self::Target,
                check: usize,
                key: &str,
            ) -> Option<garrison_policy::Values<'a>> {
                scene.condition(check, key)
            }

            async fn execute(
                service: &$crate::service::Organizations,
                cx: &garrison_kernel::Context,
                input: &Self::Input,
                scene: &Self::Target,
            ) -> Result<garrison_kernel::Reply<Self::Output>, garrison_schema::ApiError> {
                scene.admit()?;
                <Self as $crate::act::Act>::act(service, cx, input, scene).await
            }
        }
    )+};
}

pub(crate) use handlers;
