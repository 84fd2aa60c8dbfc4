//! An app that keeps what the feed tells.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::TestServer;

const PAGE: &str = "query($after: Cursor, $cities: [String!], $first: Int) {
    changes(after: $after, cities: $cities, first: $first) {
        entries { number kind at type id city { slug } replacedBy node { __typename id
            ... on PointOfInterest { slug name { value } city { slug } }
            ... on Event { slug name { value } city { slug } }
            ... on Route { slug name { value } city { slug } }
            ... on City { slug summary { value } } } }
        cursor hasMore resync { reason message } } }";

/// What an app has, and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    pub cities: Vec<&'static str>,
    pub cursor: Option<String>,
    /// Records by id.
    pub records: BTreeMap<String, Value>,
}

impl Reader {
    pub fn of(cities: &[&'static str]) -> Self {
        Self { cities: cities.to_vec(), ..Self::default() }
    }

    /// The page of so many changes after where it stands, which it does not keep.
    pub async fn look(&self, server: &TestServer, first: usize) -> Value {
        let asked = json!({ "after": self.cursor, "cities": self.cities, "first": first });
        server.ask(PAGE, asked).await["changes"].take()
    }

    /// Takes the next page of so many changes in; whether more follow.
    pub async fn read(&mut self, server: &TestServer, first: usize) -> bool {
        let page = self.look(server, first).await;
        self.take(&page);
        page["hasMore"].as_bool().unwrap()
    }

    /// Takes a page in.
    pub fn take(&mut self, page: &Value) {
        if page["resync"] != Value::Null {
            self.records.clear();
        }
        for change in page["entries"].as_array().unwrap() {
            let id = change["id"].as_str().unwrap().to_owned();
            match change["kind"].as_str().unwrap() {
                "CREATED" | "UPDATED" if change["node"] != Value::Null => {
                    assert_eq!(change["node"]["id"], change["id"]);
                    self.records.insert(id, change["node"].clone());
                }
                "UPDATED" => assert!(["CATEGORY", "MUNICIPALITY"].contains(&change["type"].as_str().unwrap()), "{change}"),
                "DELETED" | "REDIRECTED" => drop(self.records.remove(&id)),
                other => panic!("{other}"),
            }
        }
        self.cursor = Some(page["cursor"].as_str().unwrap().to_owned());
    }

    /// Takes everything in that is there to take; what was told, as `kind slug-or-id`.
    pub async fn catch_up(&mut self, server: &TestServer) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let page = self.look(server, 500).await;
            self.take(&page);
            let short = |change: &Value| {
                let name = change["node"]["slug"].as_str().or(change["type"].as_str()).unwrap();
                format!("{} {name}", change["kind"].as_str().unwrap())
            };
            told.extend(page["entries"].as_array().unwrap().iter().map(short));
            if page["hasMore"] == json!(false) {
                return told;
            }
        }
    }
}
