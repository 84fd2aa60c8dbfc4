//! Sessions behind connections that stay. A request looks its session up when it needs to; a WebSocket or an event stream lives longer
//! than that, so its session is looked for again and again, all of a process together, and whoever holds one is told when it has ended,
//! wherever that was done.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::causes;
use crate::clock::Clock;
use crate::store::Store;
use crate::supervise::Stop;

/// How often sessions are looked for; what this process ended itself is looked for at once.
const INTERVAL: Duration = Duration::from_millis(400);

/// A session, of a visitor or of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKey {
    /// Of a visitor.
    Visitor(Uuid),
    /// Of an account.
    Account(Uuid),
}

impl SessionKey {
    pub(super) const fn id(self) -> Uuid {
        match self {
            Self::Visitor(id) | Self::Account(id) => id,
        }
    }
}

/// The sessions that connections of this process hang on.
#[derive(Default)]
pub struct LiveSessions {
    watched: Mutex<HashMap<SessionKey, watch::Sender<bool>>>,
    look: Notify,
}

impl LiveSessions {
    fn watched(&self) -> MutexGuard<'_, HashMap<SessionKey, watch::Sender<bool>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns true once the session has ended.
    pub fn watch(&self, session: SessionKey) -> watch::Receiver<bool> {
        self.watched().entry(session).or_insert_with(|| watch::channel(false).0).subscribe()
    }

    /// Looks at once, because a session may just have ended.
    pub fn look(&self) {
        self.look.notify_one();
    }

    /// Looks for the sessions again and again, and tells of those that ended, until it is asked to stop. While the database is away nobody is told.
    pub async fn follow(&self, store: &Store, clock: &Clock, stop: Stop) {
        let mut is_away = false;
        loop {
            tokio::select! {
                () = self.look.notified() => {}
                goes_on = stop.pause(INTERVAL) => if !goes_on { return },
            }
            let sessions = self.held();
            if sessions.is_empty() {
                continue;
            }
            match store.live_sessions(sessions.iter().map(|session| session.id()).collect(), clock.now()).await {
                Ok(live) => {
                    is_away = false;
                    self.tell(sessions.into_iter().filter(|session| !live.contains(&session.id())));
                }
                Err(error) => {
                    // Said once an outage, not at each look.
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(cause = causes::chain(&error), "sessions of open connections cannot be looked for");
                    }
                }
            }
        }
    }

    /// Sessions that somebody still listens for; the others are forgotten.
    fn held(&self) -> HashSet<SessionKey> {
        let mut watched = self.watched();
        watched.retain(|_, ended| ended.receiver_count() > 0);
        watched.keys().copied().collect()
    }

    fn tell(&self, ended: impl Iterator<Item = SessionKey>) {
        let mut watched = self.watched();
        for session in ended {
            if let Some(sender) = watched.remove(&session) {
                sender.send_replace(true);
            }
        }
    }
}
