use garrison_attestation::*;
use garrison_types::Timestamp;
#[test]
fn real() {
    let roots = TrustRoots::new([include_bytes!("/work/scratch/attest/real/root.der")]).unwrap();
    let text = std::fs::read("/work/scratch/attest/real/valid-attestation-doc-base64").unwrap();
    std::fs::write("/work/scratch/attest/real/t", &text).unwrap();
    for name in ["debug-mode-attestation-doc-bytes", "valid-attestation-doc-bytes", "dec"] {
        let doc = std::fs::read(format!("/work/scratch/attest/real/{name}")).unwrap();
        let p = doc.windows(9).position(|w| w == b"timestamp").unwrap() + 10;
        let ms = i64::from_be_bytes(doc[p..p + 8].try_into().unwrap());
        for dt in [0, 3600, 100_000] {
            println!("{name} {dt} {:?}", verify(&doc, &roots, Timestamp::from_seconds(ms / 1000 + dt)));
        }
    }
}
