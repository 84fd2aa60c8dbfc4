//! The snapshot a request is answered from. A query keeps the one it began with; after a mutation has changed the catalogue, what
//! follows in the same request is answered from a snapshot that holds the change.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::catalogue::holder::Holder;
use crate::catalogue::snapshot::Snapshot;

/// A snapshot that stays while fields read it. Reads give the latest one it was renewed with.
pub struct Pinned {
    holder: Arc<Holder>,
    first: Link,
}

/// Snapshots are added and none is taken away, so that a borrowed one lives as long as the request. A request has few mutations.
struct Link {
    snapshot: Arc<Snapshot>,
    next: OnceLock<Box<Link>>,
}

impl Link {
    const fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, next: OnceLock::new() }
    }

    fn last(&self) -> &Self {
        let mut link = self;
        while let Some(next) = link.next.get() {
            link = next;
        }
        link
    }
}

impl Pinned {
    /// Pins the snapshot of now.
    pub fn new(holder: Arc<Holder>) -> Self {
        Self { first: Link::new(holder.current()), holder }
    }

    /// Pins the snapshot of now in its place. Mutations run one after the other, each with all of its payload, so no field sees two.
    pub fn renew(&self) {
        let (last, current) = (self.first.last(), self.holder.current());
        if !Arc::ptr_eq(&last.snapshot, &current) {
            // When another was faster, its snapshot is as new.
            let _ = last.next.set(Box::new(Link::new(current)));
        }
    }
}

impl Deref for Pinned {
    type Target = Arc<Snapshot>;

    fn deref(&self) -> &Arc<Snapshot> {
        &self.first.last().snapshot
    }
}
