//! Whether an answer is for one asker alone, so that no cache may keep it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::Context;

/// A mark on the request being answered. The HTTP face puts one into every request and looks at it afterwards.
#[derive(Clone, Debug, Default)]
pub struct Personal(Arc<AtomicBool>);

impl Personal {
    /// Marks the answer to this request.
    pub fn mark(context: &Context<'_>) {
        if let Some(personal) = context.data_opt::<Self>() {
            personal.0.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the answer was marked.
    pub fn is_marked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
