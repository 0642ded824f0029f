//! Who is in which group: a user's record has the ids of its groups, and links lead from a group to its users.

/// The relation of a group, by its unique id, to the unique ids of its users.
pub(crate) const MEMBERS: &str = "group-member";
