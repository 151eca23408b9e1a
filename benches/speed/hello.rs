//! The least that actix-web can answer, as a process of its own with as many workers as the service has.

use actix_web::{App, HttpResponse, HttpServer, web};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, ExitCode, Stdio},
};

const ASKED_FOR: &str = "EZW_TEST_BENCH_HELLO";
const WORKERS: usize = 2;

pub(crate) fn is_asked_for() -> bool {
    std::env::var_os(ASKED_FOR).is_some()
}

pub(crate) fn serve() -> ExitCode {
    let served: std::io::Result<()> = actix_web::rt::System::new().block_on(async {
        let app = || App::new().route("/", web::get().to(|| async { HttpResponse::Ok().json("hello") }));
        let server = HttpServer::new(app).workers(WORKERS).bind("127.0.0.1:0")?;
        println!("{}", server.addrs()[0]);
        server.run().await
    });
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The running one; it ends with this.
pub(crate) struct Hello {
    child: Child,
    pub(crate) address: String,
}

impl Hello {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.env(ASKED_FOR, "1").stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().to_owned() }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
