//! The tree of an organization: roots, units and accounts.

use garrison_schema::ApiError;

use crate::error;
use crate::id::{self, Kind, Namespace};
use crate::records::{Account, Organization, OrganizationalUnit};
use crate::repo::Repo;

/// The deepest nesting of units. Source: Organizations User Guide, "Quotas": five levels below the root.
pub(crate) const MAX_DEPTH: usize = 5;

/// A place in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Root,
    Unit(OrganizationalUnit),
    Account(Account),
}

impl Organization {
    /// Its place in ARNs.
    pub(crate) fn names(&self) -> Namespace<'_> {
        Namespace { management: &self.management, organization: &self.id }
    }
}

impl Repo {
    /// What has an id in the tree of an organization.
    ///
    /// # Errors
    /// The store's, as of every function here.
    pub(crate) async fn node(&self, org: &Organization, id: &str) -> Result<Option<Node>, ApiError> {
        Ok(match id::kind(id) {
            Some(Kind::Root) => (id == org.root).then_some(Node::Root),
            Some(Kind::Unit) => self.unit(&org.id, id).await?.map(Node::Unit),
            Some(Kind::Account) => self.account(&org.id, id).await?.map(Node::Account),
            _ => None,
        })
    }

    /// A root or unit, which may have something in it.
    ///
    /// # Errors
    /// `ParentNotFoundException`.
    pub(crate) async fn parent(&self, org: &Organization, id: &str) -> Result<Node, ApiError> {
        match self.node(org, id).await? {
            Some(node @ (Node::Root | Node::Unit(_))) => Ok(node),
            _ => Err(error::parent_not_found()),
        }
    }

    /// Something that policies hang on.
    ///
    /// # Errors
    /// `TargetNotFoundException`.
    pub(crate) async fn target(&self, org: &Organization, id: &str) -> Result<Node, ApiError> {
        self.node(org, id).await?.ok_or_else(error::target_not_found)
    }

    /// The ids from the root down to `id`, which is the root, a unit or an account's parent.
    pub(crate) async fn lineage(&self, org: &str, id: &str) -> Result<Vec<String>, ApiError> {
        let mut path = vec![id.to_owned()];
        let mut at = id.to_owned();
        while let Some(unit) = self.unit(org, &at).await? {
            // A unit is made below one that exists and never moves, so the walk ends at the root.
            path.push(unit.parent.clone());
            at = unit.parent;
        }
        path.reverse();
        Ok(path)
    }

    /// An account of an organization.
    ///
    /// # Errors
    /// `AccountNotFoundException`.
    pub(crate) async fn member(&self, org: &str, id: &str) -> Result<Account, ApiError> {
        self.account(org, id).await?.ok_or_else(error::account_not_found)
    }
}

/// The path of something as the interface writes it: `o-…/r-…/ou-…/`.
pub(crate) fn path(org: &str, lineage: &[String]) -> String {
    format!("{org}/{}/", lineage.join("/"))
}
