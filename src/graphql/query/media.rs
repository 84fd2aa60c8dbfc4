//! Questions for images that editors sent.

use async_graphql::{Context, Object};
use chrono::DateTime;

use super::drafts::city_of;
use crate::catalogue::page::{Fingerprint, PageRequest};
use crate::domain::ids::MediaAssetId;
use crate::graphql::context;
use crate::graphql::directives::{Cost, Paged};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::media::MediaAssetConnection;
use crate::identity::rights::Operation;

/// Questions for images that editors sent.
#[derive(Default)]
pub struct MediaQuery;

#[Object]
impl MediaQuery {
    /// The images of a city, those sent last first, a page at a time: `first` from 1 to 100, 20 when absent. For those who may read
    /// the city's drafts.
    #[graphql(directive = Cost::apply(50), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn media_assets(
        &self,
        context: &Context<'_>,
        city: String,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Option<MediaAssetConnection>, Failure> {
        let fingerprint = Fingerprint::of("mediaAssets", &city);
        let permit = context::permit(context, Operation::MediaAssets, city_of(context, &city)?).await?;
        let page = PageRequest { first: first.map(Into::into), after, ..PageRequest::default() }.resolve(fingerprint)?;
        let after = page.after.map(|key| {
            let at = DateTime::from_timestamp_millis(-key.number as i64);
            at.map(|at| (at, MediaAssetId(key.id.0))).ok_or_else(|| Failure::new(Code::BadCursor, "this cursor is of no list"))
        });
        let (after, limit) = (after.transpose()?, page.limit);
        let assets = context::of(context).media.assets(&permit, after, limit as u64 + 1).await?;
        Ok(Some(MediaAssetConnection::of(assets, limit, after.is_none(), fingerprint)))
    }
}
