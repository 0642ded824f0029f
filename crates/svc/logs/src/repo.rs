//! Where records are: the only file that knows store keys. All of them begin with `logs / KIND / account / region`.
//!
//! ```text
//! group      / name                                    a group
//! retained   / name                                    nothing: the groups with a retention
//! stream     / group-id / name                         a stream
//! activity   / group-id / stream-id                    what came into a stream
//! events     / group-id / first / last / sequence / stream-id
//!                                                      a sealed batch: a group's events in the order of time
//! index      / stream-id / first / last / sequence     nothing: the batches of one stream
//! doomed     / group-id / stream-id or nothing         what a deleted group or stream left behind
//! definition / id                                      a saved query
//! ```
//! Ids are random, so that what was deleted is never found again under a name that is used anew.

use std::sync::Arc;

use bytes::Bytes;
use garrison_kernel::{Context, Kernel, errors};
use garrison_schema::ApiError;
use garrison_store::{Entry, Key, KeyRange, Revision, WriteSet};
use garrison_types::{AccountId, Region};
use serde::de::DeserializeOwned;

use crate::records::{self, Activity, Definition, Group, Stream};

const SERVICE: &str = "logs";
/// How many records one scan of the store reads.
const PAGE: usize = 500;
/// A batch spans no more: `PutLogEvents` refuses more than 24 hours.
pub(crate) const MAX_SPAN: i64 = 24 * 3600 * 1000;

/// An account's part of the service in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub account: AccountId,
    pub region: Region,
}

impl Place {
    /// Where a call is made.
    pub(crate) fn of(cx: &Context) -> Self {
        Self { account: cx.account(), region: cx.region.clone() }
    }

    fn path<'a>(&'a self, kind: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        [&[SERVICE, kind, self.account.as_str(), self.region.as_str()], rest].concat()
    }

    fn key(&self, kind: &str, rest: &[&str]) -> Key {
        Key::of(&self.path(kind, rest))
    }

    fn range(&self, kind: &str, rest: &[&str]) -> KeyRange {
        KeyRange::under(&self.path(kind, rest))
    }
}

/// A record with its name and the commit that wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Found<T> {
    pub name: String,
    pub record: T,
    pub revision: Revision,
}

/// A batch, as its keys say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchKey {
    pub group: String,
    pub stream: String,
    /// The timestamps of its oldest and its newest event.
    pub first: i64,
    pub last: i64,
    pub sequence: u128,
}

impl BatchKey {
    /// Where its events are.
    pub(crate) fn events(&self, place: &Place) -> Key {
        let (first, last, sequence) = self.numbers();
        place.key("events", &[&self.group, &first, &last, &sequence, &self.stream])
    }

    fn index(&self, place: &Place) -> Key {
        let (first, last, sequence) = self.numbers();
        place.key("index", &[&self.stream, &first, &last, &sequence])
    }

    fn numbers(&self) -> (String, String, String) {
        (time(self.first), time(self.last), format!("{:034}", self.sequence))
    }

    /// Of the key of an `events` record.
    fn of_events(key: &Key) -> Option<Self> {
        let parts: Vec<&str> = key.components().skip(4).collect();
        let [group, first, last, sequence, stream] = parts.as_slice() else { return None };
        Self::read(group, stream, [first, last, sequence])
    }

    /// Of the key of an `index` record.
    fn of_index(key: &Key, group: &str) -> Option<Self> {
        let parts: Vec<&str> = key.components().skip(4).collect();
        let [stream, first, last, sequence] = parts.as_slice() else { return None };
        Self::read(group, stream, [first, last, sequence])
    }

    fn read(group: &str, stream: &str, [first, last, sequence]: [&&str; 3]) -> Option<Self> {
        Some(Self {
            group: group.to_owned(),
            stream: stream.to_owned(),
            first: first.parse().ok()?,
            last: last.parse().ok()?,
            sequence: sequence.parse().ok()?,
        })
    }
}

/// Nineteen digits hold every time, so that the order of the texts is the order of the times.
fn time(millis: i64) -> String {
    format!("{:019}", millis.max(0))
}

/// Reads records.
pub(crate) struct Repo {
    kernel: Arc<Kernel>,
}

impl Repo {
    pub(crate) fn new(kernel: Arc<Kernel>) -> Self {
        Self { kernel }
    }

