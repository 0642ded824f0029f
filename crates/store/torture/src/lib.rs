//! Durability, tried: a worker process that is killed at random points, and what must hold afterwards.
//!
//! The worker (this package's binary) commits and appends from several tasks and prints a line for each
//! acknowledgement. [`rounds`] starts it, kills it, lets a [`Disk`] decide what survives, opens the store again and
//! checks: everything acknowledged is there, each change is there whole or not at all, with its audit record and
//! its event, once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "this crate is tests: a failed expectation must panic"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use garrison_store::{AuditLog, AuditRecord, Key, KeyRange, Store};
use garrison_store_suite::samples;

pub mod powerloss;

/// How many tasks work at the same time.
pub const TASKS: u64 = 4;
/// How many records each change writes: all of them or none must be there.
pub const SLOTS: u64 = 3;

/// A small generator of numbers that repeat for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The generator for a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % bound
    }
}

/// The key of a task's slot.
pub fn slot(task: u64, slot: u64) -> Key {
    Key::of(&["torture", &task.to_string(), &slot.to_string()])
}

/// The audit record of a task's change number `n`.
pub fn change_record(task: u64, n: u64) -> AuditRecord {
    samples::record(1 << 40 | task << 32 | n)
}

/// The audit record of a task's append number `n` in a round.
pub fn append_record(round: u64, task: u64, n: u64) -> AuditRecord {
    samples::record(1 << 50 | round << 36 | task << 32 | n)
}

/// What a worker has acknowledged since its store was made.
#[derive(Debug, Default, Clone)]
pub struct Acknowledged {
    /// The last change of each task.
    changes: BTreeMap<u64, u64>,
    /// The appends, as round, task and number.
    appends: Vec<(u64, u64, u64)>,
}

impl Acknowledged {
    /// Takes a line of a worker's output, `c TASK N` or `a TASK N`.
    fn hear(&mut self, round: u64, line: &str) {
        let mut words = line.split(' ');
        let kind = words.next().unwrap();
        let (task, n) = (words.next().unwrap().parse().unwrap(), words.next().unwrap().parse().unwrap());
        match kind {
            "c" => drop(self.changes.insert(task, n)),
            "a" => self.appends.push((round, task, n)),
            other => panic!("the worker said `{other}`"),
        }
    }

    /// How many acknowledgements there were.
    pub fn count(&self) -> u64 {
        self.changes.values().sum::<u64>() + u64::try_from(self.appends.len()).unwrap()
    }

    /// Checks a store against what was acknowledged; says what is wrong.
    ///
    /// # Errors
    /// Something acknowledged is missing, doubled or half there.
    pub async fn verify(&self, store: &(impl Store + AuditLog)) -> Result<(), String> {
        let records = samples::all_pages(store, samples::everything(1000)).await;
        let mut times = BTreeMap::new();
        for record in &records {
            *times.entry(record.event_id).or_insert(0) += 1;
        }
        let count = |record: &AuditRecord| times.get(&record.event_id).copied().unwrap_or(0);
        if let Some((id, n)) = times.iter().find(|(_, n)| **n > 1) {
            return Err(format!("audit record {id:?} is there {n} times"));
        }
        if let Some(lost) =
            self.appends.iter().find(|(round, task, n)| count(&append_record(*round, *task, *n)) == 0)
        {
            return Err(format!("append {lost:?} was acknowledged and is gone"));
        }
        let events = store.outbox(0, 10_000).await.map_err(|error| error.to_string())?;
        for task in 0..TASKS {
            let reached = reached(store, task).await?;
            let acknowledged = self.changes.get(&task).copied().unwrap_or(0);
            if reached < acknowledged || reached > acknowledged + 1 {
                return Err(format!("task {task} is at change {reached}, acknowledged was {acknowledged}"));
            }
            for n in 1..=reached + 1 {
                let wanted = u64::from(n <= reached);
                if count(&change_record(task, n)) != wanted {
                    return Err(format!("change {n} of task {task} and its audit record disagree"));
                }
            }
            let own = events.iter().filter(|(_, event)| event.topic == task.to_string());
            let own: Vec<_> =
                own.map(|(_, event)| String::from_utf8_lossy(&event.payload).into_owned()).collect();
            let wanted: Vec<_> = (1..=reached).map(|n| n.to_string()).collect();
            if own != wanted {
                return Err(format!("task {task} made {reached} changes, its events are {own:?}"));
            }
        }
        Ok(())
    }

    /// Takes changes for acknowledged that were committed when the worker was killed before it could say so.
    async fn catch_up(&mut self, store: &impl Store) {
        for task in 0..TASKS {
            self.changes.insert(task, reached(store, task).await.unwrap());
        }
    }
}

/// The last change of a task that the store has.
///
/// # Errors
/// Only part of a change is there.
pub async fn reached(store: &impl Store, task: u64) -> Result<u64, String> {
    let range = KeyRange::under(&["torture", &task.to_string()]);
    let (entries, _) = store.scan(&range, 100).await.map_err(|error| error.to_string())?;
    let numbers: Vec<u64> = entries
        .iter()
        .map(|entry| u64::from_le_bytes(entry.value.get(..8).unwrap_or(&[0; 8]).try_into().unwrap()))
        .collect();
    match numbers.as_slice() {
        [] => Ok(0),
        [first, ..] if numbers.len() as u64 == SLOTS && numbers.iter().all(|n| n == first) => Ok(*first),
        torn => Err(format!("task {task} has a change half written: {torn:?}")),
    }
}

/// What keeps the store's bytes, and what of them survives a kill.
pub trait Disk {
    /// The backend that is opened after a kill.
    type Backend: Store + AuditLog;

    /// Prepares the worker's command before each start.
    fn prepare(&mut self, command: &mut Command);

    /// Called once the worker is dead; decides what survives.
    fn crash(&mut self);

    /// Opens the store to check it.
    ///
    /// # Errors
    /// It does not open.
    fn open(&mut self) -> impl Future<Output = Result<Self::Backend, String>>;
}

/// Runs so many rounds of start, kill and check. Returns how many acknowledgements there were in all.
///
/// # Errors
/// What did not hold, with the round.
pub async fn rounds(
    worker: &str,
    arguments: &[String],
    disk: &mut impl Disk,
    seed: u64,
    rounds: u64,
) -> Result<u64, String> {
    let mut random = Random::new(seed);
    let mut acknowledged = Acknowledged::default();
    for round in 0..rounds {
        let mut command = Command::new(worker);
        command.args(arguments).arg(seed.wrapping_add(round).to_string()).arg(round.to_string());
        disk.prepare(&mut command);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        // Now and then the kill comes while the store is still opening.
        let kill_after = if random.below(8) == 0 { 0 } else { 1 + random.below(120) };
        if kill_after == 0 {
            for _ in 0..random.below(2_000_000) {
                std::hint::spin_loop();
            }
            child.kill().unwrap();
        }
        // What was printed before the kill counts, however late it is read.
        for (heard, line) in output.lines().enumerate() {
            if heard as u64 + 1 == kill_after {
                child.kill().unwrap();
            }
            acknowledged.hear(round, &line.unwrap());
        }
        let ended = child.wait().unwrap();
        assert!(ended.code().is_none_or(|code| code == 3), "the worker ended by itself: {ended}");
        disk.crash();
        let store = disk.open().await.map_err(|error| format!("round {round}: it does not open: {error}"))?;
        acknowledged.verify(&store).await.map_err(|wrong| format!("round {round}: {wrong}"))?;
        acknowledged.catch_up(&store).await;
    }
    Ok(acknowledged.count())
}
