//! The rest of a trip, from where the visitor is now.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::error::PlanError;
use super::request::{Place, PlanRequest};
use crate::domain::ids::RecordId;

/// From where and when a trip goes on.
#[derive(Clone, Debug)]
pub struct Here {
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub place: Place,
    /// Places and events that are done, or no longer wanted.
    pub done: Vec<RecordId>,
}

impl PlanRequest {
    /// The same wishes for the rest of the trip, without what is done; what was `planned` is kept where it can be. `zones` are those of
    /// the days. Fails when the trip is over by then.
    pub fn from_here(mut self, here: Here, planned: Vec<RecordId>, zones: &[Tz]) -> Result<Self, PlanError> {
        let local = |zone: &Tz| zone.from_utc_datetime(&here.at.naive_utc()).naive_local();
        let first = self.days.iter().zip(zones).position(|(day, zone)| day.date >= local(zone).date()).ok_or(PlanError::Over)?;
        let now = local(&zones[first]);
        self.days.drain(..first);
        if let Some(today) = self.days.first_mut().filter(|day| day.date == now.date()) {
            today.start = here.place;
            today.start_time = today.start_time.max(now.time());
            if today.end_time <= now.time() {
                self.days.remove(0);
            }
        }
        if self.days.is_empty() {
            return Err(PlanError::Over);
        }
        self.must_see.retain(|id| !here.done.contains(id));
        self.keep = planned.into_iter().filter(|id| !here.done.contains(id)).collect();
        self.done.extend(here.done);
        Ok(self)
    }
}
