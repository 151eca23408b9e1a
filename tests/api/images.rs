//! Images of replies and of customers: taken, shown, refused.

use super::{
    people::{agent, permit},
    support::{
        Owner, TestBed,
        client::{Call, Reply},
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const CUSTOMER: &str = "+4915550002002";
const LARGEST: usize = 26_214_400;

/// A PNG as far as anybody looks, of so many bytes.
fn png(width: u32, height: u32, bytes: usize) -> Vec<u8> {
    let mut image = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
    image.extend(width.to_be_bytes());
    image.extend(height.to_be_bytes());
    image.extend([8, 6, 0, 0, 0]);
    image.extend((image.len()..bytes).map(|at| u8::try_from(at % 251).unwrap()));
    image
}

fn part(bytes: Vec<u8>, name: &str, kind: &str) -> Part {
    Part::bytes(bytes).file_name(name.to_owned()).mime_str(kind).unwrap()
}

fn form() -> Form {
    Form::new().text("recipientPhoneNumber", CUSTOMER)
}

struct Scene {
    bed: TestBed,
    owner: Owner,
    line: String,
}

impl Scene {
    async fn start() -> Self {
        let bed = TestBed::start().await;
        let owner = bed.signup().await;
        let line = bed.line(&owner).await;
        bed.pair(&owner, &line).await;
        Self { bed, owner, line }
    }

    fn post(&self, key: &str) -> Call {
        let path = format!("/api/lines/{}/send", self.line);
        self.bed.post(&path).bearer(&self.owner.token).idempotency_key(key)
    }

    async fn send(&self, key: &str, form: Form) -> Reply {
        self.post(key).form(form).send().await
    }

    async fn url(&self, token: &str, attachment: &str, query: &str) -> Reply {
        self.bed.get(&format!("/api/attachments/{attachment}/url{query}")).bearer(token).send().await
    }

    fn files(&self) -> usize {
        files(&self.bed.data_dir().join("media"))
    }

    async fn until_files(&self, count: usize) {
        let what = format!("{count} files are kept");
        self.bed.eventually(&what, || async { (self.files() == count).then_some(()) }).await;
    }
}

fn files(folder: &Path) -> usize {
    let Ok(inside) = std::fs::read_dir(folder) else { return 0 };
    // The folder's own mark is nobody's image.
    let count =
        |path: PathBuf| if path.is_dir() { files(&path) } else { usize::from(!path.ends_with("ezw-media")) };
    inside.map(|entry| count(entry.unwrap().path())).sum()
}

async fn bytes_of(url: &str) -> (reqwest::header::HeaderMap, Vec<u8>) {
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status(), 200);
    (answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn an_image_reaches_the_phone_network_byte_for_byte_and_is_shown_to_who_may_see_it() {
    let scene = Scene::start().await;
    let image = png(640, 480, 3_000_000);
    let media = || part(image.clone(), "a.png", "image/png");
    let sent =
        scene.send("k", form().part("media", media()).text("bodyText", "Here")).await.expect_status(202);
    let attachment = sent.text("/message/attachment/id");
    assert_eq!(sent.body["message"]["type"], "image");
    assert_eq!(sent.body["message"]["attachment"]["contentType"], "image/png");
    assert_eq!(sent.body["message"]["attachment"]["sizeBytes"], 3_000_000);
    let again =
        scene.send("k", form().text("bodyText", "Here").part("media", media())).await.expect_status(202);
    assert_eq!(
        (again.text("/message/id"), again.header("Idempotency-Replayed")),
        (sent.text("/message/id"), Some("true"))
    );
    let other = part(png(640, 481, 3_000_000), "a.png", "image/png");
    let other = scene.send("k", form().text("bodyText", "Here").part("media", other)).await;
    other.expect_problem(409, "idempotency_key_reused");
    scene.until_files(1).await;
    let image_digest = hex::encode(Sha256::digest(&image));
    let digest = hex::encode(Sha256::digest(format!("{image_digest}\nHere")));
    scene
        .bed
        .eventually("it reached the phone network", || async {
            let journal = scene.bed.simulator().journal(&scene.line).await;
            let accepted = journal.iter().find(|entry| entry["kind"] == "accepted")?;
            assert_eq!(accepted["bodyDigest"], json!(digest));
            Some(())
        })
        .await;
    let shown = scene.url(&scene.owner.token, &attachment, "?expiresInSeconds=60").await.expect_status(200);
    assert_eq!(shown.header("Cache-Control"), Some("no-store"));
    let (headers, bytes) = bytes_of(&shown.text("/url")).await;
    assert!(bytes == image, "byte for byte");
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("content-length"), "3000000");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    let viewed: Vec<(uuid::Uuid, Value)> = sqlx::query_as(
        "select actor_user_id, data from audit_log where event_type = 'attachment.viewed' and target_id = $1",
    )
    .bind(&attachment)
    .fetch_all(scene.bed.sql())
    .await
    .unwrap();
    let [(viewer, data)] = viewed.as_slice() else { panic!("one view: {viewed:?}") };
    assert_eq!((viewer.to_string(), &data["expiresInSeconds"]), (scene.owner.user_id.clone(), &json!(60)));
}

#[tokio::test]
async fn addresses_of_images_are_short_lived_and_nobody_makes_them_up() {
    let scene = Scene::start().await;
    let media = part(png(64, 48, 500), "a.png", "image/png");
    let sent = scene.send("k", form().part("media", media)).await.expect_status(202);
    assert_eq!(sent.body["message"]["bodyText"], Value::Null);
    let attachment = sent.text("/message/attachment/id");
    for wrong in ["0", "3601", "-1", "1.5", "x", ""] {
        let query = format!("?expiresInSeconds={wrong}");
        scene.url(&scene.owner.token, &attachment, &query).await.expect_problem(400, "invalid_request");
    }
    let good = scene.url(&scene.owner.token, &attachment, "?expiresInSeconds=3600").await.expect_status(200);
    let path = good.text("/url").split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap();
    scene.bed.get(&path).send().await.expect_status(200);
    let other = uuid::Uuid::now_v7().to_string();
    let bare = path.split_once('?').unwrap().0.to_owned();
    let flipped = if path.ends_with('A') { "B" } else { "A" };
    for bad in [
        path.replace(&attachment, &other),
        format!("{}{flipped}", &path[..path.len() - 1]),
        bare.clone(),
        format!("{bare}?token="),
        format!("{bare}?token=nonsense"),
    ] {
        scene.bed.get(&bad).send().await.expect_problem(403, "invalid_link");
    }
    let short = scene.url(&scene.owner.token, &attachment, "?expiresInSeconds=1").await.expect_status(200);
    let path = short.text("/url").split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap();
    let is_over = || async { (scene.bed.get(&path).send().await.status == 403).then_some(()) };
    scene.bed.eventually("its time is over", is_over).await;
    // Whose eyes it is for.
    let stranger = scene.bed.signup().await;
    scene.url(&stranger.token, &attachment, "").await.expect_problem(404, "not_found");
    scene.url(&scene.owner.token, &other, "").await.expect_problem(404, "not_found");
    let colleague = agent(&scene.bed, &scene.owner).await;
    scene.url(&colleague.token, &attachment, "").await.expect_status(200);
    permit(&scene.bed, &scene.line, colleague.id, false, false).await;
    scene.url(&colleague.token, &attachment, "").await.expect_problem(403, "forbidden");
    scene.bed.get(&format!("/api/attachments/{attachment}/url")).send().await.expect_status(401);
}

#[tokio::test]
async fn the_largest_image_is_taken_and_every_wrong_upload_gets_a_clear_400_with_memory_flat() {
    let scene = Scene::start().await;
    let send = |key: &'static str, bytes: Vec<u8>, name: &'static str, kind: &'static str| {
        scene.send(key, form().part("media", part(bytes, name, kind)))
    };
    send("small", png(64, 48, 2_000_000), "a.png", "image/png").await.expect_status(202);
    let before = scene.bed.peak_memory_bytes();
    send("largest", png(64, 48, LARGEST), "a.png", "image/png").await.expect_status(202);
    let bad: [(&str, Vec<u8>, &str, &str); 7] = [
        ("one more byte", png(64, 48, LARGEST + 1), "a.png", "image/png"),
        ("svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), "a.png", "image/png"),
        ("bomb", png(30_000, 30_000, 3_000), "a.png", "image/png"),
        ("empty", Vec::new(), "a.png", "image/png"),
        ("cut", png(64, 48, 29)[..20].to_vec(), "a.png", "image/png"),
        ("said to be another", png(64, 48, 3_000), "a.jpg", "image/jpeg"),
        ("a gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00".to_vec(), "a.gif", "image/gif"),
    ];
    for (what, bytes, name, kind) in bad {
        let refused = scene.send("bad", form().part("media", part(bytes, name, kind))).await;
        assert_eq!(
            (refused.status, &refused.body["code"]),
            (400, &json!("invalid_media")),
            "{what}: {}",
            refused.raw
        );
        assert_eq!(refused.body["errors"][0]["field"], "media", "{what}");
    }
    let two = form()
        .part("media", part(png(64, 48, 3_000), "a.png", "image/png"))
        .part("media", part(png(64, 48, 3_000), "b.png", "image/png"));
    scene.send("bad", two).await.expect_problem(400, "invalid_media");
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![7_u8; 65_536])));
    let start = format!(
        "--b\r\nContent-Disposition: form-data; name=\"recipientPhoneNumber\"\r\n\r\n{CUSTOMER}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
    );
    let start = [start.into_bytes(), png(64, 48, 3_000)].concat();
    let again = start.clone();
    let endless = stream::once(async { Ok(Bytes::from(start)) }).chain(endless);
    let body = reqwest::Body::wrap_stream(endless);
    let answer = scene.post("bad").body("multipart/form-data; boundary=b", body).try_send();
    let answer = tokio::time::timeout(Duration::from_secs(15), answer).await;
    let answer = answer.expect("the service answers or closes, whoever goes on writing");
    // Who never stops writing may find the connection closed before it reads why.
    if let Ok(refused) = answer {
        refused.expect_problem(400, "invalid_media");
    }
    // One that pauses after a byte too many is told why, and not waited for.
    let full = stream::iter((0..=400).map(|_| Ok::<_, Infallible>(Bytes::from(vec![7_u8; 65_536]))));
    let pauses = stream::once(async { Ok(Bytes::from(again)) }).chain(full).chain(stream::pending());
    let body = reqwest::Body::wrap_stream(pauses);
    let answer = scene.post("bad").body("multipart/form-data; boundary=b", body).send();
    let answer = tokio::time::timeout(Duration::from_secs(15), answer).await;
    answer.expect("a byte too many is enough").expect_problem(400, "invalid_media");
    for body in ["--b\r\n", "nothing of a form"] {
        scene
            .post("bad")
            .body("multipart/form-data", body)
            .send()
            .await
            .expect_problem(400, "invalid_request");
    }
    scene.until_files(2).await;
    let grown = scene.bed.peak_memory_bytes().saturating_sub(before);
    assert!(grown < 16 * 1024 * 1024, "memory grew by {grown} bytes");
}

