//! Who is in which group: a user's record has the ids of its groups, and links lead from a group to its users.

use garrison_api_iam::types;
use garrison_kernel::Context;

use crate::records::Group;

/// The relation of a group, by its unique id, to the unique ids of its users.
pub(crate) const MEMBERS: &str = "group-member";

/// A group as the interface writes it.
pub(crate) fn to_api(group: &Group, cx: &Context) -> types::Group {
    types::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: group.arn(cx.partition(), cx.account()),
        create_date: group.created.0,
    }
}
