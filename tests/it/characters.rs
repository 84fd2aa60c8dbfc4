//! Characters that no text may hold are refused at every door, with the same words on both databases, before a database sees them.

use std::collections::HashMap;
use std::os::unix::ffi::OsStringExt;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition};
use roteiro::identity::rights::Role;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::city_file::{file, place};
use crate::support::database::{BOTH, TestDatabase};
use crate::support::program::{roteiro, run};

/// Stands where a text is tried; no name or sample holds it.
const HERE: &str = "\u{a7}";

/// A value in JSON and as it is written in a document.
type Sample = (Value, String);

struct Contract {
    inputs: HashMap<String, Vec<InputValueDefinition>>,
    enums: HashMap<String, String>,
    /// Root fields with what begins an operation of theirs.
    roots: Vec<(&'static str, FieldDefinition)>,
    composites: Vec<String>,
}

impl Contract {
    fn read() -> Self {
        let document = parse_schema(include_str!("../../schema.graphql")).unwrap();
        let mut contract = Self { inputs: HashMap::new(), enums: HashMap::new(), roots: Vec::new(), composites: Vec::new() };
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let (name, kind) = (definition.node.name.node.to_string(), definition.node.kind);
            match kind {
                TypeKind::InputObject(object) => {
                    drop(contract.inputs.insert(name, object.fields.into_iter().map(|field| field.node).collect()));
                }
                TypeKind::Enum(values) => drop(contract.enums.insert(name, values.values[0].node.value.node.to_string())),
                TypeKind::Object(object) => {
                    let operation = [("Query", "query"), ("Mutation", "mutation")].into_iter().find(|(root, _)| *root == name);
                    let fields = object.fields.into_iter().map(|field| field.node);
                    contract
                        .roots
                        .extend(operation.into_iter().flat_map(|(_, operation)| fields.clone().map(move |field| (operation, field))));
                    contract.composites.push(name);
                }
                TypeKind::Interface(_) | TypeKind::Union(_) => contract.composites.push(name),
                TypeKind::Scalar => {}
            }
        }
        contract
    }

    /// Something that a value of the type may be.
    fn any(&self, ty: &Type) -> Sample {
        match &ty.base {
            BaseType::List(_) => (json!([]), "[]".to_owned()),
            BaseType::Named(name) => match (name.as_str(), self.enums.get(name.as_str()), self.inputs.get(name.as_str())) {
                ("Int" | "Float" | "Latitude" | "Longitude" | "Upload", ..) => (json!(1), "1".to_owned()),
                ("Boolean", ..) => (json!(true), "true".to_owned()),
                (_, Some(value), _) => (json!(value), value.clone()),
                (_, _, Some(fields)) => {
                    let required = fields.iter().filter(|field| !field.ty.node.nullable && field.default_value.is_none());
                    object(required.map(|field| (field.name.node.to_string(), self.any(&field.ty.node))))
                }
                _ => (json!("x"), "\"x\"".to_owned()),
            },
        }
    }

    /// A value for each place of the type where a text can stand, with [`HERE`] there.
    fn texts(&self, ty: &Type, within: &mut Vec<String>) -> Vec<Sample> {
        match &ty.base {
            BaseType::List(item) => {
                self.texts(item, within).into_iter().map(|(json, literal)| (json!([json]), format!("[{literal}]"))).collect()
            }
            BaseType::Named(name) => match self.inputs.get(name.as_str()) {
                _ if self.enums.contains_key(name.as_str()) => Vec::new(),
                None if ["Int", "Float", "Latitude", "Longitude", "Upload", "Boolean"].contains(&name.as_str()) => Vec::new(),
                None => vec![(json!(HERE), format!("\"{HERE}\""))],
                Some(_) if within.iter().any(|outer| outer == name.as_str()) => Vec::new(),
                Some(fields) => {
                    within.push(name.to_string());
                    let mut found = Vec::new();
                    for field in fields {
                        for sample in self.texts(&field.ty.node, within) {
                            let others = fields.iter().filter(|other| other.name.node != field.name.node);
                            let required = others.filter(|other| !other.ty.node.nullable && other.default_value.is_none());
                            let required = required.map(|other| (other.name.node.to_string(), self.any(&other.ty.node)));
                            found.push(object(required.chain([(field.name.node.to_string(), sample)])));
                        }
                    }
                    within.pop();
                    found
                }
            },
        }
    }

