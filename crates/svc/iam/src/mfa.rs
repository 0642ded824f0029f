//! Virtual MFA devices: whether a code is right, and once only.
//!
//! Codes are judged by the wall clock, which is what the devices have, however far resource time is ahead.

use garrison_api_iam::{errors as api, types};
use garrison_crypto::LockedSecret;
use garrison_kernel::{Check, Context, Principal, Resolved, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, WriteSet};
use garrison_types::{AccountId, Timestamp};

use crate::condition::Keys;
use crate::error;
use crate::records::{Enabled, MfaDevice, Time, User};
use crate::repo::{self, Found};
use crate::sealing;
use crate::service::Iam;
use crate::subject::ROOT_NAME;
use crate::totp;
use crate::users;

/// Bytes of a seed: 64 characters in base32.
pub(crate) const SEED: usize = 40;
/// So many steps a code may be old or early.
const WINDOW: i64 = 1;
/// The same for the first codes of a device.
const FIRST_WINDOW: i64 = 2;
/// The same when a device's clock is taken as it is.
const RESYNC_WINDOW: i64 = 240;
/// How often using up a code is tried when others change the device at the same time.
const ATTEMPTS: usize = 8;

/// A device that a call names by its serial number.
#[derive(Debug)]
pub struct Device {
    serial_number: String,
    account: AccountId,
    found: Option<Found<MfaDevice>>,
}

impl Device {
    /// Looks for it in the caller's account.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context, serial_number: &str) -> Result<Self, ApiError> {
        let found = load(iam, cx.account(), serial_number).await?;
        Ok(Self { serial_number: serial_number.to_owned(), account: cx.account(), found })
    }

    /// The same, with the question about it.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn resolve(
        iam: &Iam,
        cx: &Context,
        serial_number: &str,
    ) -> Result<Resolved<Self>, ApiError> {
        let device = Self::find(iam, cx, serial_number).await?;
        let check = device.check(cx);
        Ok(Resolved::new(device, check))
    }

    /// The question about it. What is no ARN of a device of the account is asked about as one.
    pub(crate) fn check(&self, cx: &Context) -> Check {
        let arn = match &self.found {
            Some(device) => device.serial_number(cx.partition(), self.account),
            None => format!("arn:{}:iam::{}:mfa/{}", cx.partition().as_str(), self.account, self.last()),
        };
        Check::resource(arn, self.account)
    }

    fn last(&self) -> &str {
        self.serial_number.split_once(":mfa/").map_or(&*self.serial_number, |(_, name)| name)
    }

    /// The condition keys that it gives.
    pub(crate) fn keys(&self) -> Keys<'_> {
        Keys { resource_tags: self.found.as_ref().map(|device| &device.tags), ..Keys::default() }
    }

    /// The device.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn get(&self) -> Result<&Found<MfaDevice>, ApiError> {
        self.found.as_ref().ok_or_else(|| not_found(&self.serial_number))
    }

    /// The device, as that of this owner, and how it is in use.
    ///
    /// # Errors
    /// `NoSuchEntity`: also when it is not enabled or somebody else's.
    pub(crate) fn of(&self, owner: &str) -> Result<(&Found<MfaDevice>, &Enabled), ApiError> {
        let device = self.get()?;
        let enabled = device.enabled.as_ref().filter(|enabled| enabled.owner == owner);
        enabled.map(|enabled| (device, enabled)).ok_or_else(|| not_found(&self.serial_number))
    }
}

fn not_found(serial_number: &str) -> ApiError {
    api::no_such_entity_exception(format!("MFA Device with serial number {serial_number} does not exist."))
}

/// The device with a serial number, in an account.
///
/// # Errors
/// The store failed.
pub(crate) async fn load(
    iam: &Iam,
    account: AccountId,
    serial_number: &str,
) -> Result<Option<Found<MfaDevice>>, ApiError> {
    match MfaDevice::path_and_name_of(serial_number, account) {
        Some(path_and_name) => iam.repo().get::<MfaDevice>(account, path_and_name).await,
        None => Ok(None),
    }
}

/// The place that a device's seed is sealed for.
pub(crate) fn place(account: AccountId, path_and_name: &str) -> String {
    format!("iam-mfa/{account}{path_and_name}")
}

