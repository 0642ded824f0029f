//! Values into the server's configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use garrison_attestation::TrustRoots;
use garrison_server::{Config, DecisionOptions, IssuerHost, Limits, RootOfTrust, Storage, Tls};

use crate::values::Values;

/// Where state is when nothing says where.
const DATA_DIR: &str = "garrison-data";
/// The most that `kms.max_direct_plaintext` may be: what the source notes of KMS say.
const MAX_DIRECT_PLAINTEXT: usize = 1 << 20;

/// The server's configuration, for `serve`.
pub(crate) fn server(values: &Values) -> Result<Config, String> {
    let development = values.is_on("dev")?;
    let kms_max_direct_plaintext = values.number("kms.max_direct_plaintext")?;
    if kms_max_direct_plaintext > MAX_DIRECT_PLAINTEXT {
        return Err(format!("`kms.max_direct_plaintext` can be at most {MAX_DIRECT_PLAINTEXT}"));
    }
    Ok(Config {
        development,
        storage: storage(values, development)?,
        root: root(values)?,
        listen: values.text("listen").unwrap_or_default().to_owned(),
        tls: tls(values, development)?,
        region: values.number("region")?,
        account: values.parsed("account")?,
        limits: limits(values)?,
        admin_anywhere: values.is_on("admin_anywhere")?,
        decisions: decisions(values, development)?,
        kms_max_direct_plaintext,
        kms_key_cache: values.number("kms.key_cache")?,
        kms_attestation_roots: attestation_roots(values)?,
        sts_issuers: issuers(values.text("sts.issuers").unwrap_or_default())?,
        preview_s3: preview(values, development)?,
        request_quotas: quotas(values.text("request_quotas").unwrap_or_default())?,
        threads: values.parsed("threads")?,
        strict_memory: values.is_on("strict_memory")?,
    })
}

/// The configuration of commands that open the store and serve nothing.
pub(crate) fn offline(values: &Values) -> Result<Config, String> {
    Ok(Config {
        development: false,
        storage: storage(values, false)?,
        root: root(values)?,
        listen: String::new(),
        tls: Tls::Off,
        region: "us-east-1".parse().map_err(|error| format!("{error}"))?,
        account: None,
        limits: Limits::default(),
        admin_anywhere: false,
        decisions: None,
        kms_max_direct_plaintext: 0,
        kms_key_cache: 0,
        kms_attestation_roots: Vec::new(),
        sts_issuers: Vec::new(),
        preview_s3: false,
        request_quotas: BTreeMap::new(),
        threads: None,
        strict_memory: false,
    })
}

/// Whether what is not finished is served: never to anybody who relies on it.
fn preview(values: &Values, development: bool) -> Result<bool, String> {
    let is_on = values.is_on("preview_s3")?;
    if is_on && !development {
        return Err("`preview_s3` is for development mode (`dev`): S3 is being built".to_owned());
    }
    Ok(is_on)
}

fn decisions(values: &Values, development: bool) -> Result<Option<DecisionOptions>, String> {
    let options =
        DecisionOptions { traces: values.is_on("decision_header")?, usage: values.is_on("record_usage")? };
    if options.usage && !development {
        return Err("`record_usage` is for development mode (`dev`)".to_owned());
    }
    Ok((options.traces || options.usage).then_some(options))
}

fn storage(values: &Values, development: bool) -> Result<Storage, String> {
    match (values.text("store"), values.text("data_dir")) {
        (Some(_), Some(_)) => Err("`store` and `data_dir` cannot both be set".to_owned()),
        (Some(url), None) if url.starts_with("postgresql://") || url.starts_with("postgres://") => {
            Ok(Storage::Postgres(url.to_owned()))
        }
        (Some(_), None) => Err("`store` must begin with postgresql://".to_owned()),
        (None, Some(folder)) => Ok(Storage::Folder(folder.into())),
        (None, None) if development => Ok(Storage::Temporary),
        (None, None) => Ok(Storage::Folder(DATA_DIR.into())),
    }
}

