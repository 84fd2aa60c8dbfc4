//! PostgreSQL goes away: stopped for a while, brought down at once, and replaced by its standby.

use std::time::{Duration, Instant};

use super::postgres_server::Stop;
use super::row::Row;
use super::stack::Stack;

/// How long it is stopped.
const STOPPED: Duration = Duration::from_secs(20);
/// How often it is brought down at once.
const RESTARTS: usize = 5;
/// Longest wait for a process to notice.
const NOTICE: Duration = Duration::from_secs(10);

/// Stopped in order for 20 seconds; its port refuses connections.
pub async fn stopped(stack: &mut Stack) -> Row {
    let row = stack
        .play("PostgreSQL stopped 20 s", async |stack, scene| {
            let begun = Instant::now();
            stack.postgres.stop(Stop::Fast);
            stack.to_postgres.refuse();
            let mut says_so = false;
            while begun.elapsed() < NOTICE && !says_so {
                tokio::time::sleep(Duration::from_millis(200)).await;
                says_so = scene.readiness(0).await["following"] == false;
            }
            scene.claim(says_so, "/readyz says that the log is not followed");
            tokio::time::sleep(STOPPED.saturating_sub(begun.elapsed())).await;
            stack.postgres.resume();
            stack.to_postgres.heal();
            Instant::now()
        })
        .await;
    row.must_bite()
}

/// Brought down with nothing written out, and started again, several times.
pub async fn restarted(stack: &mut Stack) -> Row {
    stack
        .play("PostgreSQL restarted immediate", async |stack, _| {
            for number in 0..RESTARTS {
                if number > 0 {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                stack.postgres.stop(Stop::Immediate);
                stack.postgres.resume();
            }
            Instant::now()
        })
        .await
        .must_bite()
}

/// Brought down for good; its standby takes its place.
pub async fn promoted(stack: &mut Stack) -> Row {
    let mut standby = Some(stack.postgres.standby());
    stack
        .play("PostgreSQL standby promoted", async |stack, _| {
            stack.postgres.stop(Stop::Immediate);
            let standby = standby.take().unwrap();
            standby.promote();
            stack.to_postgres.lead_to(standby.address());
            stack.postgres = standby;
            Instant::now()
        })
        .await
        .must_bite()
}
