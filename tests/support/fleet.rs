//! Thousands of linked lines without pairing each one: their rows and sealed accounts are written in bulk, and the
//! simulator finds the same links in its state file. All that follows is the service's own doing: it claims the lines
//! and connects them as after any start.

use chrono::{DateTime, Utc};
use ezw::{
    auth::line_token::NewLineToken,
    random::Random,
    store::sealed::{KEY_BYTES, Sealer},
};
use ezw_actors::{id::LineId, port::Credentials};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{Options, Owner, TestBed};

/// The byte that the key for credentials of every bed is made of.
const KEY_BYTE: u8 = 0x5e;

/// A linked line, as simulator, rows and pollers know it.
#[derive(Clone, Debug)]
pub(crate) struct FleetLine {
    pub(crate) id: String,
    uuid: Uuid,
    pub(crate) phone_number: String,
    credentials: String,
    /// For `/api/v1/*`.
    pub(crate) token: String,
    token_hash: Vec<u8>,
    token_preview: String,
}

/// What the rows say of lines that nobody is at work on.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    state: Value,
    history: Value,
    event: &'static str,
    due: DateTime<Utc>,
}

impl Rest {
    /// Let go by a process that stopped in good order: due at once.
    pub(crate) fn released(now: DateTime<Utc>) -> Self {
        let state =
            json!({"state": "reconnecting", "reason": "connection_lost", "retry_at": now, "since": now});
        Self { state, history: json!({}), event: "released", due: now }
    }

    /// Given up for now; the next try by itself is far away.
    pub(crate) fn failed(retry_at: DateTime<Utc>) -> Self {
        let state = json!({"state": "failed", "reason": "restart_budget_spent", "retry_at": retry_at});
        Self { state, history: json!({"fail_retries": 3}), event: "session", due: retry_at }
    }
}

/// Lines to be; their ids are drawn before there is a simulator to know them.
pub(crate) fn plan(count: usize) -> Vec<FleetLine> {
    // Numbers of one test need not differ from those of another: each has a database and a simulator of its own.
    let random = Random::seeded(u64::try_from(count).unwrap());
    (0..count).map(|index| line(index, &random)).collect()
}

fn line(index: usize, random: &Random) -> FleetLine {
    let uuid = Uuid::now_v7();
    let token = NewLineToken::mint(random);
    FleetLine {
        id: uuid.to_string(),
        uuid,
        phone_number: format!("+49160{index:08}"),
        credentials: format!("sim1.{}", uuid.simple()),
        token_hash: token.hash.as_slice().to_vec(),
        token_preview: token.preview,
        token: token.plaintext,
    }
}

/// What the simulator reads at its start. See `simulator/src/saved.rs`.
pub(crate) fn state_file(lines: &[FleetLine]) -> Value {
    let saved = lines.iter().enumerate().map(|(index, line)| {
        json!({
            "lineId": line.id, "phoneNumber": line.phone_number, "lid": format!("{}@lid", 100_000_000 + index),
            "credentials": line.credentials,
        })
    });
    json!({"seed": 1, "boots": 1, "lines": saved.collect::<Vec<_>>()})
}

