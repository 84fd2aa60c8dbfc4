//! What was acknowledged is found, once, whatever fails: three processes over a private PostgreSQL and a private Redis, and one over
//! SQLite, under steady reads, publishes and trips being saved, while one thing after the other is broken.
//!
//! `./test` runs it after the other tests, with nothing beside it. A row is printed after each fault, and the table at the end; the
//! variable ROTEIRO_FAULTS_TABLE names a file for it. To add a fault: write a function that gives a [`row::Row`], and name it in
//! [`every_fault`].

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails here should stop here")]
#![allow(missing_docs, reason = "a test's name says what it proves")]

mod client;
mod clock;
mod disk;
mod fleet;
mod kill;
mod ledger;
mod load;
mod postgres;
mod postgres_server;
mod redis;
mod redis_server;
mod rolling;
mod row;
mod scene;
mod sqlite;
mod stack;
#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the support of all test binaries; each uses a part of it")]
mod support;
mod team;

use std::time::Instant;

use row::{HEADING, Row};
use stack::Stack;

/// The rows so far.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Prints a row as soon as it is there.
    fn add(&mut self, row: Row) {
        println!("{row}");
        row.faults().iter().for_each(|fault| println!("  {fault}"));
        self.rows.push(row);
    }

    fn faults(&self) -> Vec<String> {
        self.rows.iter().flat_map(Row::faults).collect()
    }
}

/// Breaks one thing after the other.
async fn every_fault(table: &mut Table) {
    let mut stack = Stack::start().await;
    let nothing = kill::nothing(&mut stack).await;
    stack.memory = Some(nothing.after);
    table.add(nothing);
    table.add(kill::kill(&mut stack).await);
    table.add(postgres::stopped(&mut stack).await);
    table.add(postgres::restarted(&mut stack).await);
    table.add(postgres::promoted(&mut stack).await);
    table.add(redis::stopped(&mut stack).await);
    table.add(redis::emptied(&mut stack).await);
    table.add(redis::paused(&mut stack).await);
    table.add(redis::slow(&mut stack).await);
    table.add(redis::full(&mut stack).await);
    table.add(rolling::rolling(&mut stack).await);
    table.add(clock::steps(&mut stack).await);
    if !table.faults().is_empty() {
        println!("{}", stack.complaints());
    }
    drop(stack);
    table.add(sqlite::killed().await);
    table.add(disk::full().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "tests learn from the environment where to write")]
async fn what_is_acknowledged_is_found_once_whatever_fails() {
    let begun = Instant::now();
    println!("{HEADING}");
    let mut table = Table::default();
    every_fault(&mut table).await;
    let rows: Vec<_> = table.rows.iter().map(ToString::to_string).collect();
    let text = format!("{HEADING}\n{}\n{} s in all\n", rows.join("\n"), begun.elapsed().as_secs());
    println!("\n{text}");
    if let Ok(file) = std::env::var("ROTEIRO_FAULTS_TABLE") {
        std::fs::write(file, text).unwrap();
    }
    let faults = table.faults();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
