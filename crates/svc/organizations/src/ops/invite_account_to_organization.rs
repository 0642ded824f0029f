//! `InviteAccountToOrganization`. Source: Organizations API Reference, "InviteAccountToOrganization".
//!
//! Action `organizations:InviteAccountToOrganization` on the account, where it is named by its number; with tags `organizations:TagResource` too.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;

use crate::act::Act;
use crate::error::{self, HandshakeConstraint};
use crate::handshakes;
use crate::members::MAX_ACCOUNTS;
use crate::records::{Action, Handshake, Party};
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;
use crate::tags;

impl Act for operations::InviteAccountToOrganization {
    const ACCESS: Access = Access::write("organizations:InviteAccountToOrganization");
    const CALLERS: Callers = Callers::Management;

    fn asked(input: &Self::Input) -> Asked<'_> {
        Asked::about([&input.target.id]).creating(input.tags.as_deref())
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        scene: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, seat) = (service.repo(), scene.seat()?);
        let org = &seat.org;
        let party = handshakes::party(&input.target)?;
        let open = repo.sent(&org.id).await?;
        let living = |handshake: &&Handshake| handshake.state.is_alive();
        if open.iter().filter(living).any(|handshake| matches!(handshake.action, Action::EnableAllFeatures)) {
            return Err(error::handshake_constraint(
                HandshakeConstraint::InviteDisabledDuringEnableAllFeatures,
                "You can't issue new invitations while the organization is enabling all features.",
            ));
        }
        let account = match &party {
            Party::Account(id) => Some(id.clone()),
            Party::Email(email) => repo.owner_of_email(email).await?,
            Party::Organization => None,
        };
        if let Some(account) = &account
            && repo.account(&org.id, account).await?.is_some()
        {
            return Err(error::handshake_constraint(
                HandshakeConstraint::AlreadyInAnOrganization,
                "The invited account is already a member of the organization.",
            ));
        }
        let invited = open.iter().filter(living).filter(|handshake| handshake.action == Action::Invite);
        if invited.clone().any(|handshake| handshake.party == party) {
            return Err(errors::duplicate_handshake_exception(
                "A handshake with the same action and target already exists.",
            ));
        }
        if repo.count_accounts(&org.id).await? + invited.count() >= MAX_ACCOUNTS {
            return Err(error::handshake_constraint(
                HandshakeConstraint::AccountNumberLimitExceeded,
                "You have exceeded the allowed number of AWS accounts.",
            ));
        }
        let (management, _) = repo.standing_of(&org.management).await?;
        let now = cx.time.as_millis();
        let handshake = Handshake {
            notes: input.notes.as_ref().map(|notes| notes.to_string()),
            tags: tags::of(input.tags.as_deref())?,
            ..Handshake::new(service, org, &management, Action::Invite, party, now)
        };
        let mut change = seat.change();
        change.send(&handshake);
        let output = types::InviteAccountToOrganizationResponse { handshake: Some(handshake.shown()) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, each, text};

    #[tokio::test]
    async fn an_invitation_names_both_sides() {
        let world = World::new().await;
        let input = json!({"Target": {"Id": "them@example.com", "Type": "EMAIL"}, "Notes": "hello"});
        let handshake = world.ok("InviteAccountToOrganization", input.clone()).await["Handshake"].take();
        let org = text(&world.ok("DescribeOrganization", json!({})).await["Organization"]["Id"]);
        let id = text(&handshake["Id"]);
        assert!(id.starts_with("h-"), "{id}");
        assert_eq!(
            handshake["Arn"],
            format!("arn:aws:organizations::{MANAGEMENT}:handshake/{org}/invite/{id}")
        );
        assert_eq!(
            handshake["Parties"],
            json!([{"Id": org, "Type": "ORGANIZATION"}, {"Id": "them@example.com", "Type": "EMAIL"}])
        );
        assert_eq!((&handshake["State"], &handshake["Action"]), (&json!("OPEN"), &json!("INVITE")));
        assert_eq!(each(&handshake["Resources"], "Type"), ["EMAIL", "NOTES", "ORGANIZATION"]);
        let lasts = handshake["ExpirationTimestamp"].as_f64().unwrap()
            - handshake["RequestedTimestamp"].as_f64().unwrap();
        assert_eq!(lasts / 86_400.0, 15.0);
        assert_eq!(world.refused("InviteAccountToOrganization", input).await, "DuplicateHandshakeException");
    }

    #[tokio::test]
    async fn not_everybody_can_be_invited() {
        let world = World::new().await;
        let member = world.account("a").await;
        for (id, kind, expected) in [
            (member.as_str(), "ACCOUNT", "HandshakeConstraintViolationException: ALREADY_IN_AN_ORGANIZATION"),
            ("a@example.com", "EMAIL", "HandshakeConstraintViolationException: ALREADY_IN_AN_ORGANIZATION"),
            ("o-abcdefghij", "ORGANIZATION", "InvalidInputException: INVALID_PARTY_TYPE_TARGET"),
            ("12", "ACCOUNT", "InvalidInputException: INVALID_PATTERN"),
            ("nobody", "EMAIL", "InvalidInputException: INVALID_EMAIL_ADDRESS_TARGET"),
        ] {
            let input = json!({"Target": {"Id": id, "Type": kind}});
            assert_eq!(world.refused("InviteAccountToOrganization", input).await, expected, "{id}");
        }
        let input = json!({"Target": {"Id": OTHER, "Type": "ACCOUNT"}});
        assert_eq!(
            world.refused_as(&member, "InviteAccountToOrganization", input).await,
            "AccessDeniedException"
        );
    }
}
