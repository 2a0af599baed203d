//! A PostgreSQL server of a test's own, which can be killed.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{raw, wait::Deadline};

const PATIENCE: Duration = Duration::from_secs(30);

/// Gone with this value.
#[derive(Debug)]
pub struct Postgres {
    folder: TempDir,
    bin: PathBuf,
}

impl Postgres {
    /// Makes and starts one.
    pub async fn start() -> Self {
        let mut bins: Vec<_> = fs::read_dir("/usr/lib/postgresql")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        bins.sort();
        let server = Self {
            folder: tempfile::Builder::new()
                .prefix("breezeblock-soak.")
                .tempdir_in("/tmp")
                .unwrap(),
            bin: bins.pop().expect("PostgreSQL is installed").join("bin"),
        };
        let folder = server.folder.path().to_str().unwrap();
        let owner = format!("chmod 755 {folder} && if [ $(id -u) = 0 ]; then chown postgres {folder}; fi");
        assert!(Command::new("sh").args(["-c", &owner]).status().unwrap().success());
        let data = server.data();
        let data = data.to_str().unwrap();
        server.run(
            "initdb",
            &["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        );
        server.go_on().await;
        server
    }

    /// The address of its server.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres@localhost/postgres?host={}",
            self.folder.path().display()
        )
    }

    /// Kills it: as `pg_ctl -m immediate` does, or with SIGKILL.
    pub async fn kill(&self, signal: Signal) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid: i32 = pid.lines().next().unwrap().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
        let mut deadline = Deadline::new("PostgreSQL is gone", PATIENCE);
        while PathBuf::from(format!("/proc/{pid}")).exists() {
            deadline.pause("it is not").await;
        }
    }

    /// Starts it again and waits until it answers.
    pub async fn go_on(&self) {
        let data = self.data();
        let (folder, data) = (self.folder.path().display(), data.to_str().unwrap());
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=100 -c autovacuum=off"
        );
        let log = format!("{data}/log");
        let mut deadline = Deadline::new("PostgreSQL starts", PATIENCE);
        // After a SIGKILL its processes may be there for a moment.
        while !self.attempt("pg_ctl", &["-D", data, "-s", "-w", "-l", &log, "-o", &options, "start"]) {
            deadline.pause("it does not").await;
        }
        while raw::attempt::<(i32,)>(&self.url(), "SELECT 1").await.is_err() {
            deadline.pause("it does not answer").await;
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        assert!(self.attempt(program, arguments), "{program} {arguments:?}");
    }

    fn attempt(&self, program: &str, arguments: &[&str]) -> bool {
        // The server refuses to run as root.
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(self.bin.join(program));
            command
        } else {
            Command::new(self.bin.join(program))
        };
        let status = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.unwrap().success()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        self.attempt(
            "pg_ctl",
            &["-D", data.to_str().unwrap(), "-m", "immediate", "-s", "stop"],
        );
    }
}