#[tokio::test]
async fn an_upload_that_dribbles_is_given_up_and_one_that_breaks_off_leaves_nothing() {
    let scene = Scene::start().await;
    let address = scene.bed.base().trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /api/lines/{}/send HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\n\r\n",
        scene.line, scene.owner.token
    );
    let begin = || async {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&png(64, 48, 300_000)).await.unwrap();
        socket
    };
    let (mut slow, broken) = (begin().await, begin().await);
    scene.until_files(2).await;
    drop(broken);
    scene.until_files(1).await;
    let answer = async {
        let mut answer = [0; 12];
        let (mut reads, mut writes) = slow.split();
        let dribble = async {
            while writes.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            read = reads.read_exact(&mut answer) => read.map(|_| answer).unwrap(),
            () = dribble => unreachable!(),
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(60), answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 408");
    scene.until_files(0).await;
}

#[tokio::test]
async fn a_customers_image_is_kept_before_it_is_acknowledged_and_another_kind_is_unsupported() {
    let scene = Scene::start().await;
    let image = png(320, 200, 2_500_000);
    let phones = scene.bed.simulator();
    let write = |image: &[u8], caption: &str| json!({"from": CUSTOMER, "imageBase64": BASE64_STANDARD.encode(image), "caption": caption});
    phones.inbound_of(&scene.line, &write(&image, "My parcel")).await;
    phones.inbound_of(&scene.line, &write(b"GIF89a\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00", "Fun")).await;
    let silent = json!({"from": CUSTOMER, "imageBase64": BASE64_STANDARD.encode(png(10, 10, 60))});
    phones.inbound_of(&scene.line, &silent).await;
    let listed = scene
        .bed
        .eventually("all three", || async {
            let listed = scene.bed.get("/api/conversations").bearer(&scene.owner.token).send().await;
            let found = listed.list("/conversations").first()?.clone();
            (found["unreadCount"] == 3).then_some(found)
        })
        .await;
    assert_eq!(listed["lastMessagePreview"], "[image]");
    let path = format!("/api/conversations/{}/messages", listed["id"].as_str().unwrap());
    let messages = scene.bed.get(&path).bearer(&scene.owner.token).send().await.list("/messages");
    let [third, second, first] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!((&first["type"], &first["bodyText"]), (&json!("image"), &json!("My parcel")));
    assert_eq!(first["attachment"]["sizeBytes"], json!(2_500_000));
    assert_eq!((&second["type"], &second["unsupportedKind"]), (&json!("unsupported"), &json!("image")));
    assert_eq!((&second["bodyText"], &second["attachment"]), (&json!("Fun"), &Value::Null));
    assert_eq!((&third["type"], &third["bodyText"]), (&json!("image"), &Value::Null));
    let attachment = first["attachment"]["id"].as_str().unwrap();
    let shown = scene.url(&scene.owner.token, attachment, "").await.expect_status(200);
    assert!(bytes_of(&shown.text("/url")).await.1 == image, "byte for byte");
    scene.until_files(2).await;
}

#[tokio::test]
async fn images_of_nobody_are_forgotten_and_those_of_others_are_left_alone() {
    let mut scene = Scene::start().await;
    let media = || part(png(64, 48, 3_000), "a.png", "image/png");
    scene.send("k", form().part("media", media())).await.expect_status(202);
    let stop = format!("/api/lines/{}/stop", scene.line);
    scene.bed.post(&stop).bearer(&scene.owner.token).send().await.expect_status(200);
    let refused = scene.send("refused", form().part("media", media())).await;
    refused.expect_problem(409, "line_not_sendable");
    scene.until_files(1).await;
    let root = scene.bed.data_dir().join("media");
    let ours = root.join(&scene.owner.organization_id);
    let in_ours = || {
        let inside = std::fs::read_dir(&ours).unwrap();
        inside.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let of_the_reply = in_ours();
    // What a crash left, long ago.
    let theirs = root.join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir(&theirs).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for file in [ours.join(uuid::Uuid::now_v7().to_string()), ours.join("half#1"), theirs.join("a")] {
        std::fs::write(&file, b"x").unwrap();
        std::fs::File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
    }
    for file in in_ours() {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
    }
    assert_eq!(scene.files(), 4);
    scene.bed.restart_service().await;
    // The reply's and the one of an organization that this database does not know.
    scene.until_files(2).await;
    assert!(theirs.join("a").exists());
    assert_eq!(in_ours(), of_the_reply);
}

#[tokio::test]
async fn a_deployment_without_a_media_key_says_so_and_texts_go_on() {
    let bed = TestBed::options().env("EZW_MEDIA_KEY", "").start().await;
    let owner = bed.signup().await;
    let line = bed.line(&owner).await;
    bed.pair(&owner, &line).await;
    let scene = Scene { bed, owner, line };
    let media = part(png(64, 48, 3_000), "a.png", "image/png");
    scene.send("a", form().part("media", media)).await.expect_problem(501, "media_not_configured");
    let nobody = uuid::Uuid::now_v7().to_string();
    scene.url(&scene.owner.token, &nobody, "").await.expect_problem(501, "media_not_configured");
    let open = format!("/api/attachments/{nobody}/content?token=x");
    scene.bed.get(&open).send().await.expect_problem(501, "media_not_configured");
    scene.send("b", form().text("bodyText", "Hello")).await.expect_status(202);
    let image =
        json!({"from": CUSTOMER, "imageBase64": BASE64_STANDARD.encode(png(10, 10, 60)), "caption": "Look"});
    scene.bed.simulator().inbound_of(&scene.line, &image).await;
    scene
        .bed
        .eventually("kept without its image", || async {
            let kinds: Vec<String> =
                sqlx::query_scalar("select unsupported_kind from messages where body_text = 'Look'")
                    .fetch_all(scene.bed.sql())
                    .await
                    .unwrap();
            (kinds == ["image"]).then_some(())
        })
        .await;
}
