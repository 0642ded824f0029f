//! TLS: a server's certificate is verified, and so is its name.

use garrison_store::{Key, Store, WriteSet};
use garrison_store_postgres::Postgres;
use garrison_store_suite::postgres::Cluster;

use crate::suite::options;

#[tokio::test]
async fn a_certificate_must_be_trusted_and_bear_the_name() {
    let server = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (server.cert.pem(), server.signing_key.serialize_pem());
    let Some((_cluster, port)) = Cluster::start_with_tls(&certificate, &key) else { return };
    let home = tempfile::tempdir().unwrap();
    let trusted = home.path().join("trusted.pem");
    let untrusted = home.path().join("untrusted.pem");
    std::fs::write(&trusted, certificate).unwrap();
    std::fs::write(&untrusted, other.cert.pem()).unwrap();
    for (name, roots, accepted) in
        [("localhost", &trusted, true), ("localhost", &untrusted, false), ("other.test", &trusted, false)]
    {
        let connection = format!(
            "host={name} hostaddr=127.0.0.1 port={port} user=garrison dbname=postgres sslmode=verify-full sslrootcert={}",
            roots.display()
        );
        let store = Postgres::connect(&options(connection)).await;
        assert_eq!(store.is_ok(), accepted, "{name} {}: {:?}", roots.display(), store.err());
        if let Ok(store) = store {
            let mut writes = WriteSet::new();
            writes.put(Key::of(&["k"]), "v");
            store.commit(writes).await.unwrap();
        }
    }
}
