//! `CreateOrganizationalUnit`. Source: Organizations API Reference, "CreateOrganizationalUnit".
//!
//! Action `organizations:CreateOrganizationalUnit` on the root or unit; with tags `organizations:TagResource` too.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, Constraint};
use crate::id;
use crate::members;
use crate::records::OrganizationalUnit;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;
use crate::tree::MAX_DEPTH;

impl Act for operations::CreateOrganizationalUnit {
    const ACCESS: Access = Access::write("organizations:CreateOrganizationalUnit");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.parent_id]).creating(input.tags.as_deref())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        repo.parent(org, &input.parent_id).await?;
        // The lineage holds the root, which is no level of its own.
        if repo.lineage(&org.id, &input.parent_id).await?.len() > MAX_DEPTH {
            return Err(error::constraint(
                Constraint::OuDepthLimitExceeded,
                "You have exceeded the number of levels deep that you can nest organizational units.",
            ));
        }
        let units = repo.units(&org.id).await?;
        if units.len() >= MAX_UNITS {
            return Err(error::constraint(
                Constraint::OuNumberLimitExceeded,
                "You have exceeded the number of organizational units that you can have in an organization.",
            ));
        }
        if units.iter().any(|unit| unit.parent == input.parent_id && unit.name == input.name) {
            return Err(errors::duplicate_organizational_unit_exception(
                "An OU with the same name already exists.",
            ));
        }
        let unit = OrganizationalUnit {
            id: id::new_unit(service.kernel(), &org.root),
            name: input.name.clone(),
            parent: input.parent_id.clone(),
            tags: tags::of(input.tags.as_deref())?,
        };
        let mut change = seat.change();
        change.unit(&unit);
        members::attach_defaults(&mut change, org, &unit.id, cx.time.as_millis());
        let shown = repo.show_unit(org, &unit).await?;
        let output = types::CreateOrganizationalUnitResponse { organizational_unit: Some(shown) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

/// The most units of an organization. Source: Organizations User Guide, "Quotas".
const MAX_UNITS: usize = 2000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, each, text};

    #[tokio::test]
    async fn units_nest_five_deep() {
        let world = World::with_types(&["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]).await;
        let root = world.root().await;
        let mut parent = root.clone();
        for level in 0..5 {
            parent = world.unit(&parent, &format!("level {level}")).await;
        }
        let input = json!({"ParentId": parent, "Name": "too deep"});
        assert_eq!(
            world.refused("CreateOrganizationalUnit", input).await,
            "ConstraintViolationException: OU_DEPTH_LIMIT_EXCEEDED"
        );
        let shown = world.ok("DescribeOrganizationalUnit", json!({"OrganizationalUnitId": parent})).await;
        let path = text(&shown["OrganizationalUnit"]["Path"]);
        assert_eq!(path.matches("/ou-").count(), 5);
        for (kind, policy) in
            [("SERVICE_CONTROL_POLICY", "p-FullAWSAccess"), ("RESOURCE_CONTROL_POLICY", "p-RCPFullAWSAccess")]
        {
            let listed = world.ok("ListPoliciesForTarget", json!({"TargetId": parent, "Filter": kind})).await;
            assert_eq!(each(&listed["Policies"], "Id"), [policy]);
        }
    }

    #[tokio::test]
    async fn siblings_have_different_names() {
        let world = World::new().await;
        let root = world.root().await;
        let unit = world.unit(&root, "u").await;
        assert!(unit.starts_with(&root.replace("r-", "ou-")), "{unit}");
        world.unit(&unit, "u").await;
        for (parent, expected) in [
            (root.as_str(), "DuplicateOrganizationalUnitException"),
            ("ou-a123-abcdefgh", "ParentNotFoundException"),
        ] {
            let input = json!({"ParentId": parent, "Name": "u"});
            assert_eq!(world.refused("CreateOrganizationalUnit", input).await, expected);
        }
    }
}
