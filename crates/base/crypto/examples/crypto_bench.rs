//! CPU nanoseconds for each operation: `cargo run --release --example crypto_bench`.

use garrison_crypto::blob::{Blob, SymmetricKey};
use garrison_crypto::context::canonical_context;
use garrison_crypto::keys::{KeyMaterial, KeySpec, KeyUsage, MacKey, MessageType, PrivateKey, PublicKey};
use garrison_crypto::material_id::MaterialId;
use garrison_crypto::seal::DomainKey;
use garrison_crypto::{LockedSecret, Rng as _, SystemRng};
use std::hint::black_box;

/// CPU nanoseconds that this thread has used (Linux), so that what else the machine does matters little.
fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or_default()
}

#[allow(clippy::print_stdout, reason = "a program for the terminal")]
fn measure(name: &str, mut operation: impl FnMut()) {
    for rounds in [1_u32, 10, 100, 1_000, 10_000, 100_000] {
        let start = cpu_ns();
        (0..rounds).for_each(|_| operation());
        let used = cpu_ns().saturating_sub(start);
        if used > 50_000_000 || rounds == 100_000 {
            println!("{name:45} {:>12.0} ns", used as f64 / f64::from(rounds));
            return;
        }
    }
}

fn main() -> Result<(), garrison_crypto::CryptoError> {
    let rng = SystemRng;
    symmetric()?;
    let message = [0x5A; 64];
    for &spec in KeySpec::ALL {
        let material = KeyMaterial::generate(spec, &rng)?;
        if let (Some(&algorithm), true) =
            (spec.signing_algorithms().last(), spec.allows(KeyUsage::SignVerify))
        {
            let private = PrivateKey::load(spec, KeyUsage::SignVerify, material.secret())?;
            let spki = material.public_key_der().unwrap_or_default();
            let public = PublicKey::load(spec, KeyUsage::SignVerify, spki)?;
            let sign = || private.sign(algorithm, MessageType::Raw, &message, &rng);
            let signature = sign()?;
            measure(&format!("{spec} load"), || {
                let _ = black_box(PrivateKey::load(spec, KeyUsage::SignVerify, material.secret()));
            });
            measure(&format!("{spec} sign {algorithm}"), || {
                let _ = black_box(sign());
            });
            measure(&format!("{spec} verify"), || {
                let _ = black_box(public.verify(algorithm, MessageType::Raw, &message, &signature));
            });
        }
        if let Some(&algorithm) = spec.mac_algorithms().first() {
            let key = MacKey::load(spec, material.secret())?;
            measure(&format!("{spec} mac 64 B"), || {
                let _ = black_box(key.mac(algorithm, &message));
            });
        }
    }
    Ok(())
}

fn symmetric() -> Result<(), garrison_crypto::CryptoError> {
    let rng = SystemRng;
    let secret = LockedSecret::random(32, &rng)?;
    let key = SymmetricKey::new(MaterialId::derive(&secret, "id"), &secret)?;
    let context = canonical_context([("aws:s3:arn", "arn:aws:s3:::bucket/object")]);
    let mut random = [0; 28];
    measure("28 random bytes", || rng.fill(black_box(&mut random)));
    for len in [32, 4096] {
        let plaintext = vec![7; len];
        let bytes = key.encrypt(&rng, &plaintext, &context)?;
        measure(&format!("blob encrypt {len} B"), || {
            let _ = black_box(key.encrypt(&rng, &plaintext, &context));
        });
        measure(&format!("blob parse {len} B"), || {
            let _ = black_box(Blob::parse(&bytes));
        });
        measure(&format!("blob parse and decrypt {len} B"), || {
            let _ = black_box(Blob::parse(&bytes).map(|blob| key.decrypt(&blob, &context)));
        });
    }
    let domain = DomainKey::generate(&rng)?;
    let sealed = domain.sealer().seal(&rng, b"key", &[1; 32])?;
    measure("seal 32 B", || {
        let _ = black_box(domain.sealer().seal(&rng, b"key", &[1; 32]));
    });
    measure("open 32 B into locked memory", || {
        let _ = black_box(domain.sealer().open(b"key", &sealed));
    });
    measure("locked secret of 32 B", || {
        let _ = black_box(LockedSecret::copy_of(&[1; 32]));
    });
    Ok(())
}
