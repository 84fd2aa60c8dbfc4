//! One fault from beginning to end: a load begins, something fails and is over, and what was acknowledged is looked for.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::timeout;

use super::client::{Answer, EXCUSES, NOT_SENT, Question};
use super::fleet::{Door, Fleet};
use super::ledger::tally;
use super::load::{Load, Pace};
use super::row::Row;
use super::team::{Team, named};

/// How long the load goes on before the fault, and after it.
const CALM: Duration = Duration::from_secs(2);
/// How long memory may settle once the load is over.
const SETTLE: Duration = Duration::from_secs(2);
/// Longest wait for one try to publish.
const TRY: Duration = Duration::from_secs(5);
/// When it is given up.
const NEVER: Duration = Duration::from_mins(1);

/// What a fault happens to.
pub struct Scene {
    pub name: String,
    pub fleet: Fleet,
    pub team: Team,
    /// What did not hold.
    pub broken: Vec<String>,
    /// Longest time until a publish was seen.
    seen: Duration,
    /// Numbers the drafts of its own.
    drafts: usize,
}

/// How a scene is set.
pub struct Setting<'a> {
    pub name: &'a str,
    pub fleet: &'a Fleet,
    pub team: &'a Team,
    /// Between two drafts of one editor.
    pub publish_pause: Duration,
    /// What memory is held against; what it is before, when nothing is known.
    pub memory: Option<u64>,
}

impl Setting<'_> {
    /// Lets it happen under load. The fault gives the instant from which all servers could be reached again.
    pub async fn play(self, fault: impl AsyncFnOnce(&mut Scene) -> Instant) -> Row {
        let Self { name, fleet, team, publish_pause, memory } = self;
        team.refresh(fleet).await;
        let (fleet, team) = (fleet.clone(), team.clone());
        let mut scene = Scene { name: name.to_owned(), fleet, team, broken: Vec::new(), seen: Duration::ZERO, drafts: 0 };
        let last = scene.draft().await;
        let before = scene.fleet.memory();
        let pace = Pace { name: slug_of(name), publish_pause };
        let load = Load::begin(&scene.fleet, &scene.team, pace).await;
        tokio::time::sleep(CALM).await;
        let ended = fault(&mut scene).await;
        scene.publish(last, ended).await;
        tokio::time::sleep(CALM).await;
        let written = load.end().await;
        let tally = tally(&scene.fleet, &scene.team, &written).await;
        tokio::time::sleep(SETTLE).await;
        let after = scene.fleet.memory();
        let base = memory.unwrap_or(before);
        let Scene { name, broken, seen, .. } = scene;
        // A leak grows with each fault and is held against the same number; caches, an allocator's slack and what was published since
        // do not.
        Row { name, reads: written.reads, failed: written.failed, tally, seen, before, after, memory_bound: base + base / 4 + 30, broken }
    }
}

impl Scene {
    /// Notes what should have held.
    pub fn claim(&mut self, holds: bool, what: &str) {
        if !holds {
            self.broken.push(format!("{}: it does not hold that {what}", self.name));
        }
    }

    /// Publishes while the fault lasts, and notes how long it took until all saw it: what is broken is not needed for it.
    pub async fn publish_meanwhile(&mut self) {
        let draft = self.draft().await;
        self.publish(draft, Instant::now()).await;
    }

    /// A draft that waits to be published.
    pub async fn draft(&mut self) -> Value {
        self.drafts += 1;
        let slug = format!("{}-probe-{}", slug_of(&self.name), self.drafts);
        let draft = self.team.approved(&self.fleet, &slug).await;
        json!({ "id": draft["id"], "version": draft["version"], "slug": slug })
    }

    /// Publishes a draft, however often it must be tried, and notes how long since this instant it took until all saw it.
    pub async fn publish(&mut self, draft: Value, since: Instant) {
        let mut was_unknown = false;
        for turn in 0.. {
            let answer = match self.fleet.any(turn) {
                Some(door) => timeout(TRY, self.team.step(&door, "publish", named(&draft))).await.unwrap_or(Answer::Unknown),
                None => Answer::Refused(NOT_SENT.to_owned()),
            };
            match answer {
                Answer::Data(_) => break,
                Answer::Unknown => was_unknown = true,
                Answer::Refused(code) if EXCUSES.contains(&code.as_str()) => {}
                // The try that was not answered did it, and there is nothing left to do.
                Answer::Refused(_) if was_unknown => break,
                Answer::Refused(why) => return self.claim(false, &format!("{} is published: {why}", draft["slug"])),
            }
            if since.elapsed() > NEVER {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for door in self.fleet.doors() {
            while !self.sees(&door, &draft["slug"]).await && since.elapsed() < NEVER {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        self.seen = self.seen.max(since.elapsed());
    }

    /// Whether a process shows what has this slug.
    pub async fn sees(&self, door: &Door, slug: &Value) -> bool {
        let query = "query($slug: String!) { pointOfInterest(by: { slug: $slug }) { id } }";
        let answer = Question::public(query).ask(&self.team.client, door, &json!({ "slug": slug })).await;
        matches!(answer, Answer::Data(data) if data["pointOfInterest"]["id"].is_string())
    }

    /// What a process says of itself.
    pub async fn readiness(&self, index: usize) -> Value {
        let Some(door) = self.fleet.door(index) else { return Value::Null };
        let answer = self.team.client.get(format!("http://{}/readyz", door.address)).send().await;
        match answer {
            Ok(answer) => answer.json().await.unwrap_or_default(),
            Err(_) => Value::Null,
        }
    }
}

/// A name as a slug has it.
fn slug_of(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
