//! Processes that are killed, as by the kernel when memory is out.

use std::time::Duration;

use super::stack::Stack;
use super::table::Row;

/// Each once, under load; the next when the one before is back.
pub async fn each_in_turn(stack: &mut Stack) -> Row {
    let killed = async |stack: &mut Stack| {
        for number in 0..stack.processes.count() {
            stack.processes.kill(number);
            tokio::time::sleep(Duration::from_secs(1)).await;
            stack.launch(number);
        }
    };
    stack.under("each process killed (kill -9) in turn", killed).await
}
