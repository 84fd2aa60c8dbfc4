//! Places and lists of places.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::category::Category;
use super::city::{City, Municipality};
use super::enums::AccessibilityProfile;
use super::event_lists::{EventOccurrenceConnection, EventQuestion};
use super::facts::{AccessRule, AccessibilityVerdict, Address, Contact, Image, Location, Price, Provenance, Season};
use super::opening_hours::OpeningHours;
use super::page::PageInfo;
use super::text::{self, LocalizedText};
use crate::catalogue::filter::PlaceFilter;
use crate::catalogue::happenings::EventFilter;
use crate::catalogue::page::{Fingerprint, PageRequest, SortKey, Taken, encode};
use crate::catalogue::places::{Near, PlaceEntry, PlaceList, PlaceOrder, PlaceQuery};
use crate::catalogue::shard::CityShard;
use crate::catalogue::snapshot::Snapshot;
use crate::domain::accessibility;
use crate::domain::point_of_interest::{self as domain, Particulars};
use crate::graphql::context;
use crate::graphql::directives::{Cost, List, Paged, Sliced};
use crate::graphql::failure::Failure;
use crate::graphql::flat::FlatList;
use crate::graphql::node::GlobalId;
use crate::graphql::query::inputs::PointOfInterestFilter;
use crate::graphql::scalars::{Duration, Instant, Language};

/// A place worth a visit, or needed for one.
#[derive(Clone)]
pub struct PointOfInterest {
    shard: Arc<CityShard>,
    number: usize,
}

impl PointOfInterest {
    /// The place of that number in that shard of the snapshot; `None` when there is none.
    pub fn of(snapshot: &Snapshot, shard: usize, number: u32) -> Option<Self> {
        let shard = Arc::clone(snapshot.shards.get(shard)?);
        let number = number as usize;
        shard.places.get(number)?;
        Some(Self { shard, number })
    }

    /// The record.
    pub fn record(&self) -> &domain::PointOfInterest {
        // `of` checked the number, and a shard never changes.
        &self.shard.places[self.number]
    }

    /// The destination that offers it.
    pub fn destination(&self) -> City {
        City(Arc::clone(&self.shard))
    }

    /// What kind of place it is.
    pub fn kind(&self) -> Category {
        Category::new(Arc::clone(&self.shard.categories), self.record().category)
    }

    /// What few places have.
    pub fn particulars(&self) -> &Particulars {
        self.record().particulars.as_deref().unwrap_or(&domain::NO_PARTICULARS)
    }
}

/// A place worth a visit, or needed for one: schema.org `TouristAttraction`, `LodgingBusiness`, `FoodEstablishment`… by category.
#[Object]
impl PointOfInterest {
    /// Opaque global id; never reused.
    pub async fn id(&self) -> ID {
        GlobalId::PointOfInterest(self.record().id).encode()
    }

    /// Address in links, unique among places.
    async fn slug(&self) -> &str {
        &self.record().slug
    }

    /// The destination that offers it.
    async fn city(&self) -> City {
        self.destination()
    }

    /// The municipality whose boundary holds it, which may be another than the city's; null when no known boundary does.
    async fn municipality(&self, context: &Context<'_>) -> Option<Municipality> {
        context::of(context).snapshot.reference.municipality(self.record().municipality?).map(Into::into)
    }

    /// What kind of place it is.
    async fn category(&self) -> Category {
        self.kind()
    }

    /// Name.
    async fn name(&self, context: &Context<'_>, language: Option<Language>) -> LocalizedText {
        text::name(&self.record().texts, &context::languages(context, language))
    }

    /// One sentence.
    async fn summary(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::summary(&self.record().texts, &context::languages(context, language))
    }

    /// A few sentences.
    async fn description(&self, context: &Context<'_>, language: Option<Language>) -> Option<LocalizedText> {
        text::description(&self.record().texts, &context::languages(context, language))
    }

    /// Where it is.
    async fn location(&self) -> Location {
        self.record().position.into()
    }

    /// Postal address; null when unknown.
    async fn address(&self) -> Option<Address> {
        self.particulars().address.as_ref().map(Into::into)
    }

    /// How to reach it; null when unknown.
    async fn contact(&self) -> Option<Contact> {
        self.particulars().contact.as_ref().map(Into::into)
    }

    /// IANA zone of its opening hours.
    async fn time_zone(&self) -> &str {
        self.record().time_zone.name()
    }

    /// Whether it is open `at` that instant; now, when absent.
    #[graphql(directive = Cost::apply(5))]
    async fn opening_hours(&self, context: &Context<'_>, at: Option<Instant>) -> Result<OpeningHours, Failure> {
        OpeningHours::of(self.clone(), at.map_or(context::of(context).now, Instant::utc), &context::budget(context))
    }