    /// Every place of every argument of every root field where a text can stand: a document with a variable, the variable, and a
    /// document with the value in it.
    fn questions(&self) -> Vec<(String, Value, String)> {
        let mut questions = Vec::new();
        for (operation, field) in &self.roots {
            let name = &field.name.node;
            let mut innermost = &field.ty.node.base;
            while let BaseType::List(item) = innermost {
                innermost = &item.base;
            }
            let is_composite = matches!(innermost, BaseType::Named(name) if self.composites.iter().any(|known| known == name.as_str()));
            let selection = if is_composite { " { __typename }" } else { "" };
            for argument in field.arguments.iter().map(|argument| &argument.node) {
                let others = field.arguments.iter().map(|other| &other.node).filter(|other| other.name.node != argument.name.node);
                let others: String = others
                    .filter(|other| !other.ty.node.nullable && other.default_value.is_none())
                    .map(|other| format!("{}: {} ", other.name.node, self.any(&other.ty.node).1))
                    .collect();
                for (json, literal) in self.texts(&argument.ty.node, &mut Vec::new()) {
                    let argument_name = &argument.name.node;
                    questions.push((
                        format!("{operation}($v: {}) {{ {name}({others}{argument_name}: $v){selection} }}", argument.ty.node),
                        json!({ "v": json }),
                        format!("{operation} {{ {name}({others}{argument_name}: {literal}){selection} }}"),
                    ));
                }
            }
        }
        questions
    }
}

fn object(members: impl Iterator<Item = (String, Sample)>) -> Sample {
    let (mut json, mut literals) = (serde_json::Map::new(), Vec::new());
    for (name, (value, literal)) in members {
        literals.push(format!("{name}: {literal}"));
        json.insert(name, value);
    }
    (Value::Object(json), format!("{{{}}}", literals.join(", ")))
}

/// Sends a body as it is, and gives status, code and message.
async fn send(server: &TestServer, token: &str, body: impl Into<reqwest::Body>) -> (u16, String, String) {
    let request = server.client.post(server.url("/graphql")).bearer_auth(token).header("content-type", "application/json");
    let response = request.header("accept", "application/graphql-response+json").body(body).send().await.unwrap();
    let status = response.status().as_u16();
    let answer: Value = response.json().await.unwrap();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (status, word(&answer["errors"][0]["extensions"]["code"]), word(&answer["errors"][0]["message"]))
}

