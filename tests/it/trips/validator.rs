//! Verifies a plan from its answer alone: times, legs, opening hours as the API tells them day by day, limits, nothing twice, and
//! what was insisted on kept or explained.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveTime};
use serde_json::{Value, json};

use crate::support::TestServer;

type Instant = DateTime<FixedOffset>;

fn instant(value: &Value) -> Instant {
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

/// What is wrong with the plan for the request; nothing, when it is right.
pub async fn faults(server: &TestServer, request: &Value, plan: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let days = plan["days"].as_array().unwrap();
    let asked = request["days"].as_array().unwrap();
    if days.len() != asked.len() {
        faults.push("not a day for each asked".to_owned());
    }
    if plan["solver"]["bound"].as_f64().unwrap() < plan["score"].as_f64().unwrap() {
        faults.push(format!("{} is above the bound {}", plan["score"], plan["solver"]["bound"]));
    }
    let mut seen = BTreeSet::new();
    let mut by_category: BTreeMap<(String, usize), u64> = BTreeMap::new();
    for (number, (day, asked)) in days.iter().zip(asked).enumerate() {
        let mut fault = |what: String| faults.push(format!("day {number}: {what}"));
        if day["date"] != asked["date"] {
            fault("another date".to_owned());
        }
        let date: NaiveDate = day["date"].as_str().unwrap().parse().unwrap();
        let (depart, arrive) = (instant(&day["departAt"]), instant(&day["arriveAt"]));
        let local = |at: Instant| at.naive_local();
        if local(depart) < date.and_time(time(&asked["startTime"], "08:30")) {
            fault("it begins too early".to_owned());
        }
        let stops = day["stops"].as_array().unwrap();
        if !stops.is_empty() && local(arrive) > date.and_time(time(&asked["endTime"], "18:30")) {
            fault(format!("it ends too late, at {arrive}"));
        }
        let legs = day["legs"].as_array().unwrap();
        if !stops.is_empty() && legs.len() != stops.len() + 1 {
            fault(format!("{} legs for {} stops", legs.len(), stops.len()));
        }
        let mut free_from = depart;
        for (index, stop) in stops.iter().enumerate() {
            let (came, start, left) = (instant(&stop["arrive"]), instant(&stop["start"]), instant(&stop["depart"]));
            let name = stop["subjectId"].as_str().unwrap().to_owned();
            let leg = &legs[index];
            if instant(&leg["departAt"]) < free_from || instant(&leg["arriveAt"]) != came {
                fault(format!("leg {index} does not fit its stops"));
            }
            if instant(&leg["arriveAt"]) - instant(&leg["departAt"]) != Duration::seconds(seconds(&leg["duration"])) {
                fault(format!("leg {index} takes another time than it says"));
            }
            if leg["mode"].as_str() != Some(asked["mode"].as_str().unwrap_or("CAR")) {
                fault(format!("leg {index} goes by {}", leg["mode"]));
            }
            if start < came || left <= start || start - came != Duration::seconds(seconds(&stop["wait"])) {
                fault(format!("times of {name}: {came} {start} {left}"));
            }
            free_from = left;
            let subject = &stop["subject"];
            if !seen.insert(subject["event"]["id"].as_str().map_or(name.clone(), ToOwned::to_owned)) {
                fault(format!("{name} twice"));
            }
            if let Some(category) = subject["category"]["slug"].as_str() {
                *by_category.entry((category.to_owned(), number)).or_default() += 1;
            }
            if subject["__typename"] == "PointOfInterest" {
                if let Some(why) = closed(server, subject, start, left, stop).await {
                    fault(format!("{}: {why}", subject["slug"]));
                }
                place_faults(request, subject, date).into_iter().for_each(&mut fault);
            } else if instant(&subject["start"]) > start || subject["end"].as_str().is_some() && instant(&subject["end"]) < left {
                fault(format!("{name} is visited when it does not take place"));
            }
            if request["avoid"].as_array().is_some_and(|avoided| avoided.contains(&stop["subjectId"])) {
                fault(format!("{name} was to be avoided"));
            }
        }
        if !stops.is_empty() {
            let last = legs.last().unwrap();
            if instant(&last["departAt"]) < free_from || instant(&last["arriveAt"]) != arrive {
                fault("the last leg does not reach the end of the day".to_owned());
            }
        }
        let walked: f64 = legs.iter().filter(|leg| leg["mode"] == "WALK").map(|leg| leg["distanceMeters"].as_f64().unwrap()).sum();
        if request["walkingLimitMeters"].as_f64().is_some_and(|limit| walked > limit) && !stops.is_empty() {
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
        lunch_faults(request, stops).into_iter().for_each(&mut fault);
    }
    faults.extend(limit_faults(request, &by_category, days.len()));
    faults.extend(must_see_faults(request, plan, &seen));
    faults.extend(budget_fault(request, days));
    faults
}

/// Lunches at another time than wanted, or more than one.
fn lunch_faults(request: &Value, stops: &[Value]) -> Vec<String> {
    let is_lunch = |stop: &&Value| stop["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "LUNCH");
    let lunches: Vec<NaiveTime> = stops.iter().filter(is_lunch).map(|stop| instant(&stop["start"]).naive_local().time()).collect();
    let Some(wanted) = request["lunch"].as_object() else {
        return lunches.iter().map(|start| format!("a lunch nobody wants at {start}")).collect();
    };
    let limit = |name: &str, usual: &str| time(wanted.get(name).unwrap_or(&Value::Null), usual);
    let span = limit("from", "11:30")..=limit("to", "14:00");
    let mut faults: Vec<String> = lunches.iter().filter(|start| !span.contains(start)).map(|start| format!("lunch at {start}")).collect();
    if lunches.len() > 1 {
        faults.push(format!("{} lunches", lunches.len()));
    }
    faults
}

/// What the entrances with a known price cost, when that is more than the budget.
fn budget_fault(request: &Value, days: &[Value]) -> Option<String> {
    let budget: f64 = request["budget"].as_str()?.parse().unwrap();
    let people = request["people"].as_f64().unwrap_or(1.0);
    let price = |stop: &Value| {
        let subject = &stop["subject"];
        let of = |audience: &str| {
            let prices = subject["prices"].as_array()?.iter();
            prices.clone().find(|price| price["audience"] == audience && price["currency"] == "BRL")
        };
        let found = of("GENERAL").or_else(|| of("ADULT")).filter(|_| subject["isAccessibleForFree"] != json!(true));
        found.map_or(0.0, |price| price["amount"].as_str().unwrap().parse::<f64>().unwrap() * people)
    };
    let all: f64 = days.iter().flat_map(|day| day["stops"].as_array().unwrap()).map(price).sum();
    (all > budget + 0.001).then(|| format!("entrances cost {all}, the budget is {budget}"))
}

/// Numbers by category that are not kept.
fn limit_faults(request: &Value, by_category: &BTreeMap<(String, usize), u64>, days: usize) -> Vec<String> {
    let mut faults = Vec::new();
    for limit in request["limits"].as_array().into_iter().flatten() {
        let category = limit["category"].as_str().unwrap();
        let of_day = |day: usize| by_category.get(&(category.to_owned(), day)).copied().unwrap_or(0);
        if let Some(most) = limit["atMostPerDay"].as_u64()
            && let Some(day) = (0..days).find(|day| of_day(*day) > most)
        {
            faults.push(format!("day {day}: more than {most} of {category}"));
        }
        let all: u64 = (0..days).map(of_day).sum();
        if limit["atMostPerTrip"].as_u64().is_some_and(|most| all > most) {
            faults.push(format!("{all} of {category}"));
        }
    }
    faults
}

/// What was insisted on and is neither kept nor explained.
fn must_see_faults(request: &Value, plan: &Value, seen: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for id in request["mustSee"].as_array().into_iter().flatten() {
        let planned = seen.contains(id.as_str().unwrap());
        let explained =
            plan["droppedCandidates"].as_array().unwrap().iter().any(|one| one["mustSee"] == json!(true) && one["subject"]["id"] == *id);
        if planned == explained {
            faults.push(format!("{id} is {}", if planned { "planned and dropped" } else { "neither planned nor explained" }));
        }
    }
    faults
}

/// Rules of the place that the party does not meet.
fn place_faults(request: &Value, subject: &Value, date: NaiveDate) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(what);
    let rules = subject["accessRules"].as_array().unwrap();
    if rules.iter().any(|rule| rule["kind"] == "FOUR_WHEEL_DRIVE_REQUIRED") && request["fourWheelDrive"] != json!(true) {
        fault(format!("{} needs a four-wheel drive", subject["slug"]));
    }
    let too_young =
        |rule: &Value| rule["years"].as_i64().is_some_and(|years| request["youngestAge"].as_i64().is_some_and(|age| age < years));
    if rules.iter().any(too_young) {
        fault(format!("{} is not for the youngest", subject["slug"]));
    }
    let months = &subject["season"]["months"];
    let month = chrono::Datelike::month(&date);
    if months.as_array().is_some_and(|months| !months.contains(&json!(month))) {
        fault(format!("{} is out of season", subject["slug"]));
    }
    if !request["cities"].as_array().unwrap().contains(&subject["city"]["slug"]) {
        fault(format!("{} is of another city", subject["slug"]));
    }
    faults
}

/// Whether the place is closed at some time of the visit, by the days its opening hours tell. Without known hours it must say so.
async fn closed(server: &TestServer, subject: &Value, start: Instant, left: Instant, stop: &Value) -> Option<String> {
    let warned = stop["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "UNKNOWN_HOURS");
    let query = "query($id: ID!, $from: Date!, $to: Date!) { node(id: $id) { ... on PointOfInterest { openingHours { days(from: $from, to: $to) { intervals { opens closes state } } } } } }";
    let (from, to) = (start.date_naive(), left.date_naive());
    let data = server.ask(query, json!({ "id": subject["id"], "from": from, "to": to })).await;
    let days = data["node"]["openingHours"]["days"].as_array().unwrap().clone();
    if days.is_empty() {
        return (!warned).then(|| "hours are not known, and nobody says so".to_owned());
    }
    // Touching intervals are one.
    let mut open_until = start;
    let intervals = days.iter().flat_map(|day| day["intervals"].as_array().unwrap().clone());
    for interval in intervals.filter(|interval| interval["state"] == "OPEN") {
        if instant(&interval["opens"]) <= open_until {
            open_until = open_until.max(instant(&interval["closes"]));
        }
    }
    (open_until < left && !warned).then(|| format!("visited from {start} to {left}, open until {open_until}"))
}