fn root(values: &Values) -> Result<RootOfTrust, String> {
    for (name, what) in [("root.pkcs11_module", "a PKCS#11 token"), ("root.tpm", "a TPM")] {
        if values.text(name).is_some() {
            return Err(format!("`{name}`: a root key in {what} is not built yet; use `root.key_file`"));
        }
    }
    match (values.text("root.key_file"), values.text("root.passphrase_file")) {
        (Some(_), Some(_)) => Err("`root.key_file` and `root.passphrase_file` cannot both be set".to_owned()),
        (_, Some(path)) => Ok(RootOfTrust::PassphraseFile(path.into())),
        (path, None) => Ok(RootOfTrust::KeyFile(path.map(PathBuf::from))),
    }
}

fn tls(values: &Values, development: bool) -> Result<Tls, String> {
    let (declined, self_signed) = (values.is_on("no_tls")?, values.is_on("tls.self_signed")?);
    match (values.text("tls.certificate"), values.text("tls.key"), self_signed, declined) {
        (Some(certificate), Some(key), false, false) => {
            Ok(Tls::Files { certificate: certificate.into(), key: key.into() })
        }
        (None, None, true, false) => Ok(Tls::SelfSigned),
        (None, None, false, true) => Ok(Tls::Off),
        (None, None, false, false) if development => Ok(Tls::Off),
        (None, None, false, false) => Err(
            "TLS must be configured (`--tls-certificate` with `--tls-key`, or `--tls-self-signed`) or declined \
             (`--no-tls`)"
                .to_owned(),
        ),
        (Some(_), None, ..) | (None, Some(_), ..) => {
            Err("`tls.certificate` and `tls.key` belong together".to_owned())
        }
        _ => Err("a certificate, `tls.self_signed` and `no_tls` exclude each other".to_owned()),
    }
}

/// The certificates of `kms.attestation_root_file`, each fit to be trusted.
fn attestation_roots(values: &Values) -> Result<Vec<Vec<u8>>, String> {
    let Some(path) = values.text("kms.attestation_root_file") else { return Ok(Vec::new()) };
    let bad = |error: &dyn std::fmt::Display| format!("`kms.attestation_root_file`: {path}: {error}");
    let pem = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
    TrustRoots::from_pem(&pem).map(TrustRoots::into_certificates).map_err(|error| bad(&error))
}

fn limits(values: &Values) -> Result<Limits, String> {
    let seconds = |name| values.number(name).map(Duration::from_secs);
    let limits = Limits {
        uri_bytes: values.number("limits.uri_bytes")?,
        headers: values.number("limits.headers")?,
        header_bytes: values.number("limits.header_bytes")?,
        body_bytes: values.number("limits.body_bytes")?,
        body_memory: values.number("limits.body_memory")?,
        header_timeout: seconds("limits.header_timeout")?,
        body_timeout: seconds("limits.body_timeout")?,
        idle_timeout: seconds("limits.idle_timeout")?,
        connections: values.number("limits.connections")?,
        requests: values.number("limits.requests")?,
        streams: values.number("limits.http2_streams")?,
        drain_timeout: seconds("limits.shutdown_timeout")?,
    };
    let sizes = [limits.headers, limits.body_bytes, limits.connections, limits.requests];
    if sizes.contains(&0) || limits.header_timeout.is_zero() || limits.idle_timeout.is_zero() {
        return Err("the numbers and times under `limits` must be greater than 0".to_owned());
    }
    Ok(limits)
}

/// The hosts of `sts.issuers`.
fn issuers(list: &str) -> Result<Vec<IssuerHost>, String> {
    let each = |item: &str| {
        let bad = |why: &dyn std::fmt::Display| format!("`sts.issuers`: `{item}`: {why}");
        let mut parts = item.splitn(3, '=').map(str::trim);
        let (Some(host), Some(address)) = (parts.next(), parts.next()) else {
            return Err(bad(&"it is not like issuer.example=127.0.0.1:8443=ca.pem"));
        };
        let address = address.parse().map_err(|error| bad(&error))?;
        let pem = parts.next().map(std::fs::read).transpose().map_err(|error| bad(&error))?;
        IssuerHost::new(host, address, pem.as_deref()).map_err(|error| bad(&error))
    };
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(each).collect()
}

