//! Verifies a plan from its answer alone: times, legs, opening hours as the API tells them day by day, limits, rules of access,
//! nothing twice, and what was insisted on kept or explained. It shares no code with the server.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::on_the_way::{Spot, leg_faults, spot};
use crate::support::TestServer;

pub type Instant = DateTime<FixedOffset>;

pub fn instant(value: &Value) -> Instant {
    DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap()
}

/// Seconds of an ISO 8601 duration of hours, minutes and seconds.
pub fn seconds(value: &Value) -> i64 {
    let mut sum = 0;
    let mut number = String::new();
    for letter in value.as_str().unwrap().trim_start_matches("PT").chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let unit = [('H', 3_600), ('M', 60), ('S', 1)].iter().find(|(name, _)| *name == letter).unwrap().1;
        sum += std::mem::take(&mut number).parse::<i64>().unwrap() * unit;
    }
    sum
}

fn time(value: &Value, usual: &str) -> NaiveTime {
    NaiveTime::parse_from_str(value.as_str().unwrap_or(usual), "%H:%M").unwrap()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

fn has_code(of: &Value, name: &str, code: &str) -> bool {
    list(of, name).iter().any(|one| one["code"] == code)
}

/// The category of a stop and all above it.
fn lineage(stop: &Value) -> Vec<&str> {
    let subject = &stop["subject"];
    let mut next = if subject["event"].is_object() { &subject["event"]["category"] } else { &subject["category"] };
    let mut slugs = Vec::new();
    while let Some(slug) = next["slug"].as_str() {
        slugs.push(slug);
        next = &next["parent"];
    }
    slugs
}

/// What is wrong with the plan for the request; nothing, when it is right.
pub async fn faults(server: &TestServer, request: &Value, plan: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let (days, asked) = (list(plan, "days"), list(request, "days"));
    if days.len() != asked.len() {
        faults.push("not a day for each asked".to_owned());
    }
    let score: f64 = days.iter().flat_map(|day| list(day, "stops")).map(|stop| stop["score"].as_f64().unwrap()).sum();
    if plan["score"].as_f64() != Some(score) {
        faults.push(format!("the stops are worth {score}, the plan says {}", plan["score"]));
    }
    if plan["solver"]["bound"].as_f64().unwrap() < score {
        faults.push(format!("{score} is above the bound {}", plan["solver"]["bound"]));
    }
    let hours = Hours::of(server, days).await;
    let mut seen = BTreeSet::new();
    for (number, (day, asked)) in days.iter().zip(asked).enumerate() {
        let mut fault = |what: String| faults.push(format!("day {number}: {what}"));
        day_faults(request, day, asked, plan).into_iter().for_each(&mut fault);
        for (index, stop) in list(day, "stops").iter().enumerate() {
            let name = stop["subjectId"].as_str().unwrap().to_owned();
            if !seen.insert(stop["subject"]["event"]["id"].as_str().map_or(name.clone(), ToOwned::to_owned)) {
                fault(format!("{name} twice"));
            }
            stop_faults(request, stop, day).into_iter().for_each(&mut fault);
            if stop["subject"]["__typename"] == "PointOfInterest"
                && let Some(why) = hours.fault(request, stop, number, index)
            {
                fault(format!("{}: {why}", stop["subject"]["slug"]));
            }
        }
    }
    faults.extend(limit_faults(request, plan));
    faults.extend(must_see_faults(request, plan, &seen));
    faults.extend(budget_fault(request, days));
    faults
}

/// Times, legs, pace and lunch of one day.
fn day_faults(request: &Value, day: &Value, asked: &Value, plan: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(what);
    if day["date"] != asked["date"] {
        fault("another date".to_owned());
    }
    let date: NaiveDate = day["date"].as_str().unwrap().parse().unwrap();
    let (depart, arrive) = (instant(&day["departAt"]), instant(&day["arriveAt"]));
    if depart.naive_local() < date.and_time(time(&asked["startTime"], "08:30")) {
        fault("it begins too early".to_owned());
    }
    if arrive.naive_local() > date.and_time(time(&asked["endTime"], "18:30")) {
        fault(format!("it ends too late, at {arrive}"));
    }
    let (stops, legs) = (list(day, "stops"), list(day, "legs"));
    let cannot =
        list(plan, "warnings").iter().any(|warning| warning["code"] == "DAY_CANNOT_BE_TRAVELLED" && warning["date"] == day["date"]);
    let stands_still = stops.is_empty() && depart == arrive && cannot;
    if legs.len() != stops.len() + 1 && !(stands_still && legs.is_empty()) {
        fault(format!("{} legs for {} stops", legs.len(), stops.len()));
        return faults;
    }
    if !legs.is_empty() {
        let end = if asked["end"].is_null() { &asked["start"] } else { &asked["end"] };
        let mut spots = vec![Spot { at: spot(&asked["start"]), arrive: depart, leave: depart }];
        spots.extend(stops.iter().map(|stop| Spot {
            at: stop["subject"]["location"].is_object().then(|| spot(&stop["subject"])).flatten(),
            arrive: instant(&stop["arrive"]),
            leave: instant(&stop["depart"]),
        }));
        spots.push(Spot { at: spot(end), arrive, leave: arrive });
        leg_faults(legs, &spots, asked["mode"].as_str().unwrap_or("CAR")).into_iter().for_each(&mut fault);
    }
    let walked: f64 = legs.iter().filter(|leg| leg["mode"] == "WALK").map(|leg| leg["distanceMeters"].as_f64().unwrap()).sum();
    if (walked - day["walkedMeters"].as_f64().unwrap()).abs() > 0.5 {
        fault(format!("{walked} m on foot, it says {}", day["walkedMeters"]));
    }
    if request["walkingLimitMeters"].as_f64().is_some_and(|limit| walked > limit) {
        fault(format!("{walked} m on foot"));
    }
    let most = match request["pace"].as_str() {
        Some("RELAXED") => 4,
        Some("INTENSE") => usize::MAX,
        _ => 6,
    };
    if stops.len() > most {
        fault(format!("{} stops", stops.len()));
    }
    lunch_faults(request, day, asked, plan).into_iter().for_each(&mut fault);
    faults
}

/// What is wrong with one stop, its opening hours aside.
fn stop_faults(request: &Value, stop: &Value, day: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(what);
    let (came, start, left) = (instant(&stop["arrive"]), instant(&stop["start"]), instant(&stop["depart"]));
    let (name, subject) = (stop["subjectId"].as_str().unwrap(), &stop["subject"]);
    if start < came || left <= start || start - came != Duration::seconds(seconds(&stop["wait"])) {
        fault(format!("times of {name}: {came} {start} {left}"));
    }
    if subject["__typename"] == "PointOfInterest" {
        place_faults(request, stop, day["date"].as_str().unwrap().parse().unwrap()).into_iter().for_each(&mut fault);
    } else {
        let is_on = instant(&subject["start"]) <= start && subject["end"].as_str().is_none_or(|_| instant(&subject["end"]) >= left);
        if !is_on || subject["status"] != "SCHEDULED" {
            fault(format!("{name} is visited when it does not take place"));
        }
    }
    let record = if subject["event"].is_object() { &subject["event"] } else { subject };
    if list(request, "avoid").contains(&record["id"]) {
        fault(format!("{name} was to be avoided"));
    }
    if !list(request, "cities").contains(&record["city"]["slug"]) {
        fault(format!("{name} is of another city"));
    }
    if list(stop, "reasons").is_empty() {
        fault(format!("{name} has no reason"));
    }
    faults
}

/// Lunches at another time than wanted, at no table, more than one, or none and nobody says so.
fn lunch_faults(request: &Value, day: &Value, asked: &Value, plan: &Value) -> Vec<String> {
    let stops = list(day, "stops").iter().filter(|stop| has_code(stop, "reasons", "LUNCH"));
    let lunches: Vec<(NaiveTime, &Value)> = stops.map(|stop| (instant(&stop["start"]).naive_local().time(), stop)).collect();
    let Some(wanted) = request["lunch"].as_object() else {
        return lunches.iter().map(|(start, _)| format!("a lunch nobody wants at {start}")).collect();
    };
    let limit = |name: &str, usual: &str| time(wanted.get(name).unwrap_or(&Value::Null), usual);
    let (from, to) = (limit("from", "11:30"), limit("to", "14:00"));
    let mut faults = Vec::new();
    for (start, stop) in &lunches {
        if !(from..=to).contains(start) || !lineage(stop).contains(&"food") {
            faults.push(format!("lunch at {start} at {}", stop["subject"]["slug"]));
        }
    }
    if lunches.len() > 1 {
        faults.push(format!("{} lunches", lunches.len()));
    }
    let is_lunchtime = time(&asked["startTime"], "08:30") < to && from < time(&asked["endTime"], "18:30");
    let is_missed = list(plan, "warnings").iter().any(|warning| warning["code"] == "NO_LUNCH" && warning["date"] == day["date"]);
    if is_missed != (is_lunchtime && lunches.is_empty()) {
        faults.push(format!("{} lunches, and the warning is {is_missed}", lunches.len()));
    }
    faults
}

/// What the entrances with a known price cost, when that is more than the budget.
fn budget_fault(request: &Value, days: &[Value]) -> Option<String> {
    let budget: f64 = request["budget"].as_str()?.parse().unwrap();
    let people = request["people"].as_f64().unwrap_or(1.0);
    let price = |stop: &Value| {
        let subject = &stop["subject"];
        let of = |audience: &str| list(subject, "prices").iter().find(|price| price["audience"] == audience && price["currency"] == "BRL");
        let found = of("GENERAL").or_else(|| of("ADULT")).filter(|_| subject["isAccessibleForFree"] != json!(true));
        found.map_or(0.0, |price| price["amount"].as_str().unwrap().parse::<f64>().unwrap() * people)
    };
    let all: f64 = days.iter().flat_map(|day| list(day, "stops")).map(price).sum();
    (all > budget + 0.001).then(|| format!("entrances cost {all}, the budget is {budget}"))
}

/// Greatest numbers by category that are not kept, and least numbers that are neither kept nor told.
fn limit_faults(request: &Value, plan: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut missed = Vec::new();
    for limit in list(request, "limits") {
        let category = limit["category"].as_str().unwrap();
        let mut all = 0;
        for day in list(plan, "days") {
            let count = list(day, "stops").iter().filter(|stop| lineage(stop).contains(&category)).count() as u64;
            all += count;
            if limit["atMostPerDay"].as_u64().is_some_and(|most| count > most) {
                faults.push(format!("{}: {count} of {category}", day["date"]));
            }
            if limit["atLeastPerDay"].as_u64().is_some_and(|least| count < least) {
                missed.push(day["date"].clone());
            }
        }
        if limit["atMostPerTrip"].as_u64().is_some_and(|most| all > most) {
            faults.push(format!("{all} of {category}"));
        }
        if limit["atLeastPerTrip"].as_u64().is_some_and(|least| all < least) {
            missed.push(Value::Null);
        }
    }
    let told = list(plan, "warnings").iter().filter(|warning| warning["code"] == "TOO_FEW").map(|warning| warning["date"].clone());
    let sorted = |dates: Vec<Value>| {
        let mut dates: Vec<String> = dates.iter().map(ToString::to_string).collect();
        dates.sort();
        dates
    };
    let (missed, told) = (sorted(missed), sorted(told.collect()));
    if missed != told {
        faults.push(format!("too few on {missed:?}, told of {told:?}"));
    }
    faults
}

/// What was insisted on and is neither kept nor explained, or what is left out or offered in another's stead though it is planned.
fn must_see_faults(request: &Value, plan: &Value, seen: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let dropped = list(plan, "droppedCandidates");
    let record = |one: &Value| {
        if one["subject"]["event"].is_object() { one["subject"]["event"]["id"].clone() } else { one["subject"]["id"].clone() }
    };
    for id in list(request, "mustSee") {
        let planned = seen.contains(id.as_str().unwrap());
        let explained = dropped.iter().any(|one| one["mustSee"] == json!(true) && record(one) == *id);
        if planned == explained {
            faults.push(format!("{id} is {}", if planned { "planned and dropped" } else { "neither planned nor explained" }));
        }
    }
    let is_told = list(plan, "warnings").iter().any(|warning| warning["code"] == "MUST_SEE_DROPPED");
    if is_told != dropped.iter().any(|one| one["mustSee"] == json!(true)) {
        faults.push("what was insisted on and dropped is not told as a warning".to_owned());
    }
    let days = list(plan, "days").iter().flat_map(|day| list(day, "stops"));
    let offered = days.flat_map(|stop| list(stop, "alternatives")).map(|place| place["id"].clone());
    for id in dropped.iter().map(record).chain(offered) {
        if id.as_str().is_some_and(|id| seen.contains(id)) {
            faults.push(format!("{id} is planned, and left out or offered too"));
        }
    }
    faults
}

/// Rules of the place that the party does not meet, and those it is not told.
fn place_faults(request: &Value, stop: &Value, date: NaiveDate) -> Vec<String> {
    let mut faults = Vec::new();
    let subject = &stop["subject"];
    let mut fault = |what: String| faults.push(format!("{} {what}", subject["slug"]));
    for rule in list(subject, "accessRules") {
        let kind = rule["kind"].as_str().unwrap();
        if kind == "FOUR_WHEEL_DRIVE_REQUIRED" && request["fourWheelDrive"] != json!(true) {
            fault("needs a four-wheel drive".to_owned());
        }
        if rule["years"].as_i64().is_some_and(|years| request["youngestAge"].as_i64().is_some_and(|age| age < years)) {
            fault("is not for the youngest".to_owned());
        }
        if let (Some(hours), Some(_)) = (rule["hoursAhead"].as_i64(), request["bookedAt"].as_str())
            && instant(&request["bookedAt"]) + Duration::hours(hours) > instant(&stop["start"])
        {
            fault(format!("must be booked {hours} hours ahead"));
        }
        let told = match kind {
            "BOOKING_AHEAD" => "BOOK_AHEAD",
            "DAILY_CAPACITY" | "SIMULTANEOUS_CAPACITY" => "LIMITED_CAPACITY",
            "MINIMUM_AGE" => continue,
            same => same,
        };
        if !has_code(stop, "warnings", told) {
            fault(format!("does not tell {told}"));
        }
    }
    let months = &subject["season"]["months"];
    if months.as_array().is_some_and(|months| !months.contains(&json!(chrono::Datelike::month(&date)))) {
        fault("is out of season".to_owned());
    }
    let mut is_unknown = false;
    for profile in list(request, "accessibleFor") {
        let verdict = subject[profile.as_str().unwrap().to_lowercase()]["verdict"].as_str().unwrap();
        is_unknown |= verdict == "UNKNOWN";
        if verdict == "NOT_ACCESSIBLE" || (verdict == "UNKNOWN" && request["accessibilityUnknown"] == "EXCLUDE") {
            fault(format!("is {verdict} for {profile}"));
        }
    }
    if is_unknown != has_code(stop, "warnings", "ACCESSIBILITY_UNKNOWN") {
        fault("is not sure to be accessible, or is said not to be".to_owned());
    }
    faults
}

/// Opening hours around every stop of a plan, as the API tells them.
struct Hours(Value);

impl Hours {
    /// Asks for all of them in one question.
    async fn of(server: &TestServer, days: &[Value]) -> Self {
        let mut query = String::new();
        for (number, day) in days.iter().enumerate() {
            for (index, stop) in list(day, "stops").iter().enumerate() {
                if stop["subject"]["__typename"] == "PointOfInterest" {
                    let (from, to) = (instant(&stop["start"]).date_naive(), instant(&stop["depart"]).date_naive());
                    let ask = format!(
                        "s{number}_{index}: node(id: {}) {{ ... on PointOfInterest {{ openingHours {{
                            days(from: \"{from}\", to: \"{to}\") {{ intervals {{ opens closes state }} }} }} }} }} ",
                        stop["subject"]["id"]
                    );
                    query.push_str(&ask);
                }
            }
        }
        if query.is_empty() {
            return Self(Value::Null);
        }
        Self(server.ask(&format!("{{ {query} }}"), Value::Null).await)
    }

    /// Why the place cannot be visited then: closed at some time of the visit, or its hours not known and nobody says so.
    fn fault(&self, request: &Value, stop: &Value, number: usize, index: usize) -> Option<String> {
        let (start, left) = (instant(&stop["start"]), instant(&stop["depart"]));
        let is_warned = has_code(stop, "warnings", "UNKNOWN_HOURS");
        if is_warned && request["unknownHours"] == "EXCLUDE" {
            return Some("its hours are not known, and such places were not wanted".to_owned());
        }
        let days = list(&self.0[format!("s{number}_{index}")]["openingHours"], "days");
        if days.is_empty() {
            return if is_warned { assumed_fault(stop) } else { Some("its hours are not known, and nobody says so".to_owned()) };
        }
        // Touching intervals are one.
        let mut open_until = start;
        for interval in days.iter().flat_map(|day| list(day, "intervals")) {
            let is_open = interval["state"] == "OPEN" || (is_warned && interval["state"] == "UNKNOWN");
            if is_open && instant(&interval["opens"]) <= open_until {
                open_until = open_until.max(instant(&interval["closes"]));
            }
        }
        (open_until < left).then(|| format!("visited from {start} to {left}, open until {open_until}"))
    }
}

/// Where hours are not known: nature and what is outdoors by daylight, the rest from 09:00 to 17:00.
fn assumed_fault(stop: &Value) -> Option<String> {
    let kinds = lineage(stop);
    let outdoors = ["nature", "city-life", "monument", "landmark"].iter().any(|kind| kinds.contains(kind)) && kinds[0] != "shopping-centre";
    // The sun of Cuiabá rises between 05:00 and 06:15, and sets between 17:15 and 18:40.
    let (from, to) = if outdoors { ("04:55", "18:45") } else { ("09:00", "17:00") };
    let [start, left] = ["start", "depart"].map(|name| instant(&stop[name]).naive_local().time());
    let is_within = time(&json!(from), "") <= start && start < left && left <= time(&json!(to), "");
    (!is_within).then(|| format!("visited from {start} to {left} without known hours"))
}
