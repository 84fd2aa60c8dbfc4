//! Holds what was acknowledged against what is there: everything once, nothing twice, and nothing that was refused.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Answer, EXCUSES, Question};
use super::fleet::{Door, Fleet};
use super::load::{Chain, Outcome, Visitor, Written};
use super::team::{CITY, Team, name_of};

/// How long the last publish may take to be seen everywhere before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// The result.
#[derive(Default)]
pub struct Tally {
    pub acknowledged: usize,
    pub unknown: usize,
    pub refused: usize,
    /// Of those acknowledged.
    pub found: usize,
    /// Which of those acknowledged are not there.
    pub lost: Vec<String>,
    /// Whatever is there more than once.
    pub twice: Vec<String>,
    /// What else should not be: a write that was refused and is there, a refusal without an excuse.
    pub odd: Vec<String>,
}

impl Tally {
    /// Notes what became of a write, and how often it is there.
    fn count(&mut self, what: &str, outcome: &Outcome, times: usize) {
        match outcome {
            Outcome::Acknowledged if times == 0 => self.lost.push(what.to_owned()),
            Outcome::Acknowledged => self.found += 1,
            Outcome::Refused(code) if !EXCUSES.contains(&code.as_str()) => self.odd.push(format!("{what} was refused: {code}")),
            Outcome::Refused(code) if times > 0 => self.odd.push(format!("{what} was refused as {code} and is there")),
            Outcome::Refused(_) | Outcome::Unknown => {}
        }
        match outcome {
            Outcome::Acknowledged => self.acknowledged += 1,
            Outcome::Refused(_) => self.refused += 1,
            Outcome::Unknown => self.unknown += 1,
        }
        if times > 1 {
            self.twice.push(format!("{what} is there {times} times"));
        }
    }
}

/// Looks for everything.
pub async fn tally(fleet: &Fleet, team: &Team, written: &Written) -> Tally {
    let mut tally = Tally::default();
    for visitor in &written.visitors {
        count_trips(&mut tally, fleet, team, visitor).await;
    }
    let drafts = names_of_drafts(fleet, team).await;
    for chain in &written.chains {
        count_steps(&mut tally, fleet, team, chain, &drafts).await;
    }
    for door in fleet.doors() {
        count_public(&mut tally, &door, team, &written.chains).await;
    }
    tally
}

async fn count_trips(tally: &mut Tally, fleet: &Fleet, team: &Team, visitor: &Visitor) {
    let query = "{ trips(first: 100) { id title } }";
    let trips = Question::of(&visitor.token, query).insist(&team.client, fleet, &json!({})).await["trips"].take();
    let times = times(trips.as_array().unwrap().iter().filter_map(|trip| trip["title"].as_str()));
    for save in &visitor.saves {
        tally.count(&format!("trip {}", save.title), &save.outcome, times.get(&save.title).copied().unwrap_or(0));
    }
}

/// Each step is in the history of its draft once.
async fn count_steps(tally: &mut Tally, fleet: &Fleet, team: &Team, chain: &Chain, drafts: &HashMap<String, usize>) {
    let mut history = HashMap::new();
    if let Some(id) = &chain.id {
        let query = "query($id: ID!) { draft(id: $id) { revisions(first: 20) { action } } }";
        let draft = team.ask(fleet, query, json!({ "id": id })).await["draft"].take();
        let steps = draft["revisions"].as_array();
        history = times(steps.into_iter().flatten().filter_map(|step| step["action"].as_str()));
    }
    let begun = drafts.get(&name_of(&chain.slug)).copied().unwrap_or(0);
    for (action, outcome) in &chain.steps {
        let times = if *action == "CREATE" { begun } else { history.get(*action).copied().unwrap_or(0) };
        tally.count(&format!("{action} of {}", chain.slug), outcome, times);
    }
}

/// What was published is public at this process, once.
async fn count_public(tally: &mut Tally, door: &Door, team: &Team, chains: &[Chain]) {
    let begun = Instant::now();
    let (shown, missing) = loop {
        let shown = public_slugs(door, team).await;
        let missing: Vec<_> = chains.iter().filter(|chain| chain.is_published() && !shown.contains_key(&chain.slug)).collect();
        if missing.is_empty() || begun.elapsed() > PATIENCE {
            break (shown, missing.into_iter().map(|chain| format!("{} at {}", chain.slug, door.address)).collect::<Vec<_>>());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    tally.lost.extend(missing);
    let twice = chains.iter().filter(|chain| shown.get(&chain.slug).is_some_and(|times| *times > 1));
    tally.twice.extend(twice.map(|chain| format!("{} at {}", chain.slug, door.address)));
}

/// How often each slug is public in the city.
async fn public_slugs(door: &Door, team: &Team) -> HashMap<String, usize> {
    let query = "query($city: [String!], $after: String) { pointsOfInterest(first: 100, after: $after, where: { city: $city }) {
        nodes { slug } pageInfo { hasNextPage endCursor } } }";
    let (mut slugs, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({ "city": [CITY], "after": after });
        let answer = Question::public(query).ask(&team.client, door, &variables).await;
        let Answer::Data(mut data) = answer else { panic!("{}: {answer:?}", door.address) };
        let page = data["pointsOfInterest"].take();
        slugs.extend(page["nodes"].as_array().unwrap().iter().map(|place| place["slug"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] != true {
            return times(slugs.iter().map(String::as_str));
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// How often each name is that of a draft in the city.
async fn names_of_drafts(fleet: &Fleet, team: &Team) -> HashMap<String, usize> {
    let query = "query($city: [String!], $after: String) { drafts(cities: $city, first: 100, after: $after) {
        nodes { name } pageInfo { hasNextPage endCursor } } }";
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = team.ask(fleet, query, json!({ "city": [CITY], "after": after })).await["drafts"].take();
        names.extend(page["nodes"].as_array().unwrap().iter().filter_map(|draft| draft["name"].as_str().map(ToOwned::to_owned)));
        if page["pageInfo"]["hasNextPage"] != true {
            return times(names.iter().map(String::as_str));
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn times<'a>(words: impl Iterator<Item = &'a str>) -> HashMap<String, usize> {
    words.fold(HashMap::new(), |mut times, word| {
        *times.entry(word.to_owned()).or_default() += 1;
        times
    })
}
