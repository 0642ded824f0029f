//! Keys, signatures and a ciphertext that OpenSSL 3.0 made once (throw-away keys): our encodings equal its encodings, and
//! what it signs and encrypts we verify and decrypt.

#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use garrison_crypto::SystemRng;
use garrison_crypto::keys::{
    EncryptionAlgorithm, KeyMaterial, KeySpec, KeyUsage, MessageType, PrivateKey, PublicKey, SigningAlgorithm,
};

fn from_hex(text: &str) -> Vec<u8> {
    garrison_crypto::testing::from_hex(text).expect("hex")
}

/// Specification, `openssl pkcs8 -topk8 -nocrypt`, `openssl pkey -pubout`, both DER.
const KEYS: [(KeySpec, &str, &str); 6] = [
    (
        KeySpec::EccNistP256,
        "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420283ce5fe1c6d64ba3b752964\
         8c8b51e926d5af40921bca91a419d8171c0f035ca14403420004d58435583516a19c2dbf902461b09c5e0ead9259624b\
         dcfcfd38620753edae27a7f7b7cce3d4978684af677f5bd551a9aea69597e74a72811ac2fff9585a1667",
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004d58435583516a19c2dbf902461b09c5e0ead925962\
         4bdcfcfd38620753edae27a7f7b7cce3d4978684af677f5bd551a9aea69597e74a72811ac2fff9585a1667",
    ),
    (
        KeySpec::EccNistP384,
        "3081b6020100301006072a8648ce3d020106052b8104002204819e30819b0201010430751a4e8c6ce8a44be1959ebdd4\
         3d210499c91ab5f02398da7f2f09568d5e01c1d4ddf47acf03b6c04507127f4ef55f87a16403620004a1f9c969840799\
         40b37696dac774c2067cf81505b246c43ed54e9ab8b5258c2d0e1088b4dcc78d2602f8847ac144b72b11b372c1582e88\
         cbe21c497826fb0a1c669fa42513c48dc7f8cd62ec51d2e1dd12ac78f86de994cbf53973de3dd75e50",
        "3076301006072a8648ce3d020106052b8104002203620004a1f9c96984079940b37696dac774c2067cf81505b246c43e\
         d54e9ab8b5258c2d0e1088b4dcc78d2602f8847ac144b72b11b372c1582e88cbe21c497826fb0a1c669fa42513c48dc7\
         f8cd62ec51d2e1dd12ac78f86de994cbf53973de3dd75e50",
    ),
    (
        KeySpec::EccNistP521,
        "3081ee020100301006072a8648ce3d020106052b810400230481d63081d30201010442005da765bd8d4277b526a3cafc\
         d166ad553753118dabf6c272a2b5499591e557d954d6694ed884b2306c475ded3c69856f2dbffa1e43a537247f111840\
         9a922d3393a18189038186000401bd797bfc65c9586ca380e9a9762a9229fb8ef07968dc8b73a8572d16dae1e0ed210f\
         eace8c83ce414754187e0be5baf97d865dfdc3771f42befe9693bddb2f77d0015c847c6c6b3fc8cb87b111fa77a30da2\
         5a7d01b833e086d310e7ef4e834c2c81fef15791e0fc88b9ba3392e26462d9ae2926b44c1702334dc8da3b3a9314cff9\
         c6",
        "30819b301006072a8648ce3d020106052b81040023038186000401bd797bfc65c9586ca380e9a9762a9229fb8ef07968\
         dc8b73a8572d16dae1e0ed210feace8c83ce414754187e0be5baf97d865dfdc3771f42befe9693bddb2f77d0015c847c\
         6c6b3fc8cb87b111fa77a30da25a7d01b833e086d310e7ef4e834c2c81fef15791e0fc88b9ba3392e26462d9ae2926b4\
         4c1702334dc8da3b3a9314cff9c6",
    ),
    (
        KeySpec::EccSecgP256k1,
        "308184020100301006072a8648ce3d020106052b8104000a046d306b02010104207895dcfe7d2ef61a7e20f2fc0c9147\
         f451300ef386417bc8b788a540aed86239a14403420004362dc3ec751da364d9a43c927ed6556e9c114cf557f67ce6f4\
         fa001be322154e3f80524fac7681ace9abf93c63b3f5b686a3b9df0b716cb078f5e613f7d9a378",
        "3056301006072a8648ce3d020106052b8104000a03420004362dc3ec751da364d9a43c927ed6556e9c114cf557f67ce6\
         f4fa001be322154e3f80524fac7681ace9abf93c63b3f5b686a3b9df0b716cb078f5e613f7d9a378",
    ),
    (
        KeySpec::Sm2,
        "308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420b2b7b227580b17b57e321e8e\
         e021457f3240846867b26536cb394d6100d0d62ea14403420004bea7f0740c2fec84006c3c0ac7f209c2e6b87035e107\
         1cb3116c871de1f0d18478e9f077b5dbbceed5fa5b7d993f7daada7532d34f329c215addacdff8582201",
        "3059301306072a8648ce3d020106082a811ccf5501822d03420004bea7f0740c2fec84006c3c0ac7f209c2e6b87035e1\
         071cb3116c871de1f0d18478e9f077b5dbbceed5fa5b7d993f7daada7532d34f329c215addacdff8582201",
    ),
    (
        KeySpec::EccNistEdwards25519,
        "302e020100300506032b657004220420a50e9a6f99e3d470ac06bc5813cf58295c899f40183163b5904b3a0d7a0697e7",
        "302a300506032b657003210003c5242887d386f6a19a278b896bac57f04e3d28e716199ecd7033e2e0fab9b7",
    ),
];

