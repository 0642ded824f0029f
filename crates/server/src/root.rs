//! The root of trust: the key at the top, which lies outside the data folder.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::num::NonZeroU32;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::pbkdf2;
use garrison_crypto::seal::RootKey;
use garrison_crypto::{LockedSecret, Rng};
use zeroize::Zeroizing;

use crate::config::RootOfTrust;
use crate::error::Error;

/// What a key file begins with.
const HEADER: &str = "garrison root key 1\n";
/// A key file has exactly so many bytes: the header, 64 hexadecimal digits, a line end.
const FILE_LEN: usize = HEADER.len() + 65;
const KEY_LEN: usize = 32;
/// The longest passphrase, in bytes.
const MAX_PASSPHRASE: u64 = 1024;
/// Rounds of PBKDF2-HMAC-SHA-256 (OWASP Password Storage Cheat Sheet: at least 600,000).
const ROUNDS: u32 = 600_000;
pub(crate) const SALT_LEN: usize = 32;

/// Where the key file is when nothing is configured: beside the data folder, named after it.
pub(crate) fn default_key_file(data_dir: &Path) -> PathBuf {
    let mut name = data_dir.file_name().unwrap_or_default().to_owned();
    name.push(".root-key");
    data_dir.with_file_name(name)
}

/// Unseals the root key.
///
/// `salt` is the store's, when the store was made with a passphrase before. A key file is made when the store is
/// new (`fresh`); a store that has been sealed needs the file that it was sealed with.
pub(crate) fn unseal(
    root: &RootOfTrust,
    data_dir: Option<&Path>,
    salt: Option<&[u8]>,
    fresh: bool,
    rng: &dyn Rng,
) -> Result<RootKey, Error> {
    match root {
        RootOfTrust::KeyFile(path) => {
            let path = match (path, data_dir) {
                (Some(path), _) => path.clone(),
                (None, Some(folder)) => default_key_file(folder),
                (None, None) => {
                    let message =
                        "a store that is not a folder needs `root-key-file` (or `root-passphrase-file`)";
                    return Err(Error::Config(message.to_owned()));
                }
            };
            check_outside(&path, data_dir)?;
            if !path.exists() && fresh {
                create_key_file(&path, rng)?;
            }
            read_key_file(&path)
        }
        RootOfTrust::PassphraseFile(path) => {
            let salt = salt.ok_or_else(|| {
                Error::Sealed("the store was sealed with a root key file, not with a passphrase".to_owned())
            })?;
            check_outside(path, data_dir)?;
            from_passphrase(path, salt)
        }
    }
}

/// A key inside the data folder would be copied with it.
fn check_outside(path: &Path, data_dir: Option<&Path>) -> Result<(), Error> {
    let Some(data_dir) = data_dir else { return Ok(()) };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let action = "find the folder of the root key";
    let parent = parent.canonicalize().map_err(Error::file(action, parent))?;
    let folder = data_dir.canonicalize().map_err(Error::file("find the data folder", data_dir))?;
    // The file itself may be a link into the folder.
    let target = path.canonicalize().unwrap_or_else(|_| parent.clone());
    if parent.starts_with(&folder) || target.starts_with(&folder) {
        let message = format!(
            "the root key `{}` must lie outside the data folder `{}`: whoever copies the folder must not have the key",
            path.display(),
            data_dir.display()
        );
        return Err(Error::Config(message));
    }
    Ok(())
}

fn create_key_file(path: &Path, rng: &dyn Rng) -> Result<(), Error> {
    let key = LockedSecret::random(KEY_LEN, rng)?;
    let mut text = Zeroizing::new(String::with_capacity(FILE_LEN));
    text.push_str(HEADER);
    for byte in key.expose() {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text.push('\n');
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        File::open(parent)?.sync_all()
    };
    write().map_err(Error::file("write the root key", path))
}

fn read_key_file(path: &Path) -> Result<RootKey, Error> {
    let text = read_private(path, "read the root key", FILE_LEN as u64)?;
    let malformed = || Error::Sealed(format!("`{}` is not a root key file", path.display()));
    let digits = text
        .strip_prefix(HEADER.as_bytes())
        .and_then(|rest| rest.strip_suffix(b"\n"))
        .ok_or_else(malformed)?;
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut valid = digits.len() == 2 * KEY_LEN;
    let key = LockedSecret::new_with(KEY_LEN, |key| {
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let parsed = pair.iter().try_fold(0, |byte, digit| Some(byte << 4 | value(digit)?));
            valid &= parsed.is_some();
            *byte = parsed.unwrap_or_default();
        }
    })?;
    if !valid {
        return Err(malformed());
    }
    Ok(RootKey::new(&key)?)
}