/// Writes the rows of these lines, all at rest in one way: the line, its first transition, its account, its token.
pub(crate) async fn enter(pool: &PgPool, owner: &Owner, lines: &[FleetLine], rest: &Rest) {
    let mut transaction = pool.begin().await.unwrap();
    write_lines(&mut transaction, owner, lines, rest).await;
    write_accounts(&mut transaction, owner, lines).await;
    write_tokens(&mut transaction, owner, lines).await;
    sqlx::query("update billing set line_slots = line_slots + $2 where organization_id = $1::uuid")
        .bind(&owner.organization_id)
        .bind(i32::try_from(lines.len()).unwrap())
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

async fn write_lines(conn: &mut PgConnection, owner: &Owner, lines: &[FleetLine], rest: &Rest) {
    let ids: Vec<Uuid> = lines.iter().map(|line| line.uuid).collect();
    let numbers: Vec<String> = lines.iter().map(|line| line.phone_number.clone()).collect();
    sqlx::query(
        "insert into lines (organization_id, id, display_name, phone_number, state, state_detail, history, version,
                            desired, next_start_at, created_by)
         select $1::uuid, n.id, 'Line ' || n.phone, n.phone, $4 ->> 'state', $4, $5, 1, 'running', $6, $7::uuid
         from unnest($2::uuid[], $3::text[]) as n (id, phone)",
    )
    .bind(&owner.organization_id)
    .bind(&ids)
    .bind(&numbers)
    .bind(&rest.state)
    .bind(&rest.history)
    .bind(rest.due)
    .bind(&owner.user_id)
    .execute(&mut *conn)
    .await
    .unwrap();
    sqlx::query(
        "insert into line_transitions
             (organization_id, line_id, version, from_state, to_state, event, reason, epoch, state_detail)
         select $1::uuid, id, 1, 'created', $3 ->> 'state', $4, $3 ->> 'reason', 0, $3
         from unnest($2::uuid[]) as n (id)",
    )
    .bind(&owner.organization_id)
    .bind(&ids)
    .bind(&rest.state)
    .bind(rest.event)
    .execute(conn)
    .await
    .unwrap();
}

async fn write_accounts(conn: &mut PgConnection, owner: &Owner, lines: &[FleetLine]) {
    let sealer = Sealer::new(&[KEY_BYTE; KEY_BYTES]).unwrap();
    let seal = |line: &FleetLine| {
        let account = Credentials(line.credentials.clone().into_bytes());
        sealer.seal(LineId(line.uuid), &account).unwrap()
    };
    sqlx::query(
        "insert into line_credentials (organization_id, line_id, namespace, key, sealed)
         select $1::uuid, n.id, 'session', '', n.sealed from unnest($2::uuid[], $3::bytea[]) as n (id, sealed)",
    )
    .bind(&owner.organization_id)
    .bind(lines.iter().map(|line| line.uuid).collect::<Vec<_>>())
    .bind(lines.iter().map(seal).collect::<Vec<_>>())
    .execute(conn)
    .await
    .unwrap();
}

async fn write_tokens(conn: &mut PgConnection, owner: &Owner, lines: &[FleetLine]) {
    sqlx::query(
        "insert into api_tokens (organization_id, id, line_id, token_hash, preview, created_by)
         select $1::uuid, gen_random_uuid(), n.id, n.hash, n.preview, $5::uuid
         from unnest($2::uuid[], $3::bytea[], $4::text[]) as n (id, hash, preview)",
    )
    .bind(&owner.organization_id)
    .bind(lines.iter().map(|line| line.uuid).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.token_hash.clone()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.token_preview.clone()).collect::<Vec<_>>())
    .bind(&owner.user_id)
    .execute(conn)
    .await
    .unwrap();
}

/// Conversations of each line, with customers who wrote just now; their ids, line by line.
pub(crate) async fn conversations(
    pool: &PgPool,
    owner: &Owner,
    lines: &[FleetLine],
    per_line: usize,
) -> Vec<Vec<String>> {
    let ids = || (0..lines.len() * per_line).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
    let (contacts, places) = (ids(), ids());
    let customers: Vec<String> = (0..contacts.len()).map(|index| format!("+49170{index:08}")).collect();
    let line_of: Vec<Uuid> = lines.iter().flat_map(|line| vec![line.uuid; per_line]).collect();
    sqlx::query(
        "insert into contacts (organization_id, id, phone_number)
         select $1::uuid, n.id, n.phone from unnest($2::uuid[], $3::text[]) as n (id, phone)",
    )
    .bind(&owner.organization_id)
    .bind(&contacts)
    .bind(&customers)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into conversations (organization_id, id, line_id, contact_id, last_inbound_at)
         select $1::uuid, n.id, n.line, n.contact, now()
         from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as n (id, line, contact)",
    )
    .bind(&owner.organization_id)
    .bind(&places)
    .bind(&line_of)
    .bind(&contacts)
    .execute(pool)
    .await
    .unwrap();
    places.chunks(per_line).map(|of_line| of_line.iter().map(Uuid::to_string).collect()).collect()
}

