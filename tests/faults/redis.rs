//! Redis goes away, forgets, hangs, dawdles and is full: it costs moments, and nothing that was acknowledged.

use std::time::{Duration, Instant};

use super::row::Row;
use super::stack::Stack;

/// How long each lasts, beside a publish that is seen meanwhile.
const WHILE: Duration = Duration::from_secs(3);

/// Killed with everything it held; its port refuses connections.
pub async fn stopped(stack: &mut Stack) -> Row {
    stack
        .play("Redis stopped", async |stack, scene| {
            stack.redis.kill();
            stack.to_redis.refuse();
            tokio::time::sleep(WHILE).await;
            scene.publish_meanwhile().await;
            stack.redis.resume();
            stack.to_redis.heal();
            Instant::now()
        })
        .await
}

/// Emptied again and again.
pub async fn emptied(stack: &mut Stack) -> Row {
    stack
        .play("Redis emptied", async |stack, scene| {
            let begun = Instant::now();
            while begun.elapsed() < WHILE {
                stack.redis.empty();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            scene.publish_meanwhile().await;
            stack.redis.empty();
            Instant::now()
        })
        .await
}

/// Held: connections stay, and nothing comes back.
pub async fn paused(stack: &mut Stack) -> Row {
    stack
        .play("Redis paused", async |stack, scene| {
            stack.redis.hold();
            tokio::time::sleep(WHILE).await;
            scene.publish_meanwhile().await;
            stack.redis.go_on();
            Instant::now()
        })
        .await
}

/// Slow: somewhat, so that some wait for it, and then more than anybody waits.
pub async fn slow(stack: &mut Stack) -> Row {
    stack
        .play("Redis slow", async |stack, scene| {
            for delay in [60, 600] {
                stack.to_redis.slow(Duration::from_millis(delay));
                tokio::time::sleep(WHILE).await;
                scene.publish_meanwhile().await;
            }
            stack.to_redis.slow(Duration::ZERO);
            Instant::now()
        })
        .await
}

/// Full: it takes nothing more.
pub async fn full(stack: &mut Stack) -> Row {
    stack
        .play("Redis full", async |stack, scene| {
            stack.redis.bound(1);
            scene.claim(!stack.redis.takes(), "Redis is full");
            tokio::time::sleep(WHILE).await;
            scene.publish_meanwhile().await;
            stack.redis.bound(0);
            scene.claim(stack.redis.takes(), "Redis has space again");
            Instant::now()
        })
        .await
}