fn from_passphrase(path: &Path, salt: &[u8]) -> Result<RootKey, Error> {
    let text = read_private(path, "read the passphrase", MAX_PASSPHRASE + 2)?;
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_end();
    if line.len() < 12 {
        return Err(Error::Config("the root passphrase must have at least 12 characters".to_owned()));
    }
    let rounds = NonZeroU32::new(ROUNDS).unwrap_or(NonZeroU32::MIN);
    let key = LockedSecret::new_with(KEY_LEN, |key| {
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, line, key);
    })?;
    Ok(RootKey::new(&key)?)
}

/// A small file that nobody else may read.
fn read_private(path: &Path, action: &'static str, max: u64) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = File::open(path).map_err(Error::file(action, path))?;
    let metadata = file.metadata().map_err(Error::file(action, path))?;
    if !metadata.is_file() {
        return Err(Error::Config(format!("`{}` is not a file", path.display())));
    }
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        let message =
            format!("`{}` has the mode {mode:04o}: others can read it; make it 0600", path.display());
        return Err(Error::Config(message));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(max).unwrap_or_default() + 1));
    file.take(max + 1).read_to_end(&mut text).map_err(Error::file(action, path))?;
    if text.len() as u64 > max {
        return Err(Error::Config(format!("`{}` is longer than {max} bytes", path.display())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use garrison_crypto::seal::DomainKey;
    use garrison_crypto::testing::SeededRng;

    use super::*;

    fn key_file(path: &Path) -> RootOfTrust {
        RootOfTrust::KeyFile(Some(path.to_owned()))
    }

    fn write(path: &Path, text: &[u8], mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_file_is_made_once_and_opens_what_it_sealed() {
        let rng = SeededRng::new(1);
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        fs::create_dir(&data).unwrap();
        let root = RootOfTrust::KeyFile(None);
        assert!(unseal(&root, Some(&data), None, false, &rng).is_err(), "a sealed store needs its file");
        let domain = DomainKey::generate(&rng).unwrap();
        let sealed = unseal(&root, Some(&data), None, true, &rng).unwrap().seal(&rng, b"d", &domain).unwrap();
        let path = home.path().join("data.root-key");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(unseal(&root, Some(&data), None, false, &rng).unwrap().open(b"d", &sealed).is_ok());
    }

    #[test]
    fn a_key_that_is_not_safe_is_refused() {
        let rng = SeededRng::new(1);
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        fs::create_dir_all(data.join("deep")).unwrap();
        let good = [HEADER.as_bytes(), &[b'a'; 64], b"\n"].concat();
        for inside in [data.join("key"), data.join("deep/key"), data.join("deep/../key")] {
            write(&inside, &good, 0o600);
            let refused = unseal(&key_file(&inside), Some(&data), None, true, &rng);
            assert!(matches!(refused, Err(Error::Config(_))), "{}", inside.display());
        }
        let link = home.path().join("link");
        std::os::unix::fs::symlink(data.join("key"), &link).unwrap();
        assert!(unseal(&key_file(&link), Some(&data), None, true, &rng).is_err(), "a link into the folder");
        for (text, mode) in [
            (good.as_slice(), 0o640),
            (&good, 0o604),
            (b"", 0o600),
            (&good[..good.len() - 1], 0o600),
            (&[&good, b"\n".as_slice()].concat(), 0o600),
            (&[HEADER.as_bytes(), &[b'g'; 64], b"\n"].concat(), 0o600),
        ] {
            let path = home.path().join("key");
            write(&path, text, mode);
            assert!(unseal(&key_file(&path), Some(&data), None, true, &rng).is_err(), "{mode:o} {text:?}");
        }
    }

    #[test]
    fn a_passphrase_and_its_salt_make_the_key() {
        let rng = SeededRng::new(1);
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("passphrase");
        let root = RootOfTrust::PassphraseFile(path.clone());
        write(&path, b"correct horse battery\nmore", 0o600);
        let domain = DomainKey::generate(&rng).unwrap();
        let open = |salt: &[u8]| unseal(&root, None, Some(salt), false, &rng);
        let sealed = open(&[1; 32]).unwrap().seal(&rng, b"d", &domain).unwrap();
        assert!(open(&[1; 32]).unwrap().open(b"d", &sealed).is_ok());
        assert!(open(&[2; 32]).unwrap().open(b"d", &sealed).is_err());
        write(&path, b"short", 0o600);
        assert!(open(&[1; 32]).is_err());
    }
}
