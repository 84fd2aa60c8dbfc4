//! A rolling restart: every request that was taken is answered, and every process ends as it should.

use std::time::{Duration, Instant};

use super::row::Row;
use super::stack::{PROCESSES, Stack};

/// What a balancer before the processes takes to ask one no more: what it was asked before has arrived by then.
const DRAIN: Duration = Duration::from_millis(100);

/// One process after the other is asked to stop, and another one started in its place.
pub async fn rolling(stack: &mut Stack) -> Row {
    let mut row = stack
        .play("rolling restart", async |stack, scene| {
            for index in 0..PROCESSES {
                stack.fleet.leave(index);
                tokio::time::sleep(DRAIN).await;
                let code = stack.processes[index].stop();
                stack.fleet.gone(index);
                scene.claim(code == Some(0), "a process that is asked to stop ends with 0");
                stack.replace(index);
            }
            Instant::now()
        })
        .await;
    if row.tally.unknown + row.tally.refused > 0 {
        row.broken.push(format!("{}: a write was not answered, or refused, though no process fell over", row.name));
    }
    row
}