fn seed(iam: &Iam, account: AccountId, device: &MfaDevice) -> Result<LockedSecret, ApiError> {
    sealing::open(iam.kernel(), &place(account, &device.path_and_name), &device.sealed_seed)
        .map_err(error::corrupt)
}

/// How two codes that follow each other put a device into use.
///
/// # Errors
/// `InvalidAuthenticationCode`.
pub(crate) fn first_codes(
    iam: &Iam,
    cx: &Context,
    device: &MfaDevice,
    owner: &str,
    codes: (&str, &str),
) -> Result<Enabled, ApiError> {
    let now = totp::step_at(iam.kernel().clock().protocol_now());
    let seed = seed(iam, cx.account(), device)?;
    let steps = now - FIRST_WINDOW - 1..=now + FIRST_WINDOW - 1;
    let step = totp::matching_pair(seed.expose(), steps, codes.0, codes.1).ok_or_else(wrong_code)?;
    let since = Time(cx.time);
    Ok(Enabled { owner: owner.to_owned(), since, last_step: step, drift: 0 })
}

/// How two codes that follow each other tell what a device takes for the time.
///
/// # Errors
/// `InvalidAuthenticationCode`: also for codes that were used before.
pub(crate) fn resync(
    iam: &Iam,
    cx: &Context,
    device: &MfaDevice,
    enabled: &Enabled,
    codes: (&str, &str),
) -> Result<Enabled, ApiError> {
    let now = totp::step_at(iam.kernel().clock().protocol_now());
    let seed = seed(iam, cx.account(), device)?;
    let steps = (now - RESYNC_WINDOW).max(enabled.last_step)..=now + RESYNC_WINDOW;
    let step = totp::matching_pair(seed.expose(), steps, codes.0, codes.1).ok_or_else(wrong_code)?;
    Ok(Enabled { last_step: step, drift: step - now, ..enabled.clone() })
}

fn wrong_code() -> ApiError {
    api::invalid_authentication_code_exception("Authentication code for device is not valid.")
}

/// Whether `code` is right at `now` (protocol time) for the device of a principal, a user or a root user. It is used up
/// before this returns.
///
/// # Errors
/// The store failed.
pub(crate) async fn verify(
    iam: &Iam,
    principal: &Principal,
    serial_number: &str,
    code: &str,
    now: Timestamp,
) -> Result<bool, ApiError> {
    let owner = match principal {
        Principal::User(user) => &*user.id,
        Principal::Root { .. } => ROOT_NAME,
        _ => return Ok(false),
    };
    let account = principal.account();
    for _ in 0..ATTEMPTS {
        let Some(device) = load(iam, account, serial_number).await? else { return Ok(false) };
        let Some(enabled) = device.enabled.as_ref().filter(|enabled| enabled.owner == owner) else {
            return Ok(false);
        };
        let expected = totp::step_at(now) + enabled.drift;
        let steps = (expected - WINDOW).max(enabled.last_step + 1)..=expected + WINDOW;
        let seed = seed(iam, account, &device)?;
        let Some(step) = totp::matching_step(seed.expose(), steps, code) else { return Ok(false) };
        let used = Enabled { last_step: step, ..enabled.clone() };
        let mut writes = WriteSet::new();
        let changed = MfaDevice { enabled: Some(used), ..device.record.clone() };
        repo::replace(&mut writes, account, &device, &changed);
        match iam.kernel().store().commit(writes).await {
            Ok(_) => return Ok(true),
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(errors::commit(&error)),
        }
    }
    Ok(false)
}

/// A device as the interface writes it, without what only its maker may see.
pub(crate) async fn to_api(
    iam: &Iam,
    cx: &Context,
    device: &MfaDevice,
) -> Result<types::VirtualMFADevice, ApiError> {
    let account = cx.account();
    let user = match &device.enabled {
        Some(enabled) if enabled.owner == ROOT_NAME => Some(users::root(cx)),
        Some(enabled) => {
            let user = iam.repo().by_id::<User>(account, &enabled.owner).await?;
            user.map(|user| users::whole(&user, cx))
        }
        None => None,
    };
    Ok(types::VirtualMFADevice {
        serial_number: device.serial_number(cx.partition(), account),
        base32_string_seed: None,
        qr_code_png: None,
        user,
        enable_date: device.enabled.as_ref().map(|enabled| enabled.since.0),
        tags: device.tags.to_api_if_any(),
    })
}