fn material(wanted: KeySpec) -> KeyMaterial {
    let (_, pkcs8, _) = KEYS.iter().find(|(spec, ..)| *spec == wanted).expect("in the table");
    KeyMaterial::import(wanted, &from_hex(pkcs8)).expect("imported")
}

#[test]
fn both_encodings_are_openssls() {
    for (spec, pkcs8, spki) in KEYS {
        let material = material(spec);
        assert_eq!(material.public_key_der(), Some(from_hex(spki).as_slice()), "{spec}");
        assert_eq!(material.secret().expose(), from_hex(pkcs8), "{spec}");
    }
}

fn verify(spec: KeySpec, algorithm: SigningAlgorithm, message: &[u8], signature: &str) -> bool {
    let material = material(spec);
    let spki = material.public_key_der().expect("asymmetric");
    let key = PublicKey::load(spec, KeyUsage::SignVerify, spki).expect("loads");
    key.verify(algorithm, MessageType::Raw, message, &from_hex(signature)).is_ok()
}

/// `openssl pkeyutl -sign -rawin`, for SM2 with `-digest sm3 -pkeyopt distid:1234567812345678`.
#[test]
fn openssls_signatures_verify() {
    let ed25519 = "44ded0537e4c6c260b6d21f40c69ef4d3981d7b2976759d46e0052016d13204c8daf4722b75fffc181abb7b9e1a12a28\
                   f3c3190b309f8cb006b59fa6cbf9b709";
    let sm2 = "3046022100a165eba06866951cde8916efc92c1300c44831218d797365ef21ca0a3d240ff1022100d8c077619335c32f\
               7dc2b11d0640fdfe7d69c550f920f37034e3c80014de97cd";
    assert!(verify(KeySpec::EccNistEdwards25519, SigningAlgorithm::Ed25519Sha512, b"message", ed25519));
    assert!(!verify(KeySpec::EccNistEdwards25519, SigningAlgorithm::Ed25519Sha512, b"massage", ed25519));
    assert!(verify(KeySpec::Sm2, SigningAlgorithm::Sm2Dsa, b"message", sm2));
    assert!(!verify(KeySpec::Sm2, SigningAlgorithm::Sm2Dsa, b"massage", sm2));
}

/// Ed25519 is deterministic: our signature is OpenSSL's.
#[test]
fn ed25519_signs_as_openssl_does() {
    let material = material(KeySpec::EccNistEdwards25519);
    let key = PrivateKey::load(material.spec(), KeyUsage::SignVerify, material.secret()).expect("loads");
    let signature = key.sign(SigningAlgorithm::Ed25519Sha512, MessageType::Raw, b"message", &SystemRng);
    assert_eq!(
        signature.expect("signed"),
        from_hex(
            "44ded0537e4c6c260b6d21f40c69ef4d3981d7b2976759d46e0052016d13204c8daf4722b75fffc181abb7b9e1a12a28\
                  f3c3190b309f8cb006b59fa6cbf9b709"
        )
    );
}

/// `openssl pkeyutl -encrypt` with an SM2 key.
#[test]
fn openssls_sm2_ciphertext_decrypts() {
    let material = material(KeySpec::Sm2);
    let key = PrivateKey::load(KeySpec::Sm2, KeyUsage::EncryptDecrypt, material.secret()).expect("loads");
    let ciphertext = from_hex(
        "3071022100ac76f2cab1a56a0658ff19f8bb4c3760fa2ee8557b6f7f53017ce52c619e9bb5022100e6a85dc566ebf8f8\
         dd55d6772a64c969acbf93d843a16e9b2ceb55c8b4ca494004209e0c54253f7d31c008ae454ac57ac83bdfa1ef3f4256\
         94766094c83d39b03e76040702ca69628da228",
    );
    let plaintext = key.decrypt(EncryptionAlgorithm::Sm2Pke, &ciphertext).expect("decrypted");
    assert_eq!(plaintext.as_slice(), b"message");
}
