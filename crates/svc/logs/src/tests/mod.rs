//! Operations, called through dispatch.

mod authorization;
mod events;
mod groups;
mod queries;
