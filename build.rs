//! The migrations are embedded by a macro, which doesn't notice a new file by itself.
#![expect(clippy::print_stdout, reason = "this is how a build script talks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
