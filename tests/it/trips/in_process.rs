//! Requests as the room of trips takes them, without the way over HTTP.

use roteiro::domain::geo::Position;
use roteiro::travel::TravelMode;
use roteiro::trips::plan::request::{DayRequest, Pace, Place, PlanRequest, Unknown};

/// A Saturday in Cuiabá over the places of this city, with no wish at all.
pub fn request(city: &str, seed: u64) -> PlanRequest {
    let place = Place { position: Position::new(-15.596, -56.097).unwrap(), record: None };
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let day = DayRequest {
        date: chrono::NaiveDate::from_ymd_opt(2026, 12, 12).unwrap(),
        start_time: time(8),
        end_time: time(19),
        start: place,
        end: place,
        mode: TravelMode::Car,
    };
    PlanRequest {
        cities: vec![city.into()],
        days: vec![day],
        interests: Vec::new(),
        must_see: Vec::new(),
        avoid: Vec::new(),
        limits: Vec::new(),
        lunch: None,
        accessible_for: Vec::new(),
        accessible_unknown: Unknown::AllowWithWarning,
        unknown_hours: Unknown::AllowWithWarning,
        youngest_age: None,
        four_wheel_drive: false,
        booked_at: None,
        budget_cents: None,
        people: 1,
        walking_limit_metres: None,
        pace: Pace::Moderate,
        seed,
        done: Vec::new(),
        keep: Vec::new(),
    }
}
