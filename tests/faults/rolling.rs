//! A rolling restart, as at each release.

use super::stack::Stack;
use super::table::Row;

/// Each process is told to end, does so with 0, and is started again.
pub async fn restart(stack: &mut Stack) -> Row {
    let mut wrong = Vec::new();
    let rolled = async |stack: &mut Stack| {
        for number in 0..stack.processes.count() {
            let mut served = stack.processes.take(number);
            let code = tokio::task::block_in_place(|| served.stop());
            if code != Some(0) {
                wrong.push(format!("process {number} ended with {code:?}"));
            }
            stack.launch(number);
        }
    };
    let row = stack.under("rolling restart (SIGTERM)", rolled).await;
    Row { wrong, ..row }
}
