//! Faults: three processes on a PostgreSQL and a Redis of their own, and single ones on SQLite, under steady reads, publishes and trips
//! that are saved, while in turn everything they stand on fails. After each fault what was acknowledged is found, nothing is there twice,
//! no public read has failed through those that were up, what is published then is seen by all within five seconds, and memory is flat.
//!
//! `./test` runs this by itself, one test at a time. Each fault prints a row of the table; `ROTEIRO_FAULTS_TABLE` names a file that gets
//! them too.
//!
//! To add a fault: a function in the file of what fails, and a line in `shared` below.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails here should stop here")]
#![allow(missing_docs, reason = "a test's name says what it proves")]

mod client;
mod clock;
mod disk;
mod kill;
mod ledger;
mod load;
mod postgres;
mod processes;
mod redis;
mod rolling;
mod servers;
mod sqlite;
mod stack;
#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the support of all test binaries; each uses a part of it")]
mod support;
mod table;

use self::stack::Stack;
use self::table::Table;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_processes_lose_nothing_whatever_fails_under_them() {
    let mut stack = Stack::start().await;
    let mut table = Table::of("Three processes on PostgreSQL and Redis");
    table.add(&stack.calm().await);
    table.add(&kill::each_in_turn(&mut stack).await);
    table.add(&rolling::restart(&mut stack).await);
    table.add(&redis::stopped(&mut stack).await);
    table.add(&redis::emptied(&mut stack).await);
    table.add(&redis::paused(&mut stack).await);
    table.add(&redis::slow(&mut stack).await);
    table.add(&redis::full(&mut stack).await);
    table.add(&clock::steps(&mut stack).await);
    table.add(&postgres::stopped(&mut stack).await);
    table.add(&postgres::restarted_at_once(&mut stack).await);
    table.add(&postgres::promoted(&mut stack).await);
    stack.check_everything();
    table.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_on_sqlite_loses_nothing_when_it_is_killed_or_its_disk_is_full() {
    let mut table = Table::of("One process on SQLite");
    table.add(&sqlite::killed_while_publishing().await);
    table.add(&disk::full().await);
    table.finish();
}
