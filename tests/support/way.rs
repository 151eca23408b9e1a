//! A way to PostgreSQL that can be slow, swallow what either side says, lose the answer to a COMMIT, be cut, or lead
//! somewhere else.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

/// As it is said in the simple protocol.
const COMMIT: &[u8] = b"COMMIT\0";
/// Of so many other requests one loses its answer too, where COMMITs do: a statement alone commits itself.
const ALSO_LOST: u32 = 50;

pub(crate) struct Way {
    pub(crate) url: SecretString,
    moods: Arc<Moods>,
}

#[derive(Debug)]
struct Moods {
    target: Mutex<(String, u16)>,
    refusing: AtomicBool,
    deaf: AtomicBool,
    silent: AtomicBool,
    held: AtomicBool,
    losing_commits: AtomicBool,
    lost_commits: AtomicU32,
    slowest_ms: AtomicU32,
    /// Each new value ends the connections there are.
    cut: watch::Sender<u32>,
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

fn target(server: &Url) -> (String, u16) {
    (server.host_str().unwrap().to_owned(), server.port().unwrap_or(5432))
}

impl Way {
    pub(crate) async fn to(server: &SecretString) -> Self {
        let mut url = Url::parse(server.expose_secret()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let moods = Arc::new(Moods {
            target: Mutex::new(target(&url)),
            refusing: AtomicBool::new(false),
            deaf: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            held: AtomicBool::new(false),
            losing_commits: AtomicBool::new(false),
            lost_commits: AtomicU32::new(0),
            slowest_ms: AtomicU32::new(0),
            cut: watch::Sender::new(0),
        });
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        ezw_actors::task::spawn("way", accept(listener, Arc::clone(&moods)));
        Self { url: url.to_string().into(), moods }
    }

    pub(crate) fn hush(&self) -> Hush {
        Hush(Arc::clone(&self.moods))
    }

    /// From now on each answer is late by as much at most.
    pub(crate) fn slow_down(&self, slowest: Duration) {
        self.moods.slowest_ms.store(u32::try_from(slowest.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Ends every connection that there is.
    pub(crate) fn cut(&self) {
        self.moods.cut.send_modify(|count| *count += 1);
    }

    /// While it refuses, nobody comes through, and who was through is cut off.
    pub(crate) fn refuse(&self, refusing: bool) {
        self.moods.refusing.store(refusing, Ordering::SeqCst);
        if refusing {
            self.cut();
        }
    }

    /// What is said to the server while the way is deaf is gone for good; nobody is told.
    pub(crate) fn deaf(&self, deaf: bool) {
        self.moods.deaf.store(deaf, Ordering::SeqCst);
    }

    /// What either side says while the way is held arrives when it is not any more: a network that was gone and is back.
    pub(crate) fn hold(&self, held: bool) {
        self.moods.held.store(held, Ordering::SeqCst);
    }

    /// While it loses them, a COMMIT reaches the server, its answer gets lost, and the connection with it.
    pub(crate) fn lose_commits(&self, losing: bool) {
        self.moods.losing_commits.store(losing, Ordering::SeqCst);
    }

    /// How many answers were lost that way.
    pub(crate) fn lost_commits(&self) -> u32 {
        self.moods.lost_commits.load(Ordering::SeqCst)
    }

    /// From now on it leads to another server.
    pub(crate) fn lead_to(&self, server: &SecretString) {
        *self.moods.target.lock().unwrap() = target(&Url::parse(server.expose_secret()).unwrap());
    }
}

async fn accept(listener: TcpListener, moods: Arc<Moods>) {
    let mut seed = 0;
    while let Ok((client, _)) = listener.accept().await {
        seed += 1;
        if moods.refusing.load(Ordering::SeqCst) {
            continue;
        }
        let target = moods.target.lock().unwrap().clone();
        let Ok(server) = TcpStream::connect(target).await else { continue };
        // Many small answers: each leaves as it is.
        client.set_nodelay(true).ok();
        server.set_nodelay(true).ok();
        let (moods, rng) = (Arc::clone(&moods), SmallRng::seed_from_u64(seed));
        let mut cut = moods.cut.subscribe();
        ezw_actors::task::spawn("connection", async move {
            tokio::select! {
                () = carry(client, server, moods, rng) => {}
                _ = cut.changed() => {}
            }
        });
    }
}

async fn held(moods: &Moods) {
    while moods.held.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn carry(mut client: TcpStream, mut server: TcpStream, moods: Arc<Moods>, mut rng: SmallRng) {
    let (mut asked, mut said) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                if moods.deaf.load(Ordering::SeqCst) {
                    continue;
                }
                held(&moods).await;
                if server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
                let commits = asked[..length].windows(COMMIT.len()).any(|word| word == COMMIT);
                if moods.losing_commits.load(Ordering::SeqCst) && (commits || rng.random_ratio(1, ALSO_LOST)) {
                    // It did as it was told, and nobody will hear of it.
                    let _ = server.read(&mut said).await;
                    moods.lost_commits.fetch_add(1, Ordering::SeqCst);
                    return;
                }
            },
            read = server.read(&mut said) => {
                let slowest = moods.slowest_ms.load(Ordering::SeqCst);
                if slowest > 0 {
                    tokio::time::sleep(Duration::from_millis(rng.random_range(0..=slowest).into())).await;
                }
                held(&moods).await;
                match read {
                    Ok(1..) if moods.silent.load(Ordering::SeqCst) => {}
                    Ok(1..) if client.write_all(&said[..read.unwrap()]).await.is_ok() => {}
                    _ => return,
                }
            }
        }
    }
}
