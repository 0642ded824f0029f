//! The backend for many nodes: PostgreSQL, or anything that speaks its wire protocol and its SQL.
//!
//! Commits are SERIALIZABLE transactions, retried when the server says so. A node commits every write set that
//! waits in one transaction, in a handful of round trips however many they are. The revision is a row that each
//! commit updates, so commits have one order and a snapshot always holds a prefix of it.
//!
//! # More than one node
//! Reads go to the database, so what a commit returned is what the next read on any node sees. What is *not*
//! built is the protocol for in-memory snapshots on several nodes: [`garrison_store::Observer`]s hear of this
//! node's commits only. It needs, in this crate: a lease row per node, renewed before it runs out; a commit that
//! after its transaction waits until every live lease has acknowledged its revision or has run out; and on each
//! node a reader of `garrison_changes` behind the last revision it saw (`LISTEN` may wake it, nothing relies on
//! it). Until then a database serves one node, which holds a lock on it ([`lock`]): a second one does not connect. A
//! node that lost its connection takes the lock anew before it serves again, and hears of what it missed; when another
//! one has it, this one refuses every call. (A node that was suspended together with its machine for longer than the
//! server waits for it may serve from memory for the seconds that it takes to notice.)
//!
//! # Erasing
//! PostgreSQL keeps old versions of rows until they are vacuumed, and their pages and write-ahead log longer. An
//! erasing commit vacuums the records table before it returns, so that no query can reach the old value; its
//! bytes may stay in the table's files, in the write-ahead log, in replicas and in archives. Where that matters,
//! the database's volumes must be encrypted, and `VACUUM FULL garrison_records` run followed by a checkpoint and
//! the recycling of old logs.
//!
//! # TLS
//! `sslrootcert=FILE` in the connection string makes every connection TLS, verified by rustls: the server's
//! certificate must lead to one in that PEM file and bear the host's name, as libpq's `sslmode=verify-full` has it.
//! Without it connections are plain, and `sslmode=require` is refused, not ignored.

mod audit;
mod backup;
mod commit;
mod error;
mod link;
mod lock;
mod lookup;
mod schema;
mod store;
mod tls;

pub use store::{Options, Postgres};
