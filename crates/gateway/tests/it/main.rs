//! The front door over loopback, with services that do nothing of their own.

mod admin;
mod fakes;
mod limits;
mod protocols;
mod shutdown;
mod signatures;
mod tls;
