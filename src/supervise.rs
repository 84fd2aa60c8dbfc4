//! Background tasks. Each has a name and is begun again, after a pause that grows, when it panics or returns; at shutdown all are asked to
//! stop and waited for. None is cut off between two awaits unless it outlasts the grace.
//!
//! To add one: `tasks.spawn("name", move |stop| run(…, stop))`, with a loop that pauses by [`Stop::pause`]:
//!
//! ```ignore
//! while stop.pause(EVERY).await { round().await; }
//! ```

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::Instrument;

/// The pause before a task is begun again; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After running for so long, the pause is the first one again.
const STEADY: Duration = Duration::from_mins(1);
/// Longest cause that is logged, in characters.
const MAX_CAUSE: usize = 500;

/// The background tasks of a process. Dropping all clones asks them to stop, without waiting.
#[derive(Clone, Debug, Default)]
pub struct Tasks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<Task>>,
}

impl Default for Inner {
    fn default() -> Self {
        Self { stop: watch::Sender::new(false), tasks: Mutex::default() }
    }
}

#[derive(Debug)]
struct Task {
    state: Arc<State>,
    handle: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    name: &'static str,
    is_running: AtomicBool,
    restarts: AtomicU64,
}

/// How a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskHealth {
    /// Its name.
    pub name: &'static str,
    /// Whether it runs; false while it waits to be begun again, and after it was stopped.
    pub is_running: bool,
    /// How often it was begun again.
    pub restarts: u64,
}

/// Tells a task that the process is shutting down.
#[derive(Clone, Debug)]
pub struct Stop(Option<watch::Receiver<bool>>);

impl Stop {
    /// For work that nobody stops, such as a command's.
    pub const fn never() -> Self {
        Self(None)
    }

    /// Whether the task is to stop.
    pub fn is_asked(&self) -> bool {
        // Without its sender there are no `Tasks` any more, which means the same.
        self.0.as_ref().is_some_and(|asked| *asked.borrow() || asked.has_changed().is_err())
    }

    /// Resolves when the task is to stop.
    pub async fn asked(&self) {
        match &self.0 {
            Some(asked) => drop(asked.clone().wait_for(|is_asked| *is_asked).await),
            None => std::future::pending().await,
        }
    }

    /// Waits for `duration`, and tells whether to go on: false as soon as the task is to stop.
    pub async fn pause(&self, duration: Duration) -> bool {
        tokio::time::timeout(duration, self.asked()).await.is_err()
    }
}

impl Tasks {
    /// Begins a task. `make` is called again whenever what it gave has panicked or returned before the task was asked to stop.
    pub fn spawn<W>(&self, name: &'static str, make: impl FnMut(Stop) -> W + Send + 'static)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let state = Arc::new(State { name, is_running: AtomicBool::new(true), restarts: AtomicU64::new(0) });
        let work = supervise(Arc::clone(&state), make, self.stop());
        let work = work.instrument(tracing::info_span!("task", task = name));
        #[expect(clippy::disallowed_methods, reason = "its handle is kept, and awaited by `end`")]
        let handle = tokio::spawn(work);
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(Task { state, handle });
    }

    /// The word to stop, for what is waited for in another way.
    pub fn stop(&self) -> Stop {
        Stop(Some(self.0.stop.subscribe()))
    }

    /// How the tasks are doing, in the order in which they were begun.
    pub fn health(&self) -> Vec<TaskHealth> {
        let tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let health = |Task { state, .. }: &Task| TaskHealth {
            name: state.name,
            is_running: state.is_running.load(Ordering::Relaxed),
            restarts: state.restarts.load(Ordering::Relaxed),
        };
        tasks.iter().map(health).collect()
    }

    /// Asks all tasks to stop and waits until they have, `grace` at most. One that takes longer is aborted and named in the log.
    pub async fn end(&self, grace: Duration) {
        self.0.stop.send_replace(true);
        let tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = Instant::now() + grace;
        for Task { state, mut handle } in tasks {
            if tokio::time::timeout_at(deadline, &mut handle).await.is_err() {
                tracing::warn!(task = state.name, grace_seconds = grace.as_secs(), "a background task did not stop in time and is cut off");
                handle.abort();
                // It is cancelled, or has ended meanwhile: both are what is waited for.
                let _ = handle.await;
            }
        }
    }
}

