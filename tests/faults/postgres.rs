//! PostgreSQL, without which nothing is written and everything published is read.

use std::time::Duration;

use super::stack::Stack;
use super::table::Row;

/// It is stopped for twenty seconds.
pub async fn stopped(stack: &mut Stack) -> Row {
    let gone = async |stack: &mut Stack| {
        tokio::task::block_in_place(|| stack.postgres.stop("fast"));
        tokio::time::sleep(Duration::from_secs(20)).await;
        tokio::task::block_in_place(|| stack.postgres.start());
    };
    stack.under("PostgreSQL stopped for 20 s", gone).await
}

/// It crashes and recovers, twice.
pub async fn restarted_at_once(stack: &mut Stack) -> Row {
    let crashed = async |stack: &mut Stack| {
        for _ in 0..2 {
            tokio::task::block_in_place(|| {
                stack.postgres.stop("immediate");
                stack.postgres.start();
            });
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    stack.under("PostgreSQL restarted immediate, twice", crashed).await
}

/// The primary is lost, and its standby becomes the primary. What is acknowledged waits for the standby, as it must where no write may be
/// lost with a machine.
pub async fn promoted(stack: &mut Stack) -> Row {
    let standby = tokio::task::block_in_place(|| {
        let standby = stack.postgres.standby();
        stack.postgres.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
        stack.postgres.ask("SELECT pg_reload_conf()");
        for _ in 0..500 {
            if stack.postgres.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1" {
                return standby;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the standby does not follow");
    });
    let lost = async move |stack: &mut Stack| {
        tokio::task::block_in_place(|| {
            stack.postgres.stop("immediate");
            standby.promote();
            // The settings were copied with everything else; nobody follows the new primary.
            standby.ask("ALTER SYSTEM RESET synchronous_standby_names");
            standby.ask("SELECT pg_reload_conf()");
        });
        stack.database_line.move_to(standby.address());
        stack.postgres = standby;
    };
    stack.under("PostgreSQL lost, its standby promoted", lost).await
}