    /// What decides whether a visit is possible; empty when no rule is known.
    #[graphql(directive = List::apply(3))]
    async fn access_rules(&self) -> Vec<AccessRule> {
        self.particulars().access_rules.iter().map(Into::into).collect()
    }

    /// When in the year a visit is possible; null when all the year or unknown.
    async fn season(&self) -> Option<Season> {
        self.record().season.as_ref().map(Into::into)
    }

    /// Prices with their dates; empty when unknown.
    #[graphql(directive = List::apply(3))]
    async fn prices(&self) -> Vec<Price> {
        self.particulars().prices.iter().cloned().map(Price).collect()
    }

    /// Whether one enters without paying; null when unknown.
    async fn is_accessible_for_free(&self) -> Option<bool> {
        self.record().is_accessible_for_free
    }

    /// Whether a visitor of the profile can visit.
    async fn accessibility(
        &self,
        context: &Context<'_>,
        #[graphql(default_with = "AccessibilityProfile::Wheelchair")] profile: AccessibilityProfile,
    ) -> AccessibilityVerdict {
        let features = &self.record().accessibility;
        let wanted: accessibility::AccessibilityProfile = profile.into();
        let (verdict, decided_by) = context::of(context).snapshot.reference.profiles.verdict(wanted, features);
        AccessibilityVerdict {
            profile,
            verdict: verdict.into(),
            decided_by: decided_by.map(Into::into),
            features: features.iter().map(Into::into).collect(),
        }
    }

    /// How long a visit takes; null when no source says so.
    async fn typical_visit(&self) -> Option<Duration> {
        self.particulars().typical_visit_minutes.map(Duration::minutes)
    }

    /// Images in order, from 1 to 20.
    #[graphql(directive = Sliced::apply(5, &["first"]))]
    async fn images(&self, #[graphql(default = 5)] first: i32) -> Result<Vec<Image>, Failure> {
        let first = usize::try_from(first).ok().filter(|first| (1..=20).contains(first));
        let first = first.ok_or_else(|| Failure::new(crate::graphql::failure::Code::BadPage, "`first` is from 1 to 20"))?;
        Ok(self.particulars().images.iter().take(first).cloned().map(Image).collect())
    }

    /// The line to show beside the place: whom to credit, under which licence.
    async fn attribution_text(&self, context: &Context<'_>, language: Option<Language>) -> String {
        let provenance = &self.record().provenance;
        let table = &context::of(context).snapshot.reference.licences;
        provenance.rights.attribution(&provenance.source, table, &context::languages(context, language))
    }

    /// Where the facts come from and how sure they are.
    async fn provenance(&self, context: &Context<'_>) -> Provenance {
        Provenance::of(&self.record().provenance, &context::of(context).snapshot.reference.licences)
    }

    /// Other places, nearest first.
    #[graphql(directive = Cost::apply(10), directive = Paged::apply(10, &["first"], &["edges", "nodes"]))]
    async fn nearby(
        &self,
        context: &Context<'_>,
        #[graphql(default = 10)] first: i32,
        r#where: Option<PointOfInterestFilter>,
    ) -> Result<Option<PointOfInterestConnection>, Failure> {
        let filter = r#where.map(PointOfInterestFilter::resolve).transpose()?.unwrap_or_default();
        let near = Near { centre: self.record().position, radius: None };
        PointOfInterestConnection::nearby(context, filter, near, i64::from(first), self.record().id).map(Some)
    }

    /// What takes place here from `from` (now) to `to` (a year later), by start.
    #[graphql(directive = Cost::apply(20), directive = Paged::apply(20, &["first"], &["edges", "nodes"]))]
    async fn events(
        &self,
        context: &Context<'_>,
        from: Option<Instant>,
        to: Option<Instant>,
        #[graphql(default = 20)] first: i32,
    ) -> Result<Option<EventOccurrenceConnection>, Failure> {
        let filter = EventFilter { venue: Some(self.record().id), ..EventFilter::default() };
        let request = PageRequest { first: Some(i64::from(first)), ..PageRequest::default() };
        let asked = (from.map(Instant::utc), to.map(Instant::utc));
        let question = EventQuestion::new(filter, None, asked, context::of(context).now)?;
        EventOccurrenceConnection::list(context, &question, &request).map(Some)
    }
}

/// A page of places.
pub struct PointOfInterestConnection {
    question: Question,
    snapshot: Arc<Snapshot>,
    taken: Taken<PlaceEntry>,
    fingerprint: Fingerprint,
}

