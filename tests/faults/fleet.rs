//! The processes as their clients know them: which may be asked now, and which has gone.

use std::sync::{Arc, Mutex};

use crate::support::program::Served;

/// All processes. Clones know the same.
#[derive(Clone)]
pub struct Fleet(Arc<Mutex<Vec<Entry>>>);

struct Entry {
    door: Door,
    state: State,
}

/// A process that may be asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Door {
    /// Its address, `host:port`.
    pub address: String,
    /// Its number at the system.
    pub pid: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is asked.
    Open,
    /// Nobody asks it any more, and what it was asked it answers.
    Leaving,
    /// It was killed, or has ended.
    Gone,
}

impl Fleet {
    /// Of these processes.
    pub fn of<'a>(processes: impl IntoIterator<Item = &'a Served>) -> Self {
        let entry = |served| Entry { door: door(served), state: State::Open };
        Self(Arc::new(Mutex::new(processes.into_iter().map(entry).collect())))
    }

    /// Nobody asks this one any more, and what it was asked must be answered.
    pub fn leave(&self, index: usize) {
        self.0.lock().unwrap()[index].state = State::Leaving;
    }

    /// This one is about to be killed, or has ended.
    pub fn gone(&self, index: usize) {
        self.0.lock().unwrap()[index].state = State::Gone;
    }

    /// Another one stands at its place.
    pub fn open(&self, index: usize, served: &Served) {
        self.0.lock().unwrap()[index] = Entry { door: door(served), state: State::Open };
    }

    /// The one at this place, unless it may not be asked.
    pub fn door(&self, index: usize) -> Option<Door> {
        self.0.lock().unwrap().get(index).filter(|entry| entry.state == State::Open).map(|entry| entry.door.clone())
    }

    /// All that may be asked.
    pub fn doors(&self) -> Vec<Door> {
        self.0.lock().unwrap().iter().filter(|entry| entry.state == State::Open).map(|entry| entry.door.clone()).collect()
    }

    /// One of them, another one each turn.
    pub fn any(&self, turn: usize) -> Option<Door> {
        let doors = self.doors();
        doors.get(turn % doors.len().max(1)).cloned()
    }

    /// How many there are, whether or not they may be asked.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Whether it has survived until now: what it does not answer is its own fault.
    pub fn survives(&self, door: &Door) -> bool {
        self.0.lock().unwrap().iter().any(|entry| entry.door == *door && entry.state != State::Gone)
    }

    /// Resident memory of the largest, in MiB.
    pub fn memory(&self) -> u64 {
        self.doors().iter().map(|door| resident(door.pid)).max().unwrap_or(0)
    }
}

fn door(served: &Served) -> Door {
    Door { address: served.address.clone(), pid: served.child.id() }
}

fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_024
}
