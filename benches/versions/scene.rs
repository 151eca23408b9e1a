//! A release at work on everything it knows, up to the moment at which it is killed: each table gets rows that the
//! release wrote itself. Only colleagues, permissions and notes are rows of our own, for want of endpoints.

use super::support::{Owner, PASSWORD, TestBed, client::Reply};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use futures_util::future::join_all;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};
use uuid::Uuid;

const CUSTOMER: &str = "+4915550002002";
const ANOTHER: &str = "+4915550003003";
const STRANGER: &str = "+4915550004004";
const ERASED: &str = "+4915550005005";
/// Replies that wait behind the first of each conversation when everything ends.
const WAITING: usize = 3;

pub(crate) struct Scene {
    pub(crate) bed: TestBed,
    pub(crate) owner: Owner,
    /// Of lines that can send: programs that poll them come back with these.
    pub(crate) tokens: Vec<String>,
    keys: AtomicU32,
}

impl Scene {
    pub(crate) async fn start(mut bed: TestBed) -> Self {
        // One node that went in good order, before the one that is killed.
        let one = "select count(*) from nodes";
        let there = || async {
            let count: i64 = sqlx::query_scalar(one).fetch_one(bed.sql()).await.unwrap();
            (count == 1).then_some(())
        };
        bed.eventually("a node", there).await;
        bed.restart_service().await;
        let owner = bed.signup().await;
        sqlx::query("update billing set line_slots = 100").execute(bed.sql()).await.unwrap();
        Self { bed, owner, tokens: Vec::new(), keys: AtomicU32::new(0) }
    }

    pub(crate) async fn play(&mut self, program: &Path) {
        self.sign_in().await;
        let talk = self.paired().await;
        self.talk(&talk, program).await;
        self.team(&talk).await;
        let (doubt, silent, unheard) = tokio::join!(self.paired(), self.paired(), self.paired());
        for line in [&talk, &doubt, &silent, &unheard] {
            self.tokens.push(self.bed.line_token(&self.owner, line).await);
        }
        self.lines().await;
        self.last_moments(&doubt, &silent, &unheard).await;
        self.bed.kill9_service();
        self.assert_that_all_is_there().await;
    }

    async fn sign_in(&self) {
        let wrong = self.bed.login(&self.owner.email, "not the password").await;
        wrong.expect_status(401);
        let refresh = json!({"refreshToken": self.owner.refresh_token});
        self.bed.post("/api/auth/refresh").json(&refresh).send().await.expect_status(200);
        // Somebody who signed up and never came back: an open code, and billing that is pending.
        let new = json!({
            "organizationName": "Never verified", "displayName": "New", "email": "new@example.test", "password": PASSWORD
        });
        self.bed.post("/api/signup/organization").json(&new).send().await.expect_status(201);
    }

    /// Everything that a conversation can hold.
    async fn talk(&self, line: &str, program: &Path) {
        let simulator = self.bed.simulator();
        for customer in [CUSTOMER, ANOTHER, ERASED] {
            simulator.inbound(line, customer, "Hello, where is my parcel?").await;
        }
        let image = json!({"from": CUSTOMER, "kind": "image", "imageBase64": BASE64_STANDARD.encode(png())});
        simulator.inbound_of(line, &image).await;
        simulator.inbound_of(line, &json!({"from": CUSTOMER, "kind": "sticker"})).await;
        let edit = json!({"from": ANOTHER, "kind": "edit", "text": "Hello, where are my two parcels?"});
        simulator.inbound_of(line, &edit).await;
        self.until("what customers wrote", "select count(*) >= 5 from messages").await;
        simulator.settings(&json!({"autoRead": true})).await;
        self.send(line, CUSTOMER, "It arrives today.").await;
        self.until("a reply is read", "select count(*) = 1 from outbound where status = 'read'").await;
        simulator.settings(&json!({"autoRead": false})).await;
        self.send(line, STRANGER, "You asked us to write here.").await;
        let form = Form::new().text("recipientPhoneNumber", CUSTOMER).text("bodyText", "This is it.");
        let image = Part::bytes(png()).file_name("parcel.png").mime_str("image/png").unwrap();
        self.post(line).form(form.part("media", image)).send().await.expect_status(202);
        self.until("replies arrive", "select count(*) >= 2 from outbound where status = 'delivered'").await;
        simulator.fault(line, &json!({"kind": "nack", "code": 400})).await;
        self.send(line, ANOTHER, "This is refused.").await;
        self.until("a reply failed", "select count(*) = 1 from outbound where status = 'failed'").await;
        simulator.clear_faults(line).await;
        let erased = Command::new(program)
            .args(["contacts", "erase", "--organization", &self.owner.organization_id])
            .args(["--phone-number", ERASED])
            .env("DATABASE_URL", secrecy::ExposeSecret::expose_secret(&self.bed.database_url()))
            .output()
            .unwrap();
        assert!(erased.status.success(), "{}", String::from_utf8_lossy(&erased.stderr));
    }

