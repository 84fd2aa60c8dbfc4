//! What became of each fault.

use std::fmt::Write as _;
use std::io::Write as _;

use super::ledger::Verdict;
use super::load::Reads;

/// How soon what is published after a fault must be seen by every process, in seconds.
const SEEN_AGAIN: f64 = 5.0;
/// What the memory of a process may grow by over what it had after the calm run, in MB: caches fill, nothing else does.
const GROWTH: f64 = 64.0;

/// One fault.
pub struct Row {
    pub fault: &'static str,
    pub reads: Reads,
    pub verdict: Verdict,
    /// From the end of the fault until a record that was published then was seen by every process, in seconds.
    pub seen_again: f64,
    /// The largest memory of a process, in MB: after the calm run, and now.
    pub memory: (f64, f64),
    /// What else did not hold.
    pub wrong: Vec<String>,
}

impl Row {
    fn faults(&self) -> Vec<String> {
        let (verdict, mut wrong) = (&self.verdict, self.wrong.clone());
        let mut note = |is_wrong: bool, what: String| {
            if is_wrong {
                wrong.push(what);
            }
        };
        note(self.reads.failed > 0, format!("{} reads failed, the first with {:?}", self.reads.failed, self.reads.first_failure));
        note(self.reads.count == 0, "nothing was read".to_owned());
        note(verdict.trips == 0 || verdict.published == 0, "nothing was written".to_owned());
        note(!verdict.lost.is_empty(), format!("lost: {:?}", verdict.lost));
        note(!verdict.twice.is_empty(), format!("twice: {:?}", verdict.twice));
        note(!verdict.refused_and_found.is_empty(), format!("refused, and found: {:?}", verdict.refused_and_found));
        note(self.seen_again > SEEN_AGAIN, format!("a publish was seen after {:.1} s", self.seen_again));
        note(self.memory.1 > self.memory.0 + GROWTH, format!("memory grew from {:.0} to {:.0} MB", self.memory.0, self.memory.1));
        wrong
    }

    fn line(&self) -> String {
        let Self { fault, reads, verdict, seen_again, memory, .. } = self;
        format!(
            "| {fault} | {} | {} | {} + {} | {} | {} | {} | {} | {seen_again:.1} s | {:.0} → {:.0} MB |",
            reads.count,
            reads.failed,
            verdict.trips,
            verdict.published,
            verdict.unknown,
            verdict.refused,
            verdict.lost.len(),
            verdict.twice.len(),
            memory.0,
            memory.1,
        )
    }
}

/// The table.
pub struct Table {
    text: String,
    wrong: Vec<String>,
}

impl Table {
    /// Begins one.
    pub fn of(title: &str) -> Self {
        let head =
            "| fault | reads | failed | acknowledged: trips + publishes | unknown | refused | lost | twice | publish seen again | memory |";
        let text = format!("{title}\n\n{head}\n|---|---|---|---|---|---|---|---|---|---|\n");
        print!("\n{text}");
        Self { text, wrong: Vec::new() }
    }

    /// Adds a row; what is wrong in it is said at the end, so that one sees the others too.
    pub fn add(&mut self, row: &Row) {
        let line = row.line();
        println!("{line}");
        writeln!(self.text, "{line}").unwrap();
        self.wrong.extend(row.faults().into_iter().map(|wrong| format!("{}: {wrong}", row.fault)));
    }

    /// Says what is wrong.
    pub fn finish(self) {
        #[expect(clippy::disallowed_methods, reason = "for whoever keeps the table")]
        if let Some(file) = std::env::var_os("ROTEIRO_FAULTS_TABLE") {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file).unwrap();
            writeln!(file, "{}", self.text).unwrap();
        }
        assert!(self.wrong.is_empty(), "{:#?}", self.wrong);
    }
}