fn quotas(list: &str) -> Result<BTreeMap<String, u32>, String> {
    let each = |item: &str| {
        let parsed = item.split_once('=').and_then(|(operation, rate)| {
            let named = operation
                .split_once(':')
                .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
            let rate = rate.trim().parse::<u32>().ok().filter(|rate| *rate > 0)?;
            named.then(|| (operation.trim().to_owned(), rate))
        });
        parsed.ok_or_else(|| format!("`request_quotas`: `{item}` is not like kms:Encrypt=100"))
    };
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_configured_or_declined() {
        let check = |pairs: &[(&'static str, &str)]| server(&Values::of(pairs)).map(|config| config.tls);
        assert!(check(&[]).unwrap_err().contains("--no-tls"));
        assert_eq!(check(&[("dev", "true")]), Ok(Tls::Off));
        assert_eq!(check(&[("no_tls", "true")]), Ok(Tls::Off));
        assert_eq!(check(&[("tls.self_signed", "true"), ("dev", "true")]), Ok(Tls::SelfSigned));
        let files = Tls::Files { certificate: "c".into(), key: "k".into() };
        assert_eq!(check(&[("tls.certificate", "c"), ("tls.key", "k")]), Ok(files));
        assert!(check(&[("tls.certificate", "c")]).is_err());
        assert!(check(&[("tls.self_signed", "true"), ("no_tls", "true")]).is_err());
    }

    #[test]
    fn state_has_one_place() {
        let check = |pairs: &[(&'static str, &str)]| {
            let pairs = [&[("no_tls", "true")], pairs].concat();
            server(&Values::of(&pairs)).map(|config| (config.storage, config.root))
        };
        let beside = RootOfTrust::KeyFile(None);
        assert_eq!(check(&[]), Ok((Storage::Folder(DATA_DIR.into()), beside.clone())));
        assert_eq!(check(&[("dev", "true")]), Ok((Storage::Temporary, beside.clone())));
        assert_eq!(check(&[("dev", "true"), ("data_dir", "d")]), Ok((Storage::Folder("d".into()), beside)));
        let passphrase = RootOfTrust::PassphraseFile("p".into());
        let postgres = ("store", "postgresql://h/d");
        let expected = (Storage::Postgres(postgres.1.to_owned()), passphrase);
        assert_eq!(check(&[postgres, ("root.passphrase_file", "p")]), Ok(expected));
        for wrong in [
            [postgres, ("data_dir", "d")],
            [("store", "mysql://h"), ("dev", "false")],
            [("root.key_file", "k"), ("root.passphrase_file", "p")],
            [("root.tpm", "/dev/tpm0"), ("dev", "false")],
            [("root.pkcs11_module", "m"), ("dev", "false")],
            [("kms.max_direct_plaintext", "1048577"), ("dev", "false")],
            [("kms.attestation_root_file", "no/such/file"), ("dev", "false")],
            [("limits.requests", "0"), ("dev", "false")],
            [("region", "EU"), ("dev", "false")],
            [("account", "12"), ("dev", "false")],
        ] {
            assert!(check(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn quotas_are_a_list() {
        let map = |pairs: &[(&str, u32)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect();
        assert_eq!(quotas(""), Ok(BTreeMap::new()));
        assert_eq!(quotas("kms:Encrypt=5, kms:Sign=6"), Ok(map(&[("kms:Encrypt", 5), ("kms:Sign", 6)])));
        for wrong in ["kms:Encrypt", "kms=5", "kms:Encrypt=0", "kms:Encrypt=x", ":=1"] {
            assert!(quotas(wrong).is_err(), "{wrong}");
        }
    }
}