    async fn team(&self, line: &str) {
        let agent = Uuid::now_v7();
        let statements = [
            "insert into users (id, email, display_name, email_verified_at)
             values ($1, 'agent@example.test', 'Agent', now())",
            "insert into local_credentials (user_id, password_hash)
             select $1, password_hash from local_credentials limit 1",
            "insert into memberships (organization_id, user_id, role, status, joined_at)
             select l.organization_id, $1, 'agent', 'active', now() from lines l limit 1",
            "insert into line_permissions (organization_id, line_id, user_id, can_view, can_send)
             select organization_id, id, $1, true, true from lines limit 1",
            "insert into notes (organization_id, id, conversation_id, author_user_id, body_text)
             select organization_id, gen_random_uuid(), id, $1, 'Called, will call again.' from conversations limit 1",
            "update conversations set assignee_user_id = $1
             where id = (select id from conversations order by id limit 1)",
        ];
        for statement in statements {
            sqlx::query(statement).bind(agent).execute(self.bed.sql()).await.unwrap();
        }
        // A token that was rotated; the next one is asked for with those of the others.
        self.bed.line_token(&self.owner, line).await;
    }

    /// One line for each thing that may become of a line without waiting for hours.
    async fn lines(&self) {
        let lines = join_all((0..12).map(|_| self.paired())).await;
        let later = Later::now(self.bed.sql()).await;
        let closes = [
            (json!({"kind": "close", "code": 402, "until": later.tomorrow}), "banned"),
            (json!({"kind": "close", "code": 406}), "banned"),
            (json!({"kind": "close", "code": 403}), "locked"),
            (json!({"kind": "close", "code": 440}), "replaced"),
            (json!({"kind": "rate_limited", "until": later.tomorrow}), "throttled"),
            (json!({"kind": "timelock", "until": later.tomorrow}), "restricted"),
        ];
        for (line, (fault, state)) in lines.iter().zip(&closes) {
            self.bed.simulator().fault(line, fault).await;
            self.until_state(line, state).await;
        }
        let [unlinked, stopped, archived, kept, away, hanging] = &lines[closes.len()..] else {
            panic!("six lines more")
        };
        self.bed.simulator().unlink(unlinked).await;
        self.until_state(unlinked, "logged_out").await;
        self.order(stopped, "stop").await;
        self.order(archived, "archive").await;
        for line in [kept, away, hanging] {
            let kind = if line == hanging { "hang_connects" } else { "refuse_connects" };
            self.bed.simulator().fault(line, &json!({"kind": kind})).await;
            self.bed.simulator().fault(line, &json!({"kind": "drop"})).await;
            self.until_state(line, if line == hanging { "connecting" } else { "reconnecting" }).await;
        }
        self.order(kept, "archive").await;
        self.until("an account waits for the provider", "select count(*) = 1 from unlinkings").await;
        // Never linked: called off, asked for, and half way through a passkey.
        let never = self.line().await;
        self.order(&never, "stop").await;
        self.until_state(&never, "created").await;
        let (shown, passkey) = (self.line().await, self.line().await);
        self.until_state(&shown, "pairing").await;
        let scan = json!({"phoneNumber": "+4915550001001", "passkey": true});
        let path = format!("/v1/lines/{passkey}/scan");
        let scan = || async {
            let scanned = self.bed.simulator().call(reqwest::Method::POST, &path).json(&scan).send().await;
            (scanned.status == 200).then_some(())
        };
        self.bed.eventually("the phone can scan", scan).await;
        let asked = "select count(*) = 1 from lines where state_detail::text like '%passkey%'";
        self.until("a passkey is asked for", asked).await;
        self.order(away, "wakeup").await;
    }