async fn supervise<W: Future<Output = ()>>(state: Arc<State>, mut make: impl FnMut(Stop) -> W, stop: Stop) {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        state.is_running.store(true, Ordering::Relaxed);
        let ended = AssertUnwindSafe(async { make(stop.clone()).await }).catch_unwind().await;
        state.is_running.store(false, Ordering::Relaxed);
        let cause = match &ended {
            Ok(()) if stop.is_asked() => return,
            Ok(()) => "it returned".to_owned(),
            Err(panic) => format!("it panicked: {}", words(panic.as_ref())),
        };
        let restarts = state.restarts.fetch_add(1, Ordering::Relaxed) + 1;
        pause = if begun.elapsed() >= STEADY { FIRST_PAUSE } else { pause };
        // What a panic says was an error's line already (`cli/serve.rs`); this one tells what is done about it.
        tracing::warn!(cause, restarts, pause_milliseconds = pause.as_millis() as u64, "a background task broke off and is begun again");
        if !stop.pause(pause).await {
            return;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What a panic says.
pub fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a word").chars().take(MAX_CAUSE).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Waits until it is so; how long it takes is nobody's business here.
    async fn until(is_so: impl Fn() -> bool) {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn a_task_that_panics_is_begun_again_and_counted() {
        let (tasks, begun) = (Tasks::default(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&begun);
        let at = Instant::now();
        tasks.spawn("shaky", move |stop| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(number >= 3, "attempt {number}");
                stop.asked().await;
            }
        });
        until(|| begun.load(Ordering::SeqCst) == 4).await;
        assert!(at.elapsed() >= FIRST_PAUSE * (1 + 2 + 4), "the pauses grow");
        assert_eq!(tasks.health(), [TaskHealth { name: "shaky", is_running: true, restarts: 3 }]);
        tasks.end(Duration::from_mins(1)).await;
        assert_eq!(begun.load(Ordering::SeqCst), 4, "a task that was asked to stop is not begun again");
    }

    #[tokio::test]
    async fn a_task_that_returns_by_itself_is_down_until_it_is_begun_again() {
        let tasks = Tasks::default();
        tasks.spawn("brief", |_| async {});
        until(|| tasks.health()[0].restarts >= 2).await;
        until(|| !tasks.health()[0].is_running).await;
        tasks.end(Duration::from_mins(1)).await;
    }

    #[tokio::test]
    async fn a_round_under_way_is_finished_before_the_end() {
        let (tasks, finished) = (Tasks::default(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&finished);
        tasks.spawn("round", move |stop| {
            let counted = Arc::clone(&counted);
            async move {
                loop {
                    // Work that does not look at the stop.
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    counted.fetch_add(1, Ordering::SeqCst);
                    if !stop.pause(Duration::from_hours(1)).await {
                        return;
                    }
                }
            }
        });
        tasks.end(Duration::from_mins(1)).await;
        assert_eq!(finished.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_task_that_does_not_stop_is_cut_off_after_the_grace() {
        let (tasks, at, grace) = (Tasks::default(), Instant::now(), Duration::from_millis(200));
        let dropped = Arc::new(());
        let held = Arc::clone(&dropped);
        tasks.spawn("deaf", move |_| {
            let held = Arc::clone(&held);
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        });
        tasks.end(grace).await;
        assert!(at.elapsed() >= grace && Arc::strong_count(&dropped) == 1);
    }

    #[tokio::test]
    async fn work_without_a_supervisor_goes_on() {
        let stop = Stop::never();
        assert!(!stop.is_asked() && stop.pause(Duration::from_millis(1)).await);
        let tasks = Tasks::default();
        let stop = tasks.stop();
        drop(tasks);
        assert!(stop.is_asked() && !stop.pause(Duration::from_hours(1)).await);
    }
}
