//! Whether the links that records hold still lead somewhere. Whoever enters a link makes this program ask an address, so it asks none
//! that only it can reach: no private network, and none by way of a redirect either.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};

use super::reach::Reach;
use crate::catalogue::shard::CityShard;
use crate::domain::event::Event;
use crate::domain::ids::RecordId;
use crate::domain::media::Image;
use crate::domain::point_of_interest::PointOfInterest;
use crate::domain::route::Route;
use crate::store::links::LinkOutcome;

/// How long an address may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// What the program calls itself to the sites it asks.
const AGENT: &str = concat!("roteiro/", env!("CARGO_PKG_VERSION"), " (link check)");

/// The links of a published record.
pub fn of_place(place: &PointOfInterest) -> impl Iterator<Item = &str> {
    let particulars = place.particulars.as_deref();
    let contact = particulars.and_then(|known| known.contact.as_ref()?.url.as_deref());
    let images = particulars.map_or(&[][..], |known| &known.images);
    contact.into_iter().chain(place.provenance.same_as.iter().map(|url| &**url)).chain(of_images(images)).filter(|url| is_link(url))
}

/// The links of a published event.
pub fn of_event(event: &Event) -> impl Iterator<Item = &str> {
    event.provenance.same_as.iter().map(|url| &**url).chain(of_images(&event.images)).filter(|url| is_link(url))
}

/// The links of a published route.
pub fn of_route(route: &Route) -> impl Iterator<Item = &str> {
    route.provenance.same_as.iter().map(|url| &**url).chain(of_images(&route.images)).filter(|url| is_link(url))
}

fn of_images(images: &[Image]) -> impl Iterator<Item = &str> {
    images.iter().map(|image| &*image.url)
}

/// Images of ours have a path alone.
fn is_link(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// Every link of a city with the records that hold it.
pub fn of_city(shard: &CityShard) -> Vec<(&str, RecordId)> {
    let places = shard.places.iter().flat_map(|place| of_place(place).map(|url| (url, place.id)));
    let events = shard.events.iter().flat_map(|event| of_event(event).map(|url| (url, event.id)));
    let routes = shard.routes.iter().flat_map(|route| of_route(route).map(|url| (url, route.id)));
    places.chain(events).chain(routes).collect()
}

/// What came of asking an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// This much is known of it.
    Outcome(LinkOutcome),
    /// No host of that name was found: there is none, or whoever knows names could not be asked.
    NoName,
}

/// Whether the address names its host, so that the name had to be found.
pub fn names_its_host(url: &str) -> bool {
    Url::parse(url).is_ok_and(|address| address.domain().is_some())
}

/// Asks an address whether it leads somewhere.
pub async fn check(url: &str, reach: Reach) -> Found {
    let Ok(mut address) = Url::parse(url) else { return Found::Outcome(LinkOutcome::Broken) };
    for _ in 0..=MOST_REDIRECTS {
        let answer = match ask(&address, reach).await {
            Ok(answer) => answer,
            Err(found) => return found,
        };
        if !answer.status().is_redirection() {
            return Found::Outcome(outcome(answer.status()));
        }
        let next = answer.headers().get(reqwest::header::LOCATION).and_then(|location| location.to_str().ok());
        match next.and_then(|next| address.join(next).ok()) {
            Some(next) => address = next,
            None => return Found::Outcome(LinkOutcome::Broken),
        }
    }
    Found::Outcome(LinkOutcome::Broken)
}

/// Only these say that nothing is there. A site that refuses programs, or is overloaded, says nothing about its page.
fn outcome(status: StatusCode) -> LinkOutcome {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => LinkOutcome::Broken,
        status if status.is_success() => LinkOutcome::Works,
        _ => LinkOutcome::Unsure,
    }
}

async fn ask(address: &Url, reach: Reach) -> Result<Response, Found> {
    let broken = || Found::Outcome(LinkOutcome::Broken);
    let is_web = matches!(address.scheme(), "http" | "https");
    let host = address.host_str().filter(|_| is_web).ok_or_else(broken)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = address.port_or_known_default().unwrap_or(443);
    let found: BTreeSet<SocketAddr> = tokio::net::lookup_host((bare, port)).await.map_err(|_| Found::NoName)?.collect();
    let allowed: Vec<SocketAddr> = found.into_iter().filter(|found| reach.allows_host(found.ip())).collect();
    if allowed.is_empty() {
        return Err(broken());
    }
    if !allowed.iter().all(|address| reach.allows(*address)) {
        // A site that is not on a port of the web is not asked, so nothing is known of it.
        return Err(Found::Outcome(LinkOutcome::Unsure));
    }
    // The very addresses that were looked at are asked, so that no name can mean another one a moment later.
    let client = Client::builder()
        .user_agent(AGENT)
        .redirect(Policy::none())
        .timeout(TIMEOUT)
        .no_proxy()
        .resolve_to_addrs(bare, &allowed)
        .build()
        .map_err(|_| Found::Outcome(LinkOutcome::Unsure))?;
    // Some sites know no HEAD; of the body of a GET nothing is read.
    client.get(address.clone()).send().await.map_err(|_| Found::Outcome(LinkOutcome::Unsure))
}
