//! The end of the server's process, which comes whatever its threads are doing.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::http::server;

/// How long after the signal the process ends at the latest: the server's own patience with requests under way, that with background
/// tasks, and a few seconds to close the store.
const AT_THE_LATEST: Duration = Duration::from_secs(server::PATIENCE.as_secs() + 15);

/// Resolves when the process is told to stop (SIGTERM or SIGINT). A thread of its own listens, and ends the process when it has not
/// ended by itself in time: a computation may hold every thread that answers requests, and would hold the signal's future too.
/// Fails when signals cannot be listened for.
pub(super) fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signal = {
        let _entered = runtime.enter();
        server::told_to_stop()?
    };
    watch(runtime, signal, AT_THE_LATEST, || {
        tracing::error!(seconds = AT_THE_LATEST.as_secs(), "what was under way did not end; the process ends now");
        std::process::exit(1);
    })
}

/// Resolves with the signal, and calls `end` so long after it from a thread of its own, with a runtime of its own.
fn watch(
    runtime: Runtime,
    signal: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
    end: impl FnOnce() + Send + 'static,
) -> std::io::Result<impl Future<Output = ()>> {
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("ending".to_owned()).spawn(move || {
        runtime.block_on(async {
            signal.await;
            // Nobody listens when the server has ended by itself.
            let _ = tell.send(());
            tokio::time::sleep(patience).await;
        });
        end();
    })?;
    Ok(async move {
        // The thread never drops its side without telling.
        let _ = told.await;
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_end_comes_while_every_other_thread_is_busy() {
        let (release, busy) = channel::<()>();
        let (end, ended) = channel();
        let (signal, signalled) = oneshot::channel::<()>();
        let server = Builder::new_current_thread().enable_all().build().unwrap();
        let own = Builder::new_current_thread().enable_all().build().unwrap();
        let stop = watch(own, async move { drop(signalled.await) }, Duration::from_millis(20), move || end.send(()).unwrap()).unwrap();
        let computing = std::thread::spawn(move || {
            // The only thread of this server computes, and never comes to hear that it is to stop.
            server.block_on(async move {
                busy.recv().unwrap();
                stop.await;
            });
        });
        signal.send(()).unwrap();
        ended.recv_timeout(Duration::from_mins(1)).expect("the end comes by itself");
        assert!(!computing.is_finished());
        release.send(()).unwrap();
        computing.join().unwrap();
    }
}