    pub(crate) fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<(T, Revision)>, ApiError> {
        let entry = self.kernel.store().get(key).await.map_err(|error| errors::store(&error))?;
        entry.map(|entry| Ok((records::read(&entry.value)?, entry.revision))).transpose()
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Vec<Entry>, ApiError> {
        let (entries, _) =
            self.kernel.store().scan(range, limit).await.map_err(|error| errors::store(&error))?;
        Ok(entries)
    }

    pub(crate) async fn group(&self, place: &Place, name: &str) -> Result<Option<Found<Group>>, ApiError> {
        let found = self.get(&place.key("group", &[name])).await?;
        Ok(found.map(|(record, revision)| Found { name: name.to_owned(), record, revision }))
    }

    pub(crate) async fn stream(
        &self,
        place: &Place,
        group: &Group,
        name: &str,
    ) -> Result<Option<Found<Stream>>, ApiError> {
        let found = self.get(&place.key("stream", &[&group.id, name])).await?;
        Ok(found.map(|(record, revision)| Found { name: name.to_owned(), record, revision }))
    }

    pub(crate) async fn activity(
        &self,
        place: &Place,
        group: &Group,
        stream: &Stream,
    ) -> Result<Option<Activity>, ApiError> {
        let found = self.get(&place.key("activity", &[&group.id, &stream.id])).await?;
        Ok(found.map(|(activity, _)| activity))
    }

    /// The records below a path, behind `after`, in the order of their names: at most `limit` that `wanted` takes.
    async fn list<T: DeserializeOwned>(
        &self,
        path: Vec<&str>,
        after: Option<&str>,
        limit: usize,
        wanted: impl Fn(&str, &T) -> bool,
    ) -> Result<Vec<Found<T>>, ApiError> {
        let mut range = KeyRange::under(&path);
        if let Some(after) = after {
            range = range.after(&Key::of(&[path.as_slice(), &[after]].concat()));
        }
        let mut found = Vec::new();
        loop {
            let entries = self.scan(&range, PAGE).await?;
            let Some(end) = entries.last().map(|entry| entry.key.clone()) else { return Ok(found) };
            for entry in entries {
                let record = records::read(&entry.value)?;
                if wanted(entry.key.last(), &record) {
                    let name = entry.key.last().to_owned();
                    found.push(Found { name, record, revision: entry.revision });
                    if found.len() == limit {
                        return Ok(found);
                    }
                }
            }
            range = range.after(&end);
        }
    }

    pub(crate) async fn groups(
        &self,
        place: &Place,
        after: Option<&str>,
        limit: usize,
        wanted: impl Fn(&str, &Group) -> bool,
    ) -> Result<Vec<Found<Group>>, ApiError> {
        self.list(place.path("group", &[]), after, limit, wanted).await
    }

    pub(crate) async fn streams(
        &self,
        place: &Place,
        group: &Group,
        after: Option<&str>,
        limit: usize,
        prefix: &str,
    ) -> Result<Vec<Found<Stream>>, ApiError> {
        let wanted = |name: &str, _: &Stream| name.starts_with(prefix);
        self.list(place.path("stream", &[&group.id]), after, limit, wanted).await
    }

    pub(crate) async fn definition(
        &self,
        place: &Place,
        id: &str,
    ) -> Result<Option<Found<Definition>>, ApiError> {
        let found = self.get(&place.key("definition", &[id])).await?;
        Ok(found.map(|(record, revision)| Found { name: id.to_owned(), record, revision }))
    }

    pub(crate) async fn definitions(
        &self,
        place: &Place,
        after: Option<&str>,
        limit: usize,
        prefix: &str,
    ) -> Result<Vec<Found<Definition>>, ApiError> {
        let wanted = |_: &str, definition: &Definition| definition.name.starts_with(prefix);
        self.list(place.path("definition", &[]), after, limit, wanted).await
    }

    /// The batches of a group, or of one of its streams, that may have events from `from` until `end` (not included).
    pub(crate) fn batches(
        &self,
        place: &Place,
        group: &str,
        stream: Option<&str>,
        from: i64,
        end: i64,
    ) -> KeyRange {
        let path = match stream {
            None => place.path("events", &[group]),
            Some(stream) => place.path("index", &[stream]),
        };
        let at = |millis: i64| Key::of(&[path.as_slice(), &[&time(millis)]].concat()).as_bytes().to_vec();
        KeyRange { start: at(from.saturating_sub(MAX_SPAN)), end: at(end) }
    }

    /// A page of such a range, and the rest of it; no rest behind the last page.
    pub(crate) async fn batch_page(
        &self,
        range: &KeyRange,
        group: &str,
        stream: Option<&str>,
    ) -> Result<(Vec<BatchKey>, Option<KeyRange>), ApiError> {
        // A record of `events` is a whole batch, one of `index` nothing but its key.
        let limit = if stream.is_some() { PAGE } else { 16 };
        let entries = self.scan(range, limit).await?;
        let rest = entries.last().filter(|_| entries.len() == limit).map(|last| range.after(&last.key));
        let batch = |entry: &Entry| {
            let found = match stream {
                None => BatchKey::of_events(&entry.key),
                Some(_) => BatchKey::of_index(&entry.key, group),
            };
            found.ok_or_else(|| errors::internal(format!("no batch: {:?}", entry.key)))
        };
        Ok((entries.iter().map(batch).collect::<Result<_, _>>()?, rest))
    }

    /// A batch's value; none when it was deleted meanwhile.
    pub(crate) async fn batch(&self, key: &Key) -> Result<Option<Bytes>, ApiError> {
        let entry = self.kernel.store().get(key).await.map_err(|error| errors::store(&error))?;
        Ok(entry.map(|entry| entry.value))
    }

    /// Every group with a retention, in every account and region.
    pub(crate) async fn retained(&self) -> Result<Vec<(Place, String, Key)>, ApiError> {
        let mut found = Vec::new();
        for entry in self.all(KeyRange::under(&[SERVICE, "retained"])).await? {
            let parts: Vec<&str> = entry.key.components().skip(2).collect();
            if let [account, region, name] = parts.as_slice() {
                let place = read_place(account, region)?;
                found.push((place, (*name).to_owned(), entry.key.clone()));
            }
        }
        Ok(found)
    }

    /// What is left behind by deleted groups (without a stream) and streams, in every account and region.
    pub(crate) async fn doomed(&self) -> Result<Vec<(Place, String, String, Key)>, ApiError> {
        let mut found = Vec::new();
        for entry in self.scan(&KeyRange::under(&[SERVICE, "doomed"]), PAGE).await? {
            let parts: Vec<&str> = entry.key.components().skip(2).collect();
            if let [account, region, group, stream] = parts.as_slice() {
                let place = read_place(account, region)?;
                found.push((place, (*group).to_owned(), (*stream).to_owned(), entry.key.clone()));
            }
        }
        Ok(found)
    }

    async fn all(&self, mut range: KeyRange) -> Result<Vec<Entry>, ApiError> {
        let mut found = Vec::new();
        loop {
            let entries = self.scan(&range, PAGE).await?;
            let Some(last) = entries.last() else { return Ok(found) };
            range = range.after(&last.key);
            found.extend(entries);
        }
    }

    /// The next records that a deleted group left.
    pub(crate) async fn remains_of_group(&self, place: &Place, group: &str) -> Result<Vec<Key>, ApiError> {
        let mut keys = Vec::new();
        for kind in ["stream", "activity"] {
            let entries = self.scan(&place.range(kind, &[group]), PAGE).await?;
            keys.extend(entries.into_iter().map(|entry| entry.key));
        }
        let (batches, _) = self.batch_page(&place.range("events", &[group]), group, None).await?;
        keys.extend(batches.iter().flat_map(|batch| [batch.events(place), batch.index(place)]));
        Ok(keys)
    }

    /// The next records that a deleted stream left.
    pub(crate) async fn remains_of_stream(
        &self,
        place: &Place,
        group: &str,
        stream: &str,
    ) -> Result<Vec<Key>, ApiError> {
        let range = place.range("index", &[stream]);
        let (batches, _) = self.batch_page(&range, group, Some(stream)).await?;
        Ok(batches.iter().flat_map(|batch| [batch.events(place), batch.index(place)]).collect())
    }

    /// The oldest batches of a group.
    pub(crate) async fn oldest(&self, place: &Place, group: &str) -> Result<Vec<BatchKey>, ApiError> {
        Ok(self.batch_page(&place.range("events", &[group]), group, None).await?.0)
    }

    /// The timestamp that a stream's events begin with.
    pub(crate) async fn begins(&self, place: &Place, stream: &str) -> Result<Option<i64>, ApiError> {
        let entries = self.scan(&place.range("index", &[stream]), 1).await?;
        Ok(entries.first().and_then(|entry| BatchKey::of_index(&entry.key, "")).map(|batch| batch.first))
    }
}

fn read_place(account: &str, region: &str) -> Result<Place, ApiError> {
    let account = account.parse().map_err(|_| errors::internal(format!("account `{account}`")))?;
    let region = region.parse().map_err(|_| errors::internal(format!("region `{region}`")))?;
    Ok(Place { account, region })
}

/// Adds a new group.
pub(crate) fn create_group(writes: &mut WriteSet, place: &Place, name: &str, group: &Group) {
    writes.create(place.key("group", &[name]), records::write(group));
}

/// Writes a group that changed.
pub(crate) fn replace_group(writes: &mut WriteSet, place: &Place, was: &Found<Group>, group: &Group) {
    writes.replace(place.key("group", &[&was.name]), was.revision, records::write(group));
    let retained = place.key("retained", &[&was.name]);
    if group.retention.is_some() {
        writes.put(retained, Bytes::new());
    } else {
        writes.deletes.push(retained);
    }
}

/// Takes a group away; the worker takes what is below it.
pub(crate) fn delete_group(writes: &mut WriteSet, place: &Place, group: &Found<Group>) {
    writes.delete(place.key("group", &[&group.name]), group.revision);
    writes.deletes.push(place.key("retained", &[&group.name]));
    writes.put(place.key("doomed", &[&group.record.id, ""]), Bytes::new());
}

/// The group must not be deleted or changed meanwhile.
pub(crate) fn require_group(writes: &mut WriteSet, place: &Place, group: &Found<Group>) {
    writes.require(place.key("group", &[&group.name]), group.revision);
}

/// Adds a new stream.
pub(crate) fn create_stream(
    writes: &mut WriteSet,
    place: &Place,
    group: &Group,
    name: &str,
    stream: &Stream,
) {
    writes.create(place.key("stream", &[&group.id, name]), records::write(stream));
}

/// Takes a stream away; the worker takes its events.
pub(crate) fn delete_stream(writes: &mut WriteSet, place: &Place, group: &Group, stream: &Found<Stream>) {
    let id = stream.record.id.as_str();
    writes.delete(place.key("stream", &[&group.id, &stream.name]), stream.revision);
    writes.deletes.push(place.key("activity", &[&group.id, id]));
    writes.put(place.key("doomed", &[&group.id, id]), Bytes::new());
}

/// The stream must not be deleted meanwhile.
pub(crate) fn require_stream(writes: &mut WriteSet, place: &Place, group: &Group, stream: &Found<Stream>) {
    writes.require(place.key("stream", &[&group.id, &stream.name]), stream.revision);
}

/// Writes what came into a stream so far. Of two calls at once the later one counts: the next call puts it right.
pub(crate) fn put_activity(
    writes: &mut WriteSet,
    place: &Place,
    group: &Group,
    stream: &Stream,
    activity: Activity,
) {
    writes.put(place.key("activity", &[&group.id, &stream.id]), records::write(&activity));
}

/// Adds a batch.
pub(crate) fn create_batch(writes: &mut WriteSet, place: &Place, batch: &BatchKey, value: Vec<u8>) {
    writes.create(batch.events(place), value);
    writes.put(batch.index(place), Bytes::new());
}

/// Takes a batch away.
pub(crate) fn delete_batch(writes: &mut WriteSet, place: &Place, batch: &BatchKey) {
    writes.deletes.extend([batch.events(place), batch.index(place)]);
}

/// Writes a saved query.
pub(crate) fn put_definition(writes: &mut WriteSet, place: &Place, id: &str, definition: &Definition) {
    writes.put(place.key("definition", &[id]), records::write(definition));
}

/// Takes a saved query away.
pub(crate) fn delete_definition(writes: &mut WriteSet, place: &Place, found: &Found<Definition>) {
    writes.delete(place.key("definition", &[&found.name]), found.revision);
}
