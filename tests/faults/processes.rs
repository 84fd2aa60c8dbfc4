//! The processes, and which of them a client may count on.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::support::program::Served;

/// One of them.
#[derive(Default)]
struct Slot {
    /// Where it listens; absent while it is down or going down.
    address: Mutex<Option<String>>,
    /// Counts its lives: what began in one and ended in another proves nothing.
    life: AtomicU64,
    served: Mutex<Option<Served>>,
}

/// All of them.
pub struct Processes {
    slots: Vec<Slot>,
    turn: AtomicUsize,
}

impl Processes {
    /// So many, none of which is up.
    pub fn new(count: usize) -> Self {
        Self { slots: (0..count).map(|_| Slot::default()).collect(), turn: AtomicUsize::new(0) }
    }

    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// Notes that a process is up.
    pub fn put(&self, number: usize, served: Served) {
        let slot = &self.slots[number];
        *slot.address.lock().unwrap() = Some(served.address.clone());
        *slot.served.lock().unwrap() = Some(served);
        slot.life.fetch_add(1, Ordering::SeqCst);
    }

    /// Sends nobody there any more, and gives the process.
    pub fn take(&self, number: usize) -> Served {
        let slot = &self.slots[number];
        *slot.address.lock().unwrap() = None;
        slot.life.fetch_add(1, Ordering::SeqCst);
        slot.served.lock().unwrap().take().expect("it is up")
    }

    /// Where a process listens, and which of its lives this is.
    pub fn at(&self, number: usize) -> Option<(String, u64)> {
        let slot = &self.slots[number];
        let life = slot.life.load(Ordering::SeqCst);
        Some((slot.address.lock().unwrap().clone()?, life))
    }

    /// Whether it is still in that life.
    pub fn lives_on(&self, number: usize, life: u64) -> bool {
        self.slots[number].life.load(Ordering::SeqCst) == life
    }

    /// Those that are up.
    pub fn up(&self) -> Vec<String> {
        (0..self.count()).filter_map(|number| Some(self.at(number)?.0)).collect()
    }

    /// One that is up, another each time.
    pub fn any(&self) -> Option<String> {
        let up = self.up();
        let turn = self.turn.fetch_add(1, Ordering::SeqCst);
        (!up.is_empty()).then(|| up[turn % up.len()].clone())
    }

    /// Ends one as the kernel does when memory is out.
    pub fn kill(&self, number: usize) {
        let mut served = self.take(number);
        served.child.kill().unwrap();
        served.child.wait().unwrap();
    }

    /// The largest resident memory of those that are up, in MB.
    pub fn memory(&self) -> f64 {
        let of = |slot: &Slot| {
            let served = slot.served.lock().unwrap();
            let status = std::fs::read_to_string(format!("/proc/{}/status", served.as_ref()?.child.id())).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().trim_end_matches(" kB").parse::<f64>().ok()
        };
        self.slots.iter().filter_map(of).fold(0.0, f64::max) / 1024.0
    }
}

/// Makes the account that publishes in Cuiabá, and gives its password.
pub fn create_publisher(mut roteiro: Command, database_url: &str) -> (&'static str, &'static str) {
    use std::io::Write;
    use std::process::Stdio;

    const EMAIL: &str = "gestora@example.org";
    const PASSWORD: &str = "uma senha que so serve aqui 7391";
    let arguments = ["user", "create", EMAIL, "--name", "Gestora", "--role", "city-admin", "--city", "cuiaba", "--password-stdin"];
    let mut child =
        roteiro.args(arguments).args(["--database-url", database_url]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    (EMAIL, PASSWORD)
}
