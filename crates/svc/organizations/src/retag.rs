//! Tags of what has an id, whatever it is.

use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::error::{self, Invalid};
use crate::id::{self, Kind};
use crate::records::Tags;
use crate::repo::Repo;
use crate::scene::Seat;
use crate::tree::Node;

impl Repo {
    /// The tags of a resource of the caller's organization; none when there is no such resource.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn tags_of(&self, seat: &Seat, id: &str) -> Result<Option<Tags>, ApiError> {
        let org = &seat.org;
        Ok(match id::kind(id) {
            Some(Kind::Policy) => self.policy(&org.id, id).await?.map(|policy| policy.tags),
            Some(Kind::ResourcePolicy) => self
                .resource_policy(&org.id)
                .await?
                .filter(|policy| policy.id == id)
                .map(|policy| policy.tags),
            Some(Kind::Transfer) => {
                let found = self.transfer(id).await?.map(|(transfer, _)| transfer);
                found.filter(|transfer| transfer.concerns(&org.id)).map(|transfer| transfer.tags)
            }
            _ => self.node(org, id).await?.map(|node| match node {
                Node::Root => org.tags.clone(),
                Node::Unit(unit) => unit.tags,
                Node::Account(account) => account.tags,
            }),
        })
    }

    /// Changes the tags of a resource of the caller's organization.
    ///
    /// # Errors
    /// `TargetNotFoundException`, `InvalidInputException`, and those of `edit`.
    pub(crate) async fn retag(
        &self,
        seat: &Seat,
        id: &str,
        edit: impl FnOnce(&mut Tags) -> Result<(), ApiError>,
    ) -> Result<WriteSet, ApiError> {
        let mut tags = self.tags_of(seat, id).await?.ok_or_else(error::target_not_found)?;
        edit(&mut tags)?;
        let (org, mut change) = (&seat.org, seat.change());
        match id::kind(id) {
            Some(Kind::Policy) => {
                let policy = self.policy(&org.id, id).await?.filter(|policy| !policy.is_managed());
                let mut policy = policy.ok_or_else(|| {
                    error::invalid(
                        Invalid::TargetNotSupported,
                        "You can't perform the specified operation on that target entity.",
                    )
                })?;
                policy.tags = tags;
                change.policy(&policy);
            }
            Some(Kind::ResourcePolicy) => {
                let mut policy = self.resource_policy(&org.id).await?.ok_or_else(error::target_not_found)?;
                policy.tags = tags;
                change.resource_policy(&policy);
            }
            Some(Kind::Transfer) => {
                let (mut transfer, was) = self.transfer(id).await?.ok_or_else(error::target_not_found)?;
                transfer.tags = tags;
                change.transfer(&transfer, Some(was));
            }
            _ => match self.target(org, id).await? {
                Node::Root => {
                    let mut org = org.clone();
                    org.tags = tags;
                    change.organization(&org);
                }
                Node::Unit(mut unit) => {
                    unit.tags = tags;
                    change.unit(&unit);
                }
                Node::Account(mut account) => {
                    account.tags = tags;
                    change.account(&account, None);
                }
            },
        }
        Ok(change.finish())
    }
}
