//! The Channel API: what a program with a line token may ask.

pub mod health;
mod shape;
