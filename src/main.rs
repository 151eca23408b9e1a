//! The `ezw` binary: everything is in the library, so that tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    ezw::cli::run(std::env::args_os()).into()
}