/// What a list of places was asked for, kept for its count.
pub struct Question {
    /// Which.
    pub filter: PlaceFilter,
    /// Around where.
    pub near: Option<Near>,
    /// In which order.
    pub order: Option<PlaceOrder>,
    /// A place that is left out.
    pub except: Option<crate::domain::ids::RecordId>,
}

impl Question {
    fn fingerprint(&self) -> Fingerprint {
        let near = self.near.map(|near| near.bits());
        Fingerprint::of("pointsOfInterest", &(&self.filter, near, self.order, self.except.map(|id| id.0)))
    }

    fn query(&self) -> PlaceQuery<'_> {
        PlaceQuery { filter: &self.filter, near: self.near, order: self.order }
    }
}

impl PointOfInterestConnection {
    /// A page of the list.
    pub fn list(context: &Context<'_>, question: Question, request: &PageRequest) -> Result<Self, Failure> {
        let snapshot = Arc::clone(&context::of(context).snapshot);
        let fingerprint = question.fingerprint();
        let page = request.resolve(fingerprint)?;
        let budget = context::budget(context);
        let taken = PlaceList::new(&question.query(), &snapshot, &budget)?.page(&page)?;
        Ok(Self { question, snapshot, taken, fingerprint })
    }

    fn nearby(
        context: &Context<'_>,
        filter: PlaceFilter,
        near: Near,
        first: i64,
        except: crate::domain::ids::RecordId,
    ) -> Result<Self, Failure> {
        // Nearest first also along a line, whose own order would be progress.
        let question = Question { filter, near: Some(near), order: Some(PlaceOrder::Distance), except: Some(except) };
        let snapshot = Arc::clone(&context::of(context).snapshot);
        let fingerprint = question.fingerprint();
        let mut page = PageRequest { first: Some(first), ..PageRequest::default() }.resolve(fingerprint)?;
        let wanted = page.limit;
        // One more, because the place itself is the nearest of all.
        page.limit += 1;
        let budget = context::budget(context);
        let mut taken = PlaceList::new(&question.query(), &snapshot, &budget)?.page(&page)?;
        taken.entries.retain(|(key, _)| key.id != except);
        taken.has_next_page |= taken.entries.len() > wanted;
        taken.entries.truncate(wanted);
        Ok(Self { question, snapshot, taken, fingerprint })
    }
}

/// A page of places (Relay).
#[Object]
impl PointOfInterestConnection {
    /// The places with what the list knows of each.
    async fn edges(&self) -> FlatList<PointOfInterestEdge> {
        let edge = |(key, entry): &(SortKey, PlaceEntry)| {
            let node = PointOfInterest::of(&self.snapshot, entry.shard, entry.number)?;
            Some(PointOfInterestEdge { node, key: key.clone(), fingerprint: self.fingerprint, entry: *entry })
        };
        FlatList(self.taken.entries.iter().filter_map(edge).collect())
    }

    /// The places alone.
    async fn nodes(&self) -> FlatList<PointOfInterest> {
        let node = |(_, entry): &(SortKey, PlaceEntry)| PointOfInterest::of(&self.snapshot, entry.shard, entry.number);
        FlatList(self.taken.entries.iter().filter_map(node).collect())
    }

    /// Where the page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo::of(&self.taken, self.fingerprint)
    }

    /// How many places the whole list has; computed only when asked for.
    #[graphql(directive = Cost::apply(500))]
    async fn total_count(&self, context: &Context<'_>) -> Result<Option<usize>, Failure> {
        let budget = context::budget(context);
        Ok(Some(PlaceList::new(&self.question.query(), &self.snapshot, &budget)?.count(self.question.except)?))
    }
}

/// A place in a list.
pub struct PointOfInterestEdge {
    pub(super) node: PointOfInterest,
    pub(super) key: SortKey,
    pub(super) fingerprint: Fingerprint,
    pub(super) entry: PlaceEntry,
}

/// A place in a list (Relay).
#[Object]
impl PointOfInterestEdge {
    /// The place.
    async fn node(&self) -> &PointOfInterest {
        &self.node
    }

    /// Its cursor.
    async fn cursor(&self) -> String {
        encode(&self.key, self.fingerprint)
    }

    /// Geodesic metres from `near` or, without it, from the line of `alongRoute`; null without either.
    async fn distance_meters(&self) -> Option<f64> {
        self.entry.distance
    }

    /// Metres along the line of `alongRoute`; null without it.
    async fn progress_meters(&self) -> Option<f64> {
        self.entry.progress
    }
}
