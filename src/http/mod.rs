//! The HTTP face: GraphQL over HTTP to the letter of its specification, the pages for people, health for machines.

pub mod answer;
pub mod documents;
pub mod graphql;
pub mod health;
pub mod negotiate;
pub mod pages;
pub mod server;

use std::sync::Arc;

use crate::catalogue::holder::Holder;
use crate::clock::Clock;
use crate::graphql::context::RequestContext;
use crate::graphql::schema::{ApiSchema, schema};

/// What every handler needs.
pub struct Face {
    /// The schema.
    pub schema: ApiSchema,
    /// The current snapshot.
    pub holder: Arc<Holder>,
    /// Where "now" comes from.
    pub clock: Clock,
    /// Documents parsed before.
    pub documents: documents::Documents,
}

impl Face {
    /// A face over the holder.
    pub fn new(holder: Arc<Holder>, clock: Clock) -> Self {
        Self { schema: schema(), holder, clock, documents: documents::Documents::default() }
    }

    /// The context of a request: the snapshot it is answered from is pinned here.
    pub fn request_context(&self, preferences: crate::domain::text::Preferences) -> RequestContext {
        RequestContext { snapshot: self.holder.current(), freshness: self.holder.freshness(), now: self.clock.now(), preferences }
    }
}
