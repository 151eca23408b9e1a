//! Two processes over one database: either takes any request, and both say the same.

use super::{
    scenes::{Scene, assert_axes},
    support::{TestBed, nodes::Node},
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

const CUSTOMER: &str = "+4915550002002";

struct Two {
    bed: TestBed,
    other: Node,
}

impl Two {
    async fn start(hints: bool) -> Self {
        let hints = if hints { "true" } else { "false" };
        let options = TestBed::options().env("EZW_NODE_NAME", "one").env("EZW_NODE_HINTS", hints);
        let bed = options.start().await;
        let other = Node::start(&bed, "two", &bed.database_url()).await;
        Self { bed, other }
    }

    /// The name of the node that owns a line.
    async fn owner(&self, line: &str) -> Option<String> {
        let owner = "select n.name from lines l join nodes n on n.incarnation = l.owner_incarnation
            where l.id = $1::uuid";
        sqlx::query_scalar(owner).bind(line).fetch_optional(self.bed.sql()).await.unwrap()
    }

    /// From now on the node that does not own the line is asked.
    async fn ask_the_stranger(&mut self, line: &str) {
        let owner = self.owner(line).await.unwrap();
        let stranger = (owner == "one").then_some(self.other.base.as_str());
        self.bed.ask_at(stranger);
    }

    /// What each node says of the line, when they agree.
    async fn both_say(&mut self, scene: &Scene, what: &str, says: impl Fn(&Value) -> bool) {
        for base in [Some(self.other.base.clone()), None] {
            self.bed.ask_at(base.as_deref());
            scene.until(&self.bed, what, &says).await;
        }
    }
}

fn axes(health: &Value) -> Value {
    let line = &health["line"];
    json!([
        health["health"]["status"],
        line["lifecycleState"],
        line["effectiveSendState"],
        line["sendable"],
        line["reason"]
    ])
}

#[tokio::test]
async fn any_node_takes_any_request_and_both_say_the_same() {
    goes_its_way_through_the_stranger(true).await;
}

#[tokio::test]
async fn any_node_takes_any_request_also_without_hints() {
    goes_its_way_through_the_stranger(false).await;
}

async fn goes_its_way_through_the_stranger(hints: bool) {
    let mut two = Two::start(hints).await;
    let (scene, _) = Scene::connected(&two.bed).await;
    let line = scene.line.clone();
    two.both_say(&scene, "sendable", |health| health["line"]["sendable"] == true).await;
    two.ask_the_stranger(&line).await;
    let (id, place) = scene.send(&two.bed, "a", ("recipientPhoneNumber", CUSTOMER), "Hello").await;
    scene.until_status(&two.bed, &place, &id, "delivered").await;
    two.bed.simulator().inbound(&line, CUSTOMER, "Thank you").await;
    two.bed
        .eventually("the answer, on the stranger", || async {
            let messages = scene.messages(&two.bed, &place).await;
            messages.iter().any(|message| message["bodyText"] == "Thank you").then_some(())
        })
        .await;
    let again = scene.send(&two.bed, "a", ("recipientPhoneNumber", CUSTOMER), "Hello").await;
    assert_eq!(again.0, id, "the key of one node is the key of the other");
    scene.order(&two.bed, "stop").await;
    two.both_say(&scene, "stopped", |health| health["line"]["lifecycleState"] == "stopped").await;
    two.bed
        .eventually("its session is closed", || async {
            let lines = two.bed.simulator().lines().await;
            lines
                .iter()
                .any(|known| known["lineId"] == json!(line) && known["connected"] == false)
                .then_some(())
        })
        .await;
    scene.order(&two.bed, "wakeup").await;
    two.both_say(&scene, "sendable again", |health| health["line"]["sendable"] == true).await;
    // Unlinked on the phone, linked again through the node that does not run the attempt.
    two.bed.simulator().unlink(&line).await;
    two.both_say(&scene, "logged out", |health| health["line"]["lifecycleState"] == "logged_out").await;
    let path = format!("/api/lines/{line}/qr");
    two.bed.post(&path).bearer(&scene.owner.token).send().await.expect_status(200);
    two.both_say(&scene, "a code", |health| health["line"]["lifecycleState"] == "pairing").await;
    two.ask_the_stranger(&line).await;
    two.bed
        .eventually("the stranger shows the code", || async {
            (two.bed.get(&path).bearer(&scene.owner.token).send().await.status == 200).then_some(())
        })
        .await;
    scene.order(&two.bed, "stop").await;
    two.both_say(&scene, "called off", |health| health["line"]["lifecycleState"] == "logged_out").await;
    two.bed
        .call(reqwest::Method::POST, &format!("/api/lines/{line}/archive"))
        .bearer(&scene.owner.token)
        .send()
        .await;
    let free =
        "select 1 from lines where id = $1::uuid and archived_at is not null and owner_incarnation is null";
    two.bed
        .eventually("archived and let go", || async {
            sqlx::query(free).bind(&line).fetch_optional(two.bed.sql()).await.unwrap()
        })
        .await;
}

#[tokio::test]
async fn health_of_a_line_is_the_same_on_each_node_in_sickness_too() {
    let mut two = Two::start(true).await;
    for (fault, lifecycle) in [
        (json!({"kind": "refuse_connects"}), "reconnecting"),
        (json!({"kind": "rate_limited"}), "throttled"),
        (json!({"kind": "timelock"}), "restricted"),
    ] {
        let (scene, _) = Scene::connected(&two.bed).await;
        two.both_say(&scene, "well", |health| health["line"]["sendable"] == true).await;
        two.bed.simulator().fault(&scene.line, &fault).await;
        if lifecycle == "reconnecting" {
            two.bed.simulator().fault(&scene.line, &json!({"kind": "drop"})).await;
        }
        two.both_say(&scene, lifecycle, |health| health["line"]["lifecycleState"] == lifecycle).await;
        let base = two.other.base.clone();
        let mut agreed = false;
        for _ in 0..200 {
            two.bed.ask_at(None);
            let one = axes(&scene.health(&two.bed).await);
            two.bed.ask_at(Some(&base));
            // The line may have gone on between the two questions.
            agreed = one == axes(&scene.health(&two.bed).await);
            if agreed {
                break;
            }
        }
        two.bed.ask_at(None);
        assert!(agreed, "{lifecycle}");
    }
}

fn json_of(output: &std::process::Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

// The other node's way to PostgreSQL runs in this process, and must go on while a command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_who_owns_what_and_moves_a_line() {
    let mut two = Two::start(true).await;
    let (scene, _) = Scene::connected(&two.bed).await;
    let from = two.owner(&scene.line).await.unwrap();
    let to = if from == "one" { "two" } else { "one" };
    let nodes = json_of(&two.bed.ezw(&["nodes", "--json"], &[])).remove(0);
    let of = |nodes: &Value, name: &str| {
        nodes.as_array().unwrap().iter().find(|node| node["name"] == name).unwrap().clone()
    };
    for name in ["one", "two"] {
        let node = of(&nodes, name);
        assert_eq!((&node["state"], &node["holdsLock"]), (&json!("alive"), &json!(true)), "{nodes}");
        assert!(node["heartbeatAgeSeconds"].as_f64().unwrap() < 10.0);
    }
    assert_eq!((&of(&nodes, &from)["lines"], &of(&nodes, to)["lines"]), (&json!(1), &json!(0)));
    let line = json_of(&two.bed.ezw(&["lines", "--json", "--node", &from], &[])).remove(0);
    assert_eq!(
        (&line["id"], &line["node"], &line["state"]),
        (&json!(scene.line), &json!(from), &json!("connected"))
    );
    let epoch = line["epoch"].as_i64().unwrap();
    assert!(json_of(&two.bed.ezw(&["lines", "--json", "--node", to], &[])).is_empty());
    let people = two.bed.ezw(&["lines"], &[]);
    assert!(String::from_utf8_lossy(&people.stdout).contains(&scene.line));

    let moved = two.bed.ezw(&["lines", "move", &scene.line, to], &[]);
    assert!(moved.status.success(), "{moved:?}");
    two.both_say(&scene, "sendable again", |health| health["line"]["sendable"] == true).await;
    let line = json_of(&two.bed.ezw(&["lines", "--json"], &[])).remove(0);
    assert_eq!((&line["node"], line["epoch"].as_i64().unwrap()), (&json!(to), epoch + 1));
    let again = two.bed.ezw(&["lines", "move", &scene.line, to], &[]);
    assert!(again.status.success() && String::from_utf8_lossy(&again.stdout).contains("already"));
    for (line, node, why) in [
        (scene.line.as_str(), "nobody", "no node of the name nobody"),
        ("00000000-0000-0000-0000-000000000000", to, "there is no line"),
    ] {
        let refused = two.bed.ezw(&["lines", "move", line, node], &[]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why), "{refused:?}");
    }
    // The node that is left takes it when the other one goes; `ezw nodes` says that one is gone.
    let (bed, other) = (&mut two.bed, &mut two.other);
    if to == "two" {
        other.stop().await
    } else {
        bed.stop_service().await
    }
    let taken = "select 1 from lines l join nodes n on n.incarnation = l.owner_incarnation
        where l.id = $1::uuid and n.name = $2";
    two.bed
        .eventually("taken", || async {
            sqlx::query(taken).bind(&scene.line).bind(&from).fetch_optional(two.bed.sql()).await.unwrap()
        })
        .await;
    let nodes = json_of(&two.bed.ezw(&["nodes", "--json"], &[])).remove(0);
    assert_eq!((&of(&nodes, to)["state"], &of(&nodes, &from)["lines"]), (&json!("dead"), &json!(1)));
}