    /// A fate that nobody knows, attempts that nobody answers, and what waits behind them.
    async fn last_moments(&self, doubt: &str, silent: &str, unheard: &str) {
        let deaf = json!({"kind": "drop_ack", "receipts": false});
        let discarded = self.unknown(doubt, &deaf, ANOTHER).await;
        let path = format!("/api/messages/{discarded}/resolve");
        let discard = json!({"action": "discard"});
        self.bed.post(&path).bearer(&self.owner.token).json(&discard).send().await.expect_status(200);
        self.unknown(doubt, &deaf, CUSTOMER).await;
        self.bed.simulator().fault(silent, &json!({"kind": "no_acks"})).await;
        self.bed.simulator().fault(unheard, &deaf).await;
        for line in [silent, unheard] {
            for number in 0..=WAITING {
                for customer in [CUSTOMER, ANOTHER] {
                    self.send(line, customer, &format!("Reply {number} of the last moments.")).await;
                }
            }
        }
        let refused = self.paired().await;
        self.bed.simulator().fault(&refused, &json!({"kind": "close", "code": 405})).await;
        self.until_state(&refused, "failed").await;
        self.until("replies are under way", "select count(*) = 4 from outbound where status = 'sending'")
            .await;
    }

    async fn unknown(&self, line: &str, fault: &Value, to: &str) -> String {
        self.bed.simulator().fault(line, fault).await;
        let message = self.send(line, to, "Whether this arrived nobody knows.").await;
        let is_unknown = format!(
            "select count(*) = 1 from outbound where message_id = '{message}' and status = 'unknown' and deadline_at is null"
        );
        self.until("its fate is unknown", &is_unknown).await;
        message
    }

    /// A table without a row, and a scene that went another way than it says, are found here and not by the next release.
    async fn assert_that_all_is_there(&self) {
        let tables: Vec<String> = sqlx::query_scalar(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
        )
        .fetch_all(self.bed.sql())
        .await
        .unwrap();
        for table in tables {
            let some = format!("select count(*) > 0 from {table}");
            assert!(self.is(&some).await, "{table} has no row: let the scene make one");
        }
        for status in ["queued", "sending", "unknown", "delivered", "read", "failed"] {
            let some = format!("select count(*) > 0 from outbound where status = '{status}'");
            assert!(self.is(&some).await, "no reply is {status}");
        }
    }

    // -- its steps

    async fn line(&self) -> String {
        self.bed.line(&self.owner).await
    }

    async fn paired(&self) -> String {
        let line = self.line().await;
        self.bed.pair(&self.owner, &line).await;
        line
    }

    fn post(&self, line: &str) -> super::support::client::Call {
        let key = format!("previous-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.bed.post(&format!("/api/lines/{line}/send")).bearer(&self.owner.token).idempotency_key(&key)
    }

    async fn send(&self, line: &str, to: &str, text: &str) -> String {
        let body = json!({"recipientPhoneNumber": to, "bodyText": text});
        self.post(line).json(&body).send().await.expect_status(202).text("/message/id")
    }

    async fn order(&self, line: &str, order: &str) -> Reply {
        let path = format!("/api/lines/{line}/{order}");
        let reply = self.bed.post(&path).bearer(&self.owner.token).json(&json!({})).send().await;
        assert!(reply.status < 300, "{order}: {}", reply.raw);
        reply
    }

    async fn until_state(&self, line: &str, state: &str) {
        let there = format!("select count(*) = 1 from lines where id = '{line}' and state = '{state}'");
        self.until(state, &there).await;
    }

    async fn until(&self, what: &str, ask: &str) {
        self.bed.eventually_within(60, what, || async { self.is(ask).await.then_some(()) }).await;
    }

    async fn is(&self, ask: &str) -> bool {
        let ask = sqlx::AssertSqlSafe(ask.to_owned());
        sqlx::query_scalar(ask).fetch_one(self.bed.sql()).await.unwrap()
    }
}

struct Later {
    tomorrow: String,
}

impl Later {
    async fn now(sql: &sqlx::PgPool) -> Self {
        let now = super::support::fleet::now(sql).await;
        Self { tomorrow: (now + chrono::TimeDelta::days(1)).to_rfc3339() }
    }
}

/// As far as anybody looks.
fn png() -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    image.extend(8_u32.to_be_bytes());
    image.extend(8_u32.to_be_bytes());
    image.extend([8, 6, 0, 0, 0]);
    image.extend([0; 40]);
    image
}
