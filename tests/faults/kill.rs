//! kill −9 of each process in turn: the others go on as if nothing had happened.

use std::time::{Duration, Instant};

use super::row::Row;
use super::stack::{PROCESSES, Stack};

/// How long a process is away.
const AWAY: Duration = Duration::from_secs(1);

/// Nothing fails: what the other rows are to be held against.
pub async fn nothing(stack: &mut Stack) -> Row {
    stack
        .play("nothing", async |_, _| {
            tokio::time::sleep(Duration::from_secs(3)).await;
            Instant::now()
        })
        .await
}

/// Each is killed twice, and another one started in its place.
pub async fn kill(stack: &mut Stack) -> Row {
    stack
        .play("kill -9 of each process", async |stack, scene| {
            for index in (0..PROCESSES).chain(0..PROCESSES) {
                stack.kill(index);
                tokio::time::sleep(AWAY).await;
                scene.publish_meanwhile().await;
                stack.replace(index);
            }
            Instant::now()
        })
        .await
}