#[tokio::test]
async fn a_node_that_stops_says_so_first_and_answers_on_until_it_listens_no_more() {
    let mut bed = TestBed::options().env("EZW_HTTP_LEAVING_MILLISECONDS", "5000").start().await;
    let (scene, _) = Scene::connected(&bed).await;
    bed.get("/readyz").send().await.expect_status(200);
    bed.signal_service(Signal::SIGTERM);
    let ready = bed
        .eventually("not ready", || async {
            let ready = bed.get("/readyz").send().await;
            (ready.status == 503).then_some(ready)
        })
        .await;
    assert!(
        ready.body["checks"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "stopping", "ok": false, "note": "asked to stop"}))
    );
    // Served still, and told that this connection ends: no request meets a connection that is just being closed.
    let health = bed.get("/api/v1/health?wakeup=false").bearer(&scene.token).send().await.expect_status(200);
    assert_eq!(health.header("connection"), Some("close"));
    let refused = bed.get("/api/lines").send().await.expect_status(401);
    assert_eq!(refused.header("connection"), Some("close"));
    assert_axes(&health.body, 4, "AUTH", "connected", "sendable");
    assert!(bed.until_service_ended().await.success());
    let free = "select 1 from lines where id = $1::uuid and owner_incarnation is null";
    assert!(sqlx::query(free).bind(&scene.line).fetch_optional(bed.sql()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_second_signal_ends_the_process_at_once() {
    let mut bed = TestBed::options().env("EZW_HTTP_LEAVING_MILLISECONDS", "60000").start().await;
    bed.signal_service(Signal::SIGTERM);
    bed.eventually("not ready", || async { (bed.get("/readyz").send().await.status == 503).then_some(()) })
        .await;
    bed.signal_service(Signal::SIGTERM);
    assert_eq!(bed.until_service_ended().await.code(), Some(130));
}
