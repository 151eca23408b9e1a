//! A network that swallows answers: no error, no end, just silence.

use super::bed::Bed;
use ezw::{
    config,
    store::{Db, StoreError},
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// A way to the server that can fall silent.
struct Way {
    url: SecretString,
    silent: Arc<AtomicBool>,
}

impl Way {
    async fn to(server: &SecretString) -> Self {
        let mut url = Url::parse(server.expose_secret()).unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let silent = Arc::new(AtomicBool::new(false));
        let swallow = Arc::clone(&silent);
        ezw_actors::task::spawn("way", async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(target.clone()).await.unwrap();
                ezw_actors::task::spawn("connection", carry(client, server, Arc::clone(&swallow)));
            }
        });
        Self { url: url.to_string().into(), silent }
    }

    fn fall_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }
}

/// What the server says while the way is silent is gone for good.
async fn carry(mut client: TcpStream, mut server: TcpStream, silent: Arc<AtomicBool>) {
    let (mut asked, mut said) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(1..) if server.write_all(&asked[..read.unwrap()]).await.is_ok() => {}
                _ => return,
            },
            read = server.read(&mut said) => match read {
                Ok(1..) if silent.load(Ordering::SeqCst) => {}
                Ok(1..) if client.write_all(&said[..read.unwrap()]).await.is_ok() => {}
                _ => return,
            },
        }
    }
}

async fn db(way: &Way) -> Db {
    let settings = config::Database {
        url: way.url.clone(),
        max_connections: 1,
        acquire_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(2),
        lock_timeout: Duration::from_secs(1),
        idle_in_transaction_timeout: Duration::from_secs(5),
    };
    Db::new(&settings, "ezw-test", tokio::runtime::Handle::current()).unwrap()
}

async fn one(db: &Db) -> Result<i32, StoreError> {
    db.run(|conn| {
        Box::pin(async move { Ok(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(conn).await?) })
    })
    .await
}

#[tokio::test]
async fn silence_in_the_middle_of_a_unit_ends_it_and_its_connection() {
    let bed = Bed::new().await;
    let way = Way::to(bed.url()).await;
    let db = db(&way).await;
    assert_eq!(one(&db).await.unwrap(), 1);
    let silent = Arc::clone(&way.silent);
    let read: Result<i32, StoreError> = db
        .run(move |conn| {
            Box::pin(async move {
                silent.store(true, Ordering::SeqCst);
                Ok(sqlx::query_scalar("SELECT 2").fetch_one(conn).await?)
            })
        })
        .await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(!db.answers());
    // The pool has room for one connection: nobody sits on it, and the next borrower gets another one.
    way.fall_silent(false);
    assert_eq!(one(&db).await.unwrap(), 1);
    assert!(db.answers());
}

#[tokio::test]
async fn a_commit_whose_answer_is_swallowed_is_an_error_and_may_have_been_done() {
    let bed = Bed::new().await;
    let way = Way::to(bed.url()).await;
    let db = db(&way).await;
    let silent = Arc::clone(&way.silent);
    let written: Result<(), StoreError> = db
        .unit(move |conn| {
            Box::pin(async move {
                sqlx::query("UPDATE organizations SET name = 'Renamed'").execute(conn).await?;
                silent.store(true, Ordering::SeqCst);
                Ok(())
            })
        })
        .await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert_eq!(bed.count("organizations WHERE name = 'Renamed'").await, 1);
    way.fall_silent(false);
    assert_eq!(one(&db).await.unwrap(), 1);
}
