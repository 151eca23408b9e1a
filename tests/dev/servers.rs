//! The private servers as pieces for tests: stopped, killed and started again on their port, with their data.

use ezw::dev::postgres::PrivatePostgres;
use ezw::dev::redis::PrivateRedis;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{Connection as _, PgConnection};

use crate::support::Folder;

async fn connect(url: &SecretString) -> sqlx::Result<PgConnection> {
    PgConnection::connect(url.expose_secret()).await
}

#[tokio::test]
async fn postgres_keeps_port_and_data_over_stop_kill_and_restart() {
    let folder = Folder::make();
    let mut server = PrivatePostgres::start(&folder.0).await.unwrap();
    let url = server.url();
    let mut connection = connect(&url).await.unwrap();
    sqlx::query("create table kept (n int)").execute(&mut connection).await.unwrap();
    sqlx::query("insert into kept values (1)").execute(&mut connection).await.unwrap();
    server.kill().await;
    assert!(connect(&url).await.is_err(), "it is down");
    server.restart().await.unwrap();
    assert_eq!(server.url().expose_secret(), url.expose_secret());
    server.stop().await;
    assert!(connect(&url).await.is_err(), "it is down again");
    drop(server);
    // A new run of the same folder: same port, same password, same data.
    let mut again = PrivatePostgres::start(&folder.0).await.unwrap();
    assert_eq!(again.url().expose_secret(), url.expose_secret());
    let mut connection = connect(&url).await.unwrap();
    let count: i64 =
        sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.unwrap();
    let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&mut connection).await.unwrap();
    assert_eq!((count, fsync.as_str()), (1, "on"));
    again.stop().await;
}

#[tokio::test]
async fn postgres_takes_its_folder_back_from_a_server_that_was_left() {
    let folder = Folder::make();
    let first = PrivatePostgres::start(&folder.0).await.unwrap();
    let url = first.url();
    // Its owner forgets it without stopping it, as a thread that outlives its program's interest would.
    let mut second = PrivatePostgres::start(&folder.0).await.unwrap();
    assert!(connect(&second.url()).await.is_ok());
    assert_eq!(first.url().expose_secret(), url.expose_secret());
    second.stop().await;
}

#[tokio::test]
async fn postgres_refuses_a_wrong_password() {
    let folder = Folder::make();
    let mut server = PrivatePostgres::start(&folder.0).await.unwrap();
    let wrong = server.url().expose_secret().replace("ezw:", "ezw:0");
    assert!(connect(&wrong.into()).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn redis_keeps_port_and_password_over_restart_and_wants_the_password() {
    let folder = Folder::make();
    let mut server = PrivateRedis::start(&folder.0).await.unwrap();
    let url = server.url();
    let ping = async |url: &str| {
        let client = redis::Client::open(url)?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async::<String>(&mut connection).await
    };
    assert_eq!(ping(url.expose_secret()).await.unwrap(), "PONG");
    assert!(ping(&format!("redis://127.0.0.1:{}", server.port())).await.is_err());
    server.kill().await;
    assert!(ping(url.expose_secret()).await.is_err());
    server.restart().await.unwrap();
    assert_eq!(ping(server.url().expose_secret()).await.unwrap(), "PONG");
    assert_eq!(server.url().expose_secret(), url.expose_secret());
    server.stop().await;
}
