//! The table: path, method, who may call, handler. Everything this service answers stands here.

use super::{api, edge, error::Problem, guard, guard::Auth, v1};
use crate::auth::Action;
use actix_web::{
    FromRequest, Handler, Resource, Responder, Route,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use tracing_actix_web::TracingLogger;

/// One line of the table, for tests and documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The path's template.
    pub path: &'static str,
    /// The method.
    pub method: Method,
    /// What it asks of its caller.
    pub auth: Auth,
}

/// The table itself.
#[derive(Default)]
pub struct Table {
    resources: Vec<Resource>,
    listed: Vec<Listed>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.listed).finish()
    }
}

struct Entry {
    method: Method,
    auth: Auth,
    route: Route,
}

fn entry<F, Args>(method: Method, auth: Auth, handler: F) -> Entry
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    let route = web::method(method.clone()).to(handler);
    let route = route.wrap(from_fn(move |request, next| guard::check(auth, request, next)));
    Entry { method, auth, route }
}

fn get<F: Handler<Args>, Args: FromRequest + 'static>(auth: Auth, handler: F) -> Entry
where
    F::Output: Responder + 'static,
{
    entry(Method::GET, auth, handler)
}

fn post<F: Handler<Args>, Args: FromRequest + 'static>(auth: Auth, handler: F) -> Entry
where
    F::Output: Responder + 'static,
{
    entry(Method::POST, auth, handler)
}

fn patch<F: Handler<Args>, Args: FromRequest + 'static>(auth: Auth, handler: F) -> Entry
where
    F::Output: Responder + 'static,
{
    entry(Method::PATCH, auth, handler)
}

impl Table {
    fn at(&mut self, path: &'static str, entries: impl IntoIterator<Item = Entry>) {
        let mut resource = web::resource(path);
        let mut allow = Vec::new();
        for Entry { method, auth, route } in entries {
            allow.push(method.to_string());
            self.listed.push(Listed { path, method, auth });
            resource = resource.route(route);
        }
        let allow = allow.join(", ");
        let other = move || {
            let problem = Problem::MethodNotAllowed { allow: allow.clone() };
            async move { Err::<actix_web::HttpResponse, _>(problem) }
        };
        self.resources.push(resource.default_service(web::to(other)));
    }

    /// Every line, in order.
    #[must_use]
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }
}

/// Everything this service answers.
#[must_use]
pub fn table() -> Table {
    let mut table = Table::default();
    operations(&mut table);
    authentication(&mut table);
    channel(&mut table);
    lines(&mut table);
    inbox(&mut table);
    table
}

fn operations(table: &mut Table) {
    table.at("/livez", [get(Auth::Operations, api::operations::livez)]);
    table.at("/readyz", [get(Auth::Operations, api::operations::readyz)]);
    table.at("/.well-known/jwks.json", [get(Auth::Operations, api::operations::jwks)]);
    table.at("/api/openapi.json", [get(Auth::Operations, api::operations::openapi)]);
}

fn authentication(table: &mut Table) {
    table.at("/api/signup/organization", [post(Auth::Open, api::signup::organization)]);
    table.at("/api/auth/login", [post(Auth::Open, api::auth::login)]);
    table.at("/api/auth/refresh", [post(Auth::Open, api::auth::refresh)]);
    table.at("/api/auth/logout", [post(Auth::Open, api::auth::logout)]);
    table.at("/api/auth/session", [get(Auth::User(Action::ReadSession), api::auth::session)]);
    table.at("/api/auth/verify-email", [post(Auth::Open, api::verify_email::verify)]);
    table.at("/api/auth/verify-email/resend", [post(Auth::Open, api::verify_email::resend)]);
}

fn channel(table: &mut Table) {
    let tokens = Auth::User(Action::ManageLineTokens);
    table.at("/api/v1/health", [get(Auth::Line, v1::health::health)]);
    table.at(
        "/api/lines/{lineId}/api-token",
        [get(tokens, api::line_tokens::read), post(tokens, api::line_tokens::rotate)],
    );
}

fn lines(table: &mut Table) {
    let (see, manage) = (Auth::User(Action::SeeLines), Auth::User(Action::ManageLines));
    let pair = Auth::User(Action::PairLines);
    table.at("/api/lines", [get(see, api::lines::list), post(manage, api::lines::create)]);
    table.at("/api/lines/{lineId}", [patch(manage, api::lines::rename)]);
    table.at("/api/lines/{lineId}/stop", [post(manage, api::line_orders::stop)]);
    table.at("/api/lines/{lineId}/wakeup", [post(manage, api::line_orders::wakeup)]);
    table.at("/api/lines/{lineId}/archive", [post(manage, api::line_orders::archive)]);
    table.at("/api/lines/{lineId}/timeline", [get(see, api::timeline::timeline)]);
    table.at(
        "/api/lines/{lineId}/qr",
        [get(pair, api::pairing::current_qr), post(pair, api::pairing::request_qr)],
    );
    table.at("/api/lines/{lineId}/pairing-code", [post(pair, api::pairing::request_code)]);
    table.at(
        "/api/lines/{lineId}/passkey",
        [get(pair, api::passkey::current), post(pair, api::passkey::answer)],
    );
}

fn inbox(table: &mut Table) {
    let read = Auth::User(Action::ReadInbox);
    table.at("/api/lines/{lineId}/send", [post(Auth::User(Action::Send), api::send::send)]);
    table.at("/api/messages/{messageId}/resolve", [post(Auth::User(Action::Resolve), api::resolve::resolve)]);
    table.at("/api/conversations", [get(read, api::conversations::list)]);
    table.at("/api/conversations/{conversationId}/messages", [get(read, api::messages::list)]);
    table.at("/api/attachments/{attachmentId}/url", [get(read, api::attachments::url)]);
    table.at("/api/attachments/{attachmentId}/content", [get(Auth::Signed, api::attachments::content)]);
    table.at("/api/live/stream", [get(Auth::User(Action::Stream), api::live::stream)]);
}

/// Puts the table, and the layers around it, into an app that has `Data<AppState>`.
pub fn configure(config: &mut ServiceConfig) {
    let mut scope = web::scope("");
    for resource in table().resources {
        scope = scope.service(resource);
    }
    let scope = scope
        .default_service(web::to(edge::not_found))
        .wrap(TracingLogger::<edge::RootSpan>::new())
        .wrap(from_fn(edge::edge));
    config.service(scope);
}
