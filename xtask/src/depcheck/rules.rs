//! The rules, as data. A rule that has to give way gets a line here with its reason, where a reviewer sees it.

use super::graph::{Crate, Dependency, Graph};

/// What a folder of crates is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Base,
    Engine,
    Wire,
    Api,
    Store,
    Blobs,
    Backend,
    StoreSuite,
    Kernel,
    Gateway,
    Service,
    Edge,
    Agent,
    Server,
    Cli,
    Testkit,
    Harness,
    Xtask,
}

/// Folders, the more exact first: the first that fits decides.
const PARTS: &[(&str, Part)] = &[
    ("crates/base/", Part::Base),
    ("crates/engines/", Part::Engine),
    ("crates/wire", Part::Wire),
    ("crates/api/", Part::Api),
    ("crates/store/core", Part::Store),
    ("crates/store/blobs", Part::Blobs),
    ("crates/store/suite", Part::StoreSuite),
    // A program that the store suites kill.
    ("crates/store/torture", Part::Harness),
    ("crates/store/", Part::Backend),
    ("crates/kernel", Part::Kernel),
    ("crates/gateway", Part::Gateway),
    ("crates/svc/", Part::Service),
    ("crates/edge", Part::Edge),
    ("crates/agent", Part::Agent),
    ("crates/server", Part::Server),
    ("crates/cli", Part::Cli),
    ("crates/testkit", Part::Testkit),
    ("bench", Part::Harness),
    ("xtask", Part::Xtask),
];

impl Part {
    fn of(krate: &Crate) -> Option<Self> {
        PARTS.iter().find(|(folder, _)| krate.folder.starts_with(folder)).map(|&(_, part)| part)
    }

    /// The parts that a crate of this part may name in what it ships. What is absent is forbidden.
    const fn may_name(self) -> &'static [Self] {
        use Part::{
            Api, Backend, Base, Blobs, Cli, Engine, Gateway, Kernel, Server, Service, Store, StoreSuite,
            Testkit, Wire,
        };
        match self {
            // Same layer, but only along the lines of `BASE_ORDER`.
            Self::Base => &[Base],
            Self::Engine | Self::Wire | Self::Api | Self::Store => &[Base],
            // The trait is the lower half of the layer: who implements it or tests it sees it.
            Self::Backend | Self::StoreSuite => &[Base, Store],
            // Trait and folder in one: what a service keeps outside of its records.
            Self::Blobs => &[Base, Store],
            // It dispatches typed calls to a store, whoever implements it; policies are evaluated by the engine.
            Self::Kernel => &[Base, Engine, Store],
            // It turns HTTP into calls: it reads any service's schema through `base`, so it needs no `api`.
            Self::Gateway => &[Base, Engine, Wire, Kernel],
            Self::Service => &[Base, Engine, Api, Store, Blobs, Kernel],
            Self::Edge => &[Base, Engine, Kernel],
            Self::Agent => &[Base, Engine],
            // The only crate that names backends and more than one service.
            Self::Server => &[Base, Engine, Wire, Api, Store, Blobs, Backend, Kernel, Gateway, Service],
            // The program is the server plus a command line.
            // Engines too: it reads what an operator configures for them.
            Self::Cli => &[Base, Engine, Server],
            // Never shipped.
            Self::Testkit | Self::Harness => &[
                Base, Engine, Wire, Api, Store, Blobs, Backend, StoreSuite, Kernel, Gateway, Service, Server,
                Cli, Testkit,
            ],
            // Compiled before anything else, and it must run when the workspace does not compile.
            Self::Xtask => &[],
        }
    }

    /// The parts that tests may name as well. Never another service: what a test needs of one, it reaches through a port.
    const fn tests_may_name(self) -> &'static [Self] {
        match self {
            Self::Base | Self::Engine | Self::Api | Self::Xtask => &[Self::Testkit],
            Self::Wire => &[Self::Testkit, Self::Api],
            Self::Kernel | Self::Service | Self::Gateway => {
                &[Self::Testkit, Self::Store, Self::Backend, Self::Api, Self::Wire]
            }
            _ => &[Self::Testkit, Self::StoreSuite, Self::Backend],
        }
    }

    /// Third-party crates that this part may not name: what would give a pure crate IO, a runtime or a clock.
    const fn third_party_denied(self) -> &'static [&'static str] {
        const IO: &[&str] = &[
            "async-std",
            "hyper",
            "hyper-util",
            "mio",
            "object_store",
            "reqwest",
            "rusqlite",
            "smol",
            "socket2",
            "sqlx",
            "tokio",
            "tokio-postgres",
            "tokio-rustls",
        ];
        /// Generated types are read and written through their schema: deriving costs three times the build.
        const IO_AND_SERDE: &[&str] = &[
            "async-std",
            "hyper",
            "hyper-util",
            "mio",
            "object_store",
            "reqwest",
            "rusqlite",
            "serde",
            "smol",
            "socket2",
            "sqlx",
            "tokio",
            "tokio-postgres",
            "tokio-rustls",
        ];
        const DRIVERS: &[&str] = &["rusqlite", "sqlx", "tokio-postgres"];
        match self {
            Self::Base | Self::Engine | Self::Wire => IO,
            Self::Api => IO_AND_SERDE,
            Self::Backend | Self::StoreSuite | Self::Testkit | Self::Harness | Self::Xtask => &[],
            _ => DRIVERS,
        }
    }
}

