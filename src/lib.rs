//! The service: adapters and HTTP around the line crate.