/// Linked lines of one organization in a bed of their own.
pub(crate) struct Linked {
    pub(crate) bed: TestBed,
    pub(crate) owner: Owner,
    pub(crate) lines: Vec<FleetLine>,
}

impl Linked {
    /// Their rows are not written yet, so that a fault can be there before them: [`Self::go`].
    pub(crate) async fn start(options: Options, count: usize) -> Self {
        let lines = plan(count);
        let bed = options.linked(&lines).start().await;
        let owner = bed.signup().await;
        Self { bed, owner, lines }
    }

    /// Writes the rows, as released by another process: this one takes the lines and connects them.
    pub(crate) async fn go(&self) {
        let rest = Rest::released(now(self.bed.sql()).await);
        enter(self.bed.sql(), &self.owner, &self.lines, &rest).await;
    }

    /// What health says of a line, without asking for anything.
    pub(crate) async fn health(&self, line: &FleetLine) -> Value {
        health(&self.bed, &line.token).await
    }

    /// Waits until health says so, and answers with what it said.
    pub(crate) async fn until(&self, line: &FleetLine, what: &str, says: impl Fn(&Value) -> bool) -> Value {
        let ask = || async {
            let health = self.health(line).await;
            says(&health["line"]).then_some(health)
        };
        self.bed.eventually_within(120, what, ask).await["line"].clone()
    }

    pub(crate) async fn until_sendable(&self, line: &FleetLine) -> Value {
        self.until(line, "sendable", |line| line["sendable"] == true).await
    }

    pub(crate) async fn fault(&self, line: &FleetLine, fault: Value) {
        self.bed.simulator().fault(&line.id, &fault).await;
    }

    /// When the phone network admitted sessions of the line, oldest first.
    pub(crate) async fn connects(&self, line: &FleetLine) -> Vec<DateTime<Utc>> {
        let journal = self.bed.simulator().journal(&line.id).await;
        let connects = journal.iter().filter(|entry| entry["kind"] == "connect");
        connects.map(|entry| time(&entry["at"])).collect()
    }

    pub(crate) async fn order(&self, line: &FleetLine, order: &str) -> Value {
        let path = format!("/api/lines/{}/{order}", line.id);
        self.bed.post(&path).bearer(&self.owner.token).send().await.expect_status(200).body
    }

    /// Where the line went, oldest first.
    pub(crate) async fn transitions(&self, line: &FleetLine) -> Vec<(String, String, DateTime<Utc>)> {
        let road =
            "select from_state, to_state, at from line_transitions where line_id = $1::uuid order by version";
        sqlx::query_as(road).bind(&line.id).fetch_all(self.bed.sql()).await.unwrap()
    }
}

/// What health says, without asking for anything. Who is told to come back, as on a crowded machine, comes back.
pub(crate) async fn health(bed: &TestBed, token: &str) -> Value {
    let ask = || async {
        let reply = bed.get("/api/v1/health?wakeup=false").bearer(token).send().await;
        let later = reply.status == 503 && reply.header("retry-after").is_some();
        (!later).then_some(reply)
    };
    bed.eventually("an answer", ask).await.expect_status(200).body
}

/// A time as the API and the simulator write it.
pub(crate) fn time(value: &Value) -> DateTime<Utc> {
    let text = value.as_str().unwrap_or_else(|| panic!("no time: {value}"));
    text.parse().unwrap()
}

/// The database's clock, which the rows are written by.
pub(crate) async fn now(pool: &PgPool) -> DateTime<Utc> {
    sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await.unwrap()
}
