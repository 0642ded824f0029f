//! `DeleteOrganization`. Source: Organizations API Reference, "DeleteOrganization".
//!
//! Action `organizations:DeleteOrganization` on no resource.

use garrison_api_organizations::{errors, operations};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::{ApiError, Unit};

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::records::Standing;
use crate::repo::{self, Change, layout};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::DeleteOrganization {
    const ACCESS: Access = Access::write("organizations:DeleteOrganization");
    const CALLERS: Callers = Callers::Management;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        _: &Context,
        _: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        if repo.count_accounts(&org.id).await? > 1 {
            return Err(errors::organization_not_empty_exception(
                "To delete an organization, you must first remove all member accounts.",
            ));
        }
        for direction in ["inbound", "outbound"] {
            if repo.transfers(&org.id, direction).await?.iter().any(|transfer| transfer.state.is_alive()) {
                return Err(error::constraint(
                    Constraint::ActiveResponsibilityTransferProcess,
                    "You cannot delete the organization while a responsibility transfer is under way.",
                ));
            }
        }
        let mut change = Change::end(&org.id, seat.guard);
        let (standing, was) = repo.standing_of(&org.management).await?;
        change.standing(&org.management, was, &Standing { organization: None, ..standing });
        change.delete(layout::organization(&org.id));
        for entry in repo.entries(&[layout::ORGANIZATIONS, &org.id]).await? {
            change.delete(entry.key);
        }
        let mut writes = change.finish();
        for handshake in repo.sent(&org.id).await? {
            repo::forget_handshake(&mut writes, &handshake);
        }
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, deny};

    #[tokio::test]
    async fn an_empty_organization_goes_with_all_that_is_in_it() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
        world.attach(&policy, &unit).await;
        let invitation = world.send_invitation(OTHER).await;
        let member = world.account("a").await;
        assert_eq!(world.refused("DeleteOrganization", json!({})).await, "OrganizationNotEmptyException");
        world.ok("RemoveAccountFromOrganization", json!({"AccountId": member})).await;
        world.ok("DeleteOrganization", json!({})).await;
        assert_eq!(
            world.refused("DescribeOrganization", json!({})).await,
            "AWSOrganizationsNotInUseException"
        );
        assert_eq!(
            world.refused_as(OTHER, "AcceptHandshake", json!({"HandshakeId": invitation})).await,
            "HandshakeNotFoundException"
        );
        assert!(world.membership(MANAGEMENT).await.organization.is_none());
        world.ok("CreateOrganization", json!({})).await;
        let listed =
            world.ok("ListOrganizationalUnitsForParent", json!({"ParentId": world.root().await})).await;
        assert_eq!(listed["OrganizationalUnits"], json!([]));
    }

    #[tokio::test]
    async fn a_transfer_under_way_keeps_it() {
        let world = World::new().await;
        world.ok_as(OTHER, "CreateOrganization", json!({})).await;
        let input = json!({
            "Type": "BILLING", "Target": {"Id": OTHER, "Type": "ACCOUNT"},
            "StartTimestamp": 1_801_440_000, "SourceName": "them",
        });
        world.ok("InviteOrganizationToTransferResponsibility", input).await;
        assert_eq!(
            world.refused("DeleteOrganization", json!({})).await,
            "ConstraintViolationException: ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS"
        );
    }
}
