//! Redis, which wakes the others, shares plans and counts writes, and without which all of that goes on more slowly.

use std::time::Duration;

use super::stack::Stack;
use super::table::Row;

/// How long each trouble lasts.
const TROUBLE: Duration = Duration::from_secs(5);

/// It is gone, and comes back empty.
pub async fn stopped(stack: &mut Stack) -> Row {
    let gone = async |stack: &mut Stack| {
        stack.redis.kill();
        tokio::time::sleep(TROUBLE).await;
        tokio::task::block_in_place(|| stack.redis.start());
    };
    stack.under("Redis stopped for 5 s", gone).await
}

/// Everything in it goes, again and again.
pub async fn emptied(stack: &mut Stack) -> Row {
    let emptied = async |stack: &mut Stack| {
        for _ in 0..10 {
            stack.redis.say("FLUSHALL");
            tokio::time::sleep(TROUBLE / 10).await;
        }
    };
    stack.under("Redis emptied ten times", emptied).await
}

/// It takes connections and answers nothing.
pub async fn paused(stack: &mut Stack) -> Row {
    let paused = async |stack: &mut Stack| {
        stack.redis.signal("-STOP");
        tokio::time::sleep(TROUBLE).await;
        stack.redis.signal("-CONT");
    };
    stack.under("Redis frozen for 5 s (SIGSTOP)", paused).await
}

/// It takes its time.
pub async fn slow(stack: &mut Stack) -> Row {
    let slow = async |stack: &mut Stack| {
        stack.redis_line.slow(Duration::from_millis(400));
        tokio::time::sleep(TROUBLE).await;
        stack.redis_line.slow(Duration::ZERO);
    };
    stack.under("Redis slow: 0.4 s an answer for 5 s", slow).await
}

/// It takes nothing more.
pub async fn full(stack: &mut Stack) -> Row {
    let full = async |stack: &mut Stack| {
        stack.redis.say("CONFIG SET maxmemory-policy noeviction");
        stack.redis.say("CONFIG SET maxmemory 1");
        tokio::time::sleep(TROUBLE).await;
        stack.redis.say("CONFIG SET maxmemory 0");
    };
    stack.under("Redis full for 5 s (maxmemory)", full).await
}
