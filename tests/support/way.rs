//! A way to PostgreSQL that can be slow, or swallow what the server says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

pub(crate) struct Way {
    pub(crate) url: SecretString,
    moods: Arc<Moods>,
}

#[derive(Debug, Default)]
struct Moods {
    silent: AtomicBool,
    slowest_ms: AtomicU32,
}

/// Makes a way silent, also from inside a unit of work.
#[derive(Clone)]
pub(crate) struct Hush(Arc<Moods>);

impl Hush {
    /// What the server says while the way is silent is gone for good.
    pub(crate) fn silent(&self, silent: bool) {
        self.0.silent.store(silent, Ordering::SeqCst);
    }
}

impl Way {
    pub(crate) async fn to(server: &SecretString) -> Self {
        let mut url = Url::parse(server.expose_secret()).unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let moods = Arc::new(Moods::default());
        let shared = Arc::clone(&moods);
        ezw_actors::task::spawn("way", async move {
            let mut seed = 0;
            while let Ok((client, _)) = listener.accept().await {
                seed += 1;
                let Ok(server) = TcpStream::connect(target.clone()).await else { continue };
                // Many small answers: each leaves as it is.
                client.set_nodelay(true).ok();
                server.set_nodelay(true).ok();
                let rng = SmallRng::seed_from_u64(seed);
                ezw_actors::task::spawn("connection", carry(client, server, Arc::clone(&shared), rng));
            }
        });
        Self { url: url.to_string().into(), moods }
    }

    pub(crate) fn hush(&self) -> Hush {
        Hush(Arc::clone(&self.moods))
    }

    /// From now on each answer is late by as much at most.
    pub(crate) fn slow_down(&self, slowest: Duration) {
        self.moods.slowest_ms.store(u32::try_from(slowest.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

async fn carry(mut client: TcpStream, mut server: TcpStream, moods: Arc<Moods>, mut rng: SmallRng) {
    let (mut asked, mut said) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read {
                Ok(1..) if server.write_all(&asked[..read.unwrap()]).await.is_ok() => {}
                _ => return,
            },
            read = server.read(&mut said) => {
                let slowest = moods.slowest_ms.load(Ordering::SeqCst);
                if slowest > 0 {
                    tokio::time::sleep(Duration::from_millis(rng.random_range(0..=slowest).into())).await;
                }
                match read {
                    Ok(1..) if moods.silent.load(Ordering::SeqCst) => {}
                    Ok(1..) if client.write_all(&said[..read.unwrap()]).await.is_ok() => {}
                    _ => return,
                }
            }
        }
    }
}
