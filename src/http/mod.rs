//! HTTP: the table of routes, who may call them, what a request may say, and what a refusal looks like. Rows are the
//! store's business, lines are the actors'; nothing here decides what a line is.

pub mod api;
mod edge;
pub mod error;
pub mod extract;
pub mod guard;
pub mod images;
mod openapi;
pub mod rate;
pub mod request_id;
pub mod routes;
pub mod shape;
pub mod stamp;
pub mod state;
#[cfg(test)]
mod tests;
pub mod together;
pub mod v1;

pub use error::{Entry, Problem, code_book};
pub use openapi::openapi_json;
pub use routes::configure;
pub use stamp::Stamp;
pub use state::AppState;