/// Within `base` the order is the layer: a crate may name those before it, never those after it.
const BASE_ORDER: &[&str] = &["garrison-types", "garrison-clock", "garrison-crypto", "garrison-schema"];

/// Dependencies that break a rule and stand, each with its reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// One line for each dependency that breaks a rule.
pub(super) fn check(graph: &Graph) -> Vec<String> {
    graph.crates.iter().flat_map(|krate| check_crate(krate, graph)).collect()
}

fn check_crate(krate: &Crate, graph: &Graph) -> Vec<String> {
    let Some(part) = Part::of(krate) else {
        return vec![format!(
            "{}: `{}` is in no layer: add its folder to the rules",
            krate.name, krate.folder
        )];
    };
    let complain = |dependency: &Dependency| {
        if EXCEPTIONS.iter().any(|(from, to, _)| *from == krate.name && *to == dependency.name) {
            return None;
        }
        let why = match graph.find(&dependency.name) {
            Some(named) => check_ours(krate, part, named, dependency.dev),
            None => check_theirs(part, dependency),
        }?;
        Some(format!("{} names {}: {why}", krate.name, dependency.name))
    };
    krate.dependencies.iter().filter_map(complain).collect()
}

fn check_ours(krate: &Crate, part: Part, named: &Crate, dev: bool) -> Option<String> {
    // A crate without a part gets its own complaint.
    let other = Part::of(named)?;
    if dev && part.tests_may_name().contains(&other) {
        return None;
    }
    if !part.may_name().contains(&other) {
        let allowed = part.may_name();
        return Some(format!("{part:?} may name {allowed:?}, this is {other:?}"));
    }
    let position = |krate: &Crate| BASE_ORDER.iter().position(|name| *name == krate.name);
    let downward = matches!((position(krate), position(named)), (Some(from), Some(to)) if from > to);
    (part == Part::Base && !downward).then(|| format!("within base the order is {BASE_ORDER:?}"))
}

