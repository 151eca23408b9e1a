//! What `ezw dev` prints once everything runs: addresses, logins and a walk to paste into a shell.

use std::io::Write as _;

use super::seed::{Demo, OWNER};

/// Where the parts are, in words for people.
#[derive(Debug)]
pub(super) struct Addresses {
    pub(super) postgres: String,
    pub(super) redis: String,
    pub(super) logs: String,
}

pub(super) fn announce(demo: &Demo, addresses: &Addresses) {
    say(&format!("\n{}\n{}", overview(demo, addresses), walk(demo)));
}

pub(super) fn say(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

fn overview(demo: &Demo, addresses: &Addresses) -> String {
    let mut text = format!(
        "ezw dev is ready\n\n  API          {api}\n  OpenAPI      {api}/api/openapi.json\n  metrics      {metrics}\n  \
         phones       {simulator}  (scan, unlink, write as a customer)\n  PostgreSQL   {postgres}\n  \
         Redis        {redis}\n  logs         {logs}\n\n",
        api = demo.api,
        metrics = demo.metrics,
        simulator = demo.simulator,
        postgres = addresses.postgres,
        redis = addresses.redis,
        logs = addresses.logs,
    );
    for login in &demo.logins {
        text.push_str(&format!("  login        {login}  password {}\n", demo.password));
    }
    for line in &demo.lines {
        text.push_str(&format!("  line         {}  {}\n", line.id, line.display_name));
    }
    text
}

/// Shell lines that work one after the other, with nothing but curl and sed.
fn walk(demo: &Demo) -> String {
    let line = demo.lines.first().map_or("LINE_ID", |line| line.id.as_str());
    let (api, phones, password) = (&demo.api, &demo.simulator, &demo.password);
    let json = "-H 'Content-Type: application/json'";
    format!(
        r#"A walk through it (`make demo` does the same by itself; Ctrl-C here stops everything):

  API={api} PHONES={phones} LINE={line}
  field() {{ sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }}
  # log in as the owner
  TOKEN=$(curl -s $API/api/auth/login {json} -d '{{"email":"{OWNER}","password":"{password}"}}' | field idToken)
  # a token for the line, and its health
  LINE_TOKEN=$(curl -s -X POST $API/api/lines/$LINE/api-token -H "Authorization: Bearer $TOKEN" | field lineApiToken)
  curl -s "$API/api/v1/health?wakeup=false" -H "Authorization: Bearer $LINE_TOKEN"; echo
  # ask for a QR code and scan it with a simulated phone (unlinked first, should it be linked since last time)
  curl -s -o /dev/null -X POST $PHONES/v1/lines/$LINE/unlink; sleep 1
  curl -s -X POST $API/api/lines/$LINE/qr -H "Authorization: Bearer $TOKEN"; echo
  curl -s --retry 20 --retry-delay 1 --retry-all-errors --fail-with-body -X POST $PHONES/v1/lines/$LINE/scan {json} -d '{{"phoneNumber":"+4915550001001"}}'; echo
  # until the line can send
  until curl -s "$API/api/v1/health?wakeup=false" -H "Authorization: Bearer $LINE_TOKEN" | grep -q '"sendable":true'; do sleep 0.5; done
  # a customer writes; the conversation appears
  curl -s -X POST $PHONES/v1/lines/$LINE/inbound {json} -d '{{"from":"+4915550002002","text":"Hello, where is my parcel?"}}'; echo
  sleep 1; curl -s "$API/api/conversations?lineId=$LINE" -H "Authorization: Bearer $TOKEN"; echo
  CONVERSATION=$(curl -s "$API/api/conversations?lineId=$LINE&phoneNumber=%2B4915550002002" -H "Authorization: Bearer $TOKEN" | sed -n 's/.*"conversations":\[{{"id":"\([^"]*\)".*/\1/p')
  # reply once, however often this line is repeated
  curl -s -X POST $API/api/lines/$LINE/send -H "Authorization: Bearer $TOKEN" -H 'Idempotency-Key: first-reply' {json} -d "{{\"conversationId\":\"$CONVERSATION\",\"bodyText\":\"It arrives today.\"}}"; echo
  # until it is delivered
  until curl -s $API/api/conversations/$CONVERSATION/messages -H "Authorization: Bearer $TOKEN" | grep -q '"status":"delivered"'; do sleep 0.5; done; echo delivered
"#
    )
}
