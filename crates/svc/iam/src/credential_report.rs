//! The credential report: a line for the root user and one for each user, as CSV.
//!
//! Source: IAM User Guide, "Generate credential reports for your AWS account", "Understanding the report format".

use std::time::Duration;

use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_types::Timestamp;

use crate::account::Settings;
use crate::records::{AccessKey, CredentialReport, PasswordPolicy, RootUser, SigningCertificate, User};
use crate::repo::Found;
use crate::service::Iam;
use crate::users;

/// How long a report is good for.
const LIFETIME: Duration = Duration::from_secs(4 * 3600);
const DAY: Duration = Duration::from_secs(86_400);
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
                       password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,\
                       access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
                       access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
                       access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
                       cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
/// There is nothing of the kind.
const NONE: &str = "N/A";
/// It is not known here.
const UNKNOWN: &str = "no_information";
/// The root user has nothing of the kind.
const UNSUPPORTED: &str = "not_supported";

/// The report of the caller's account, if there is one.
///
/// # Errors
/// The store failed.
pub(crate) async fn find(iam: &Iam, cx: &Context) -> Result<Option<Found<CredentialReport>>, ApiError> {
    iam.repo().get::<CredentialReport>(cx.account(), CredentialReport::NAME).await
}

/// Whether a report is too old to be shown.
pub(crate) fn is_expired(report: &CredentialReport, now: Timestamp) -> bool {
    now >= report.generated.0 + LIFETIME
}

/// Makes the report of the caller's account.
///
/// # Errors
/// The store failed.
pub(crate) async fn make(iam: &Iam, cx: &Context) -> Result<String, ApiError> {
    let settings = Settings::find(iam, cx).await?;
    let mut csv = format!("{COLUMNS}\n");
    line(&mut csv, &root(iam, cx).await?);
    for user in iam.repo().all::<User>(cx.account()).await? {
        line(&mut csv, &of_user(iam, cx, &user, settings.now.password_policy.as_ref()).await?);
    }
    Ok(csv)
}

async fn root(iam: &Iam, cx: &Context) -> Result<Vec<String>, ApiError> {
    let root = iam.repo().get::<RootUser>(cx.account(), RootUser::NAME).await?;
    let has_mfa = root.is_some_and(|root| !root.mfa_devices.is_empty());
    let mut fields = vec!["<root_account>".to_owned(), users::root(cx).arn];
    fields.extend([UNKNOWN, UNSUPPORTED, UNKNOWN, UNSUPPORTED, UNSUPPORTED].map(str::to_owned));
    fields.push(has_mfa.to_string());
    keys(iam, &mut fields, iam.access_keys().of_root(cx.account()).await?).await?;
    certificates(&mut fields, &[]);
    Ok(fields)
}

async fn of_user(
    iam: &Iam,
    cx: &Context,
    user: &User,
    policy: Option<&PasswordPolicy>,
) -> Result<Vec<String>, ApiError> {
    let mut fields = vec![user.name.clone(), user.arn(cx.partition(), cx.account()), date(user.created.0)];
    match &user.password {
        Some(password) => {
            let max_age = policy.and_then(|policy| policy.max_age_days);
            let days = max_age.and_then(|days| u32::try_from(days).ok());
            let rotation = days.map_or(NONE.to_owned(), |days| date(password.changed.0 + DAY * days));
            let changed = date(password.changed.0);
            fields.extend(["true".to_owned(), UNKNOWN.to_owned(), changed, rotation]);
        }
        None => fields.extend(["false", NONE, NONE, NONE].map(str::to_owned)),
    }
    fields.push((!user.mfa_devices.is_empty()).to_string());
    let mut found = Vec::new();
    for id in &user.access_keys {
        found.extend(iam.access_keys().get(id).await?.map(|key| (id.clone(), key.record)));
    }
    keys(iam, &mut fields, found).await?;
    let mut uploaded = Vec::new();
    for (_, id) in user.other_credentials.iter().filter(|(kind, _)| kind == SIGNING_CERTIFICATE) {
        let certificate = iam.repo().get::<SigningCertificate>(cx.account(), id).await?;
        uploaded.extend(certificate.map(|certificate| certificate.record));
    }
    certificates(&mut fields, &uploaded);
    Ok(fields)
}

/// How a user's record names signing certificates.
const SIGNING_CERTIFICATE: &str = <SigningCertificate as crate::records::Record>::KIND;

async fn keys(iam: &Iam, fields: &mut Vec<String>, keys: Vec<(String, AccessKey)>) -> Result<(), ApiError> {
    for place in 0..2 {
        let Some((id, key)) = keys.get(place) else {
            fields.extend(["false", NONE, NONE, NONE, NONE].map(str::to_owned));
            continue;
        };
        fields.extend([key.active.to_string(), date(key.created.0)]);
        match iam.access_keys().last_use(id).await? {
            Some(used) => fields.extend([date(used.at.0), used.region, used.service]),
            None => fields.extend([NONE, NONE, NONE].map(str::to_owned)),
        }
    }
    Ok(())
}

fn certificates(fields: &mut Vec<String>, certificates: &[SigningCertificate]) {
    for place in 0..2 {
        match certificates.get(place) {
            Some(found) => fields.extend([found.active.to_string(), date(found.uploaded.0)]),
            None => fields.extend(["false", NONE].map(str::to_owned)),
        }
    }
}

fn date(time: Timestamp) -> String {
    time.to_iso8601_seconds().replace('Z', "+00:00")
}

fn line(csv: &mut String, fields: &[String]) {
    let quoted = fields.iter().map(|field| {
        // Names may have commas, and nothing else that CSV has a meaning for.
        if field.contains(',') { format!("\"{field}\"") } else { field.clone() }
    });
    csv.push_str(&quoted.collect::<Vec<_>>().join(","));
    csv.push('\n');
}