fn check_theirs(part: Part, dependency: &Dependency) -> Option<String> {
    let denied = !dependency.dev && part.third_party_denied().contains(&dependency.name.as_str());
    denied.then(|| format!("{part:?} does no IO of this kind itself"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of every kind of crate, and one dependency from `from` to `to`.
    fn complaints(from: &str, to: &str, dev: bool) -> Vec<String> {
        let folders = [
            ("garrison-types", "crates/base/types"),
            ("garrison-crypto", "crates/base/crypto"),
            ("garrison-schema", "crates/base/schema"),
            ("garrison-new", "crates/base/new"),
            ("garrison-policy", "crates/engines/policy"),
            ("garrison-sigv4", "crates/engines/sigv4"),
            ("garrison-wire", "crates/wire"),
            ("garrison-api-kms", "crates/api/kms"),
            ("garrison-store", "crates/store/core"),
            ("garrison-store-sqlite", "crates/store/sqlite"),
            ("garrison-store-suite", "crates/store/suite"),
            ("garrison-kernel", "crates/kernel"),
            ("garrison-gateway", "crates/gateway"),
            ("garrison-svc-kms", "crates/svc/kms"),
            ("garrison-svc-s3", "crates/svc/s3"),
            ("garrison-server", "crates/server"),
            ("garrison-cli", "crates/cli"),
            ("garrison-testkit", "crates/testkit"),
            ("garrison-bench", "bench"),
            ("garrison-store-torture", "crates/store/torture"),
            ("xtask", "xtask"),
        ];
        let krate = |(name, folder): &(&str, &str)| Crate {
            name: (*name).to_owned(),
            folder: (*folder).to_owned(),
            dependencies: Vec::new(),
        };
        let mut graph = Graph { crates: folders.iter().map(krate).collect() };
        let source = graph.crates.iter_mut().find(|krate| krate.name == from).unwrap();
        source.dependencies.push(Dependency { name: to.to_owned(), dev });
        check(&graph)
    }

    #[test]
    fn what_a_crate_may_name() {
        let allowed = [
            ("garrison-schema", "garrison-types"),
            ("garrison-policy", "garrison-types"),
            ("garrison-wire", "garrison-schema"),
            ("garrison-api-kms", "garrison-schema"),
            ("garrison-store-sqlite", "garrison-store"),
            ("garrison-store-sqlite", "rusqlite"),
            ("garrison-kernel", "garrison-store"),
            ("garrison-kernel", "garrison-policy"),
            ("garrison-kernel", "tokio"),
            ("garrison-gateway", "garrison-kernel"),
            ("garrison-gateway", "hyper"),
            ("garrison-svc-kms", "garrison-api-kms"),
            ("garrison-svc-kms", "garrison-store"),
            ("garrison-server", "garrison-store-sqlite"),
            ("garrison-server", "garrison-svc-kms"),
            ("garrison-cli", "garrison-server"),
            ("garrison-bench", "garrison-server"),
            ("garrison-store-torture", "garrison-store-sqlite"),
        ];
        for (from, to) in allowed {
            assert_eq!(complaints(from, to, false), [""; 0], "{from} -> {to}");
        }
    }

    #[test]
    fn what_a_crate_may_not_name() {
        let denied = [
            // Upward and sideways.
            ("garrison-types", "garrison-schema"),
            ("garrison-types", "garrison-kernel"),
            ("garrison-policy", "garrison-sigv4"),
            ("garrison-policy", "garrison-wire"),
            ("garrison-wire", "garrison-api-kms"),
            ("garrison-api-kms", "garrison-wire"),
            ("garrison-store", "garrison-kernel"),
            ("garrison-store", "garrison-policy"),
            ("garrison-kernel", "garrison-gateway"),
            ("garrison-kernel", "garrison-wire"),
            ("garrison-kernel", "garrison-svc-kms"),
            ("garrison-gateway", "garrison-svc-kms"),
            ("garrison-server", "garrison-cli"),
            // A service names neither a service nor the front door nor a backend.
            ("garrison-svc-kms", "garrison-svc-s3"),
            ("garrison-svc-kms", "garrison-gateway"),
            ("garrison-svc-kms", "garrison-wire"),
            ("garrison-svc-kms", "garrison-store-sqlite"),
            // Only `server` names backends.
            ("garrison-kernel", "garrison-store-sqlite"),
            ("garrison-cli", "garrison-store-sqlite"),
            ("garrison-gateway", "garrison-store-sqlite"),
            ("garrison-svc-kms", "rusqlite"),
            // Pure crates.
            ("garrison-types", "tokio"),
            ("garrison-policy", "tokio"),
            ("garrison-wire", "hyper"),
            ("garrison-api-kms", "serde"),
            // Support for tests is not shipped.
            ("garrison-svc-kms", "garrison-testkit"),
            ("garrison-server", "garrison-store-suite"),
            ("garrison-server", "garrison-store-torture"),
            ("garrison-cli", "garrison-bench"),
            // The task runner stands alone.
            ("xtask", "garrison-schema"),
            // A new crate in `base` needs a place in the order.
            ("garrison-new", "garrison-types"),
            ("garrison-types", "garrison-new"),
        ];
        for (from, to) in denied {
            assert_eq!(complaints(from, to, false).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn what_tests_may_name_as_well() {
        for (from, to) in [
            ("garrison-svc-kms", "garrison-testkit"),
            ("garrison-svc-kms", "garrison-store-sqlite"),
            ("garrison-store-sqlite", "garrison-store-suite"),
            ("garrison-wire", "garrison-api-kms"),
            ("garrison-policy", "proptest"),
            ("garrison-types", "tokio"),
        ] {
            assert_eq!(complaints(from, to, true), [""; 0], "{from} -> {to}");
        }
        for (from, to) in [("garrison-svc-kms", "garrison-svc-s3"), ("garrison-types", "garrison-kernel")] {
            assert_eq!(complaints(from, to, true).len(), 1, "{from} -> {to}");
        }
    }

    #[test]
    fn a_crate_in_an_unknown_folder_is_reported() {
        let krate = Crate { name: "stray".into(), folder: "crates/stray".into(), dependencies: Vec::new() };
        let complaints = check(&Graph { crates: vec![krate] });
        assert!(complaints[0].contains("is in no layer"), "{complaints:?}");
    }

    #[test]
    fn every_exception_has_a_reason() {
        assert!(EXCEPTIONS.iter().all(|(_, _, reason)| reason.len() > 20));
    }
}
