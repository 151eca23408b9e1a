//! HTTP: the table of routes, who may call them, what a request may say, and what a refusal looks like. Rows are the
//! store's business, lines are the actors'; nothing here decides what a line is.

pub mod api;
pub mod error;
pub mod extract;
pub mod request_id;
pub mod stamp;
pub mod state;

pub use error::{Entry, Problem, code_book};
pub use stamp::Stamp;
pub use state::AppState;
