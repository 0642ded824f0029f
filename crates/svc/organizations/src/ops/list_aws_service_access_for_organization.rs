//! `ListAWSServiceAccessForOrganization`. Source: Organizations API Reference, "ListAWSServiceAccessForOrganization".
//!
//! Action `organizations:ListAWSServiceAccessForOrganization` on no resource.

use garrison_api_organizations::{operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;
use garrison_store::Entry;

use crate::act::Act;
use crate::paging::Paging;
use crate::records::{self, Enabled};
use crate::repo::layout;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::view;

impl Act for operations::ListAWSServiceAccessForOrganization {
    const ACCESS: Access = Access::read("organizations:ListAWSServiceAccessForOrganization");
    const CALLERS: Callers = Callers::Readers;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, org) = (service.repo(), &scene.seat()?.org);
        let paging = Paging::new(input.max_results, input.next_token.as_deref())?;
        let entries = repo.page(&[layout::ORGANIZATIONS, &org.id, "service"], &paging).await?;
        let (page, next_token) = paging.cut(entries, |entry| entry.key.last());
        let service = |entry: &Entry| -> Result<types::EnabledServicePrincipal, ApiError> {
            let enabled: Enabled = records::read(&entry.value)?;
            Ok(types::EnabledServicePrincipal {
                service_principal: Some(entry.key.last().to_owned()),
                date_enabled: Some(view::time(enabled.at)),
            })
        };
        Ok(Reply::new(types::ListAWSServiceAccessForOrganizationResponse {
            enabled_service_principals: Some(page.iter().map(service).collect::<Result<_, _>>()?),
            next_token,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each};

    #[tokio::test]
    async fn services_are_paged() {
        let world = World::new().await;
        for service in ["a", "b", "c"] {
            let input = json!({"ServicePrincipal": format!("{service}.amazonaws.com")});
            world.ok("EnableAWSServiceAccess", input).await;
        }
        let page = world.ok("ListAWSServiceAccessForOrganization", json!({"MaxResults": 2})).await;
        assert_eq!(
            each(&page["EnabledServicePrincipals"], "ServicePrincipal"),
            ["a.amazonaws.com", "b.amazonaws.com"]
        );
        assert!(page["EnabledServicePrincipals"][0]["DateEnabled"].is_number());
        let input = json!({"MaxResults": 2, "NextToken": page["NextToken"]});
        let page = world.ok("ListAWSServiceAccessForOrganization", input).await;
        assert_eq!(each(&page["EnabledServicePrincipals"], "ServicePrincipal"), ["c.amazonaws.com"]);
    }
}
