//! Two releases and what is between them, with the real programs of both. `scripts/build-release.sh` builds the other one;
//! `EZW_TEST_PREVIOUS` says where it is.
//!
//! `make keep-release` has a release serve everything it knows, kills it, and keeps its rows and its queries in
//! `tests/versions/previous`, for the tests of the next one. `make versions` has nodes of the kept release and of this one
//! side by side under load. Neither is a part of `make test`, which would have to build a second service.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failure here ends the run, as it should"
)]
#![expect(clippy::print_stdout, reason = "what came of it is what it is for")]

#[path = "../../tests/versions/asked.rs"]
mod asked;
mod fleet;
#[path = "../../tests/chaos/judge.rs"]
#[expect(dead_code, reason = "runs of one version use the rest")]
mod judge;
mod keep;
#[path = "../../tests/chaos/load.rs"]
#[expect(dead_code, reason = "runs of one version use the rest")]
mod load;
#[path = "../../tests/chaos/run.rs"]
#[expect(dead_code, reason = "runs of one version use the rest")]
mod run;
mod scene;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::PathBuf;

/// Where the sources and the programs of the other release are.
struct Release {
    place: PathBuf,
}

impl Release {
    fn read() -> Self {
        Self { place: support::process::required("EZW_TEST_PREVIOUS").into() }
    }

    fn program(&self) -> PathBuf {
        let program = self.place.join("target/debug/ezw");
        assert!(program.exists(), "{} is missing: scripts/build-release.sh builds it", program.display());
        program
    }

    /// The folder is called by it.
    fn commit(&self) -> String {
        self.place.file_name().and_then(|name| name.to_str()).expect("a folder called by a commit").to_owned()
    }

    fn source(&self) -> PathBuf {
        self.place.join("source")
    }
}

fn main() {
    let job = std::env::args().nth(1).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match job.as_str() {
        "fleet" => runtime.block_on(fleet::run(&Release::read())),
        "keep" => runtime.block_on(keep::run(&Release::read())),
        other => {
            println!("`{other}` is no job of this program: `make keep-release` or `make versions`");
            std::process::exit(2);
        }
    }
}
