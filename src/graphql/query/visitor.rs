//! What is kept of the visitor who asks.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::context;
use crate::graphql::failure::Failure;
use crate::graphql::scalars::Instant;

/// What is kept of the visitor who asks.
#[derive(Default)]
pub struct VisitorQuery;

/// All that is kept of a visitor.
#[derive(SimpleObject)]
pub struct DataExport {
    /// When it was gathered.
    exported_at: Instant,
    /// Everything, as a text that is one JSON object: sessions, trips with every kept version of each, the
    /// links to them, and transfer codes.
    document: String,
}

#[Object]
impl VisitorQuery {
    /// All that is kept of you, to take along (LGPD, art. 18). Nothing else is known: no name, no address, no device.
    async fn export_my_data(&self, context: &Context<'_>) -> Result<DataExport, Failure> {
        let (owner, asked) = (context::visitor(context).await?, context::of(context));
        let document = asked.saved.export_all(owner, asked.now).await?;
        Ok(DataExport { exported_at: Instant(asked.now.into()), document: document.to_string() })
    }
}