#[tokio::test]
async fn every_text_of_the_contract_is_refused_alike_on_both_databases() {
    let questions = Contract::read().questions();
    assert!(questions.len() > 200, "only {} places of texts were found", questions.len());
    let mut told = Vec::new();
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        let (_, token) = server.account(Role::Admin, None).await;
        let mut answers = Vec::new();
        for (document, variables, literal) in &questions {
            let with = |escape: &str| json!({ "query": document, "variables": variables }).to_string().replace(HERE, escape);
            // In a document a backslash of an escape is escaped itself by JSON.
            let within = |escape: &str| json!({ "query": literal }).to_string().replace(HERE, &format!("\\{escape}"));
            for (body, code) in [
                (with("\\u0000"), "BAD_USER_INPUT"),
                (with("\\ud800"), "BAD_REQUEST"),
                (with("\\udc00\\ud800"), "BAD_REQUEST"),
                (within("\\u0000"), "BAD_USER_INPUT"),
                (within("\\ud800"), "GRAPHQL_PARSE_FAILED"),
            ] {
                let answer = send(&server, &token, body.clone()).await;
                assert_eq!((answer.0, answer.1.as_str()), (400, code), "{kind:?}: {body}\n{}", answer.2);
                answers.push(answer);
            }
            let mut broken = with("%").into_bytes();
            let at = broken.iter().rposition(|byte| *byte == b'%').unwrap();
            broken[at] = 0xff;
            assert_eq!(send(&server, &token, broken).await.0, 400, "{kind:?}: {document}");
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn a_refused_text_is_told_with_its_place() {
    let server = TestServer::demo().await;
    let query = "query($w: PointOfInterestFilter) { pointsOfInterest(where: $w) { totalCount } }";
    let answer = server.answer(query, json!({ "w": { "text": "a\0" } })).await;
    let said = "variable $w.text holds U+0000, a character that no text may hold";
    assert_eq!(answer["errors"][0]["message"], said, "{answer}");
    // A document that was kept is looked at no more, and its variables are.
    assert!(server.ask(query, json!({ "w": { "text": "museu\tda\nserra" } })).await["pointsOfInterest"]["totalCount"].is_number());
    assert_eq!(server.answer(query, json!({ "w": { "text": "a\0" } })).await["errors"][0]["message"], said);
}

#[tokio::test]
async fn a_path_or_a_query_string_that_is_no_text_is_refused() {
    for kind in BOTH {
        let server = TestServer::bare_on(kind).await;
        for (path, status) in [
            "/trips/%00",
            "/trips/a%00b.ics",
            "/trips/%ff.gpx",
            "/media/%00.jpg",
            "/media/%ED%A0%80/320.webp",
            "/assets/%00",
            "/graphiql/%ff",
            "/%00",
        ]
        .map(|path| (path, 404))
        .into_iter()
        .chain(
            [
                "/trips/abc?language=%00",
                "/trips/abc?language=%c3",
                "/graphql?query=%7Bcities%7Bslug%7D%7D%00",
                "/graphql?query=%7Bcities%7Bslug%7D%7D&operationName=%ff",
                "/graphql?query=%7Bcities%7Bslug%7D%7D&variables=%7B%22a%22%3A%22%5Cu0000%22%7D",
            ]
            .map(|path| (path, 400)),
        ) {
            let request = server.client.get(server.url(path)).header("accept", "application/graphql-response+json, */*");
            let response = request.send().await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{kind:?} {path}: {}", response.text().await.unwrap());
        }
        let response = server.client.put(server.url("/media/uploads/%00")).body("x").send().await.unwrap();
        assert_eq!(response.status().as_u16(), 404);
        let (token, header) = ("Bearer \u{e9}\u{ff}", reqwest::header::HeaderValue::from_bytes(b"Bearer \xff\x80").unwrap());
        let odd = server.client.post(server.url("/graphql")).header("authorization", header).header("x-api-key", token);
        let response = odd.json(&json!({ "query": "{ cities { slug } }" })).send().await.unwrap();
        assert!(response.status().as_u16() < 500);
    }
}

#[tokio::test]
async fn a_file_with_such_a_text_is_told_by_record_and_field() {
    for kind in BOTH {
        let database = TestDatabase::create(kind).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nobres.json");
        let import = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let output = run(&["import", "--database-url", &database.url, path.to_str().unwrap()]);
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let mut odd = place("b", "B", -14.7, -56.2);
        odd["texts"]["en"]["name"] = json!("B\0");
        let whole = |places: &[Value]| file("odd", "nobres", places, &[], &[]).to_string();
        let (code, said) = import(whole(&[place("a", "A", -14.7, -56.3), odd]).as_bytes());
        assert_eq!(code, Some(1), "{kind:?}: {said}");
        let fault = "pointsOfInterest[1] `b`: texts.en.name: holds U+0000, a character that no text may hold";
        assert!(said.contains(fault), "{kind:?}: {said}");
        let good = whole(&[place("a", "Cachoeira", -14.7, -56.3)]);
        for (from, to, place) in [
            ("\"Cachoeira\"", &b"\"Cachoeira \\ud800\""[..], "line 1 column"),
            ("\"Cachoeira\"", &b"\"Cachoeira \xff\""[..], "not UTF-8: a byte of line 1, column"),
            ("\"dataset\":\"odd\"", &b"\"dataset\":\"o\\u0000d\""[..], "dataset"),
        ] {
            let at = good.find(from).unwrap();
            let bytes = [&good.as_bytes()[..at], to, &good.as_bytes()[at + from.len()..]].concat();
            let (code, said) = import(&bytes);
            assert_eq!(code, Some(1), "{kind:?}: {said}");
            assert!(said.contains("nobres.json") && said.contains(place), "{kind:?}: {said}");
        }
        assert_eq!(import(good.as_bytes()).0, Some(0));
    }
}

#[test]
fn an_argument_of_a_command_that_is_no_text_is_refused() {
    let name = std::ffi::OsString::from_vec(b"A\xff".to_vec());
    let output = roteiro(&["user", "create", "a@example.org", "--database-url", "sqlite::memory:", "--name"]).arg(name).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
