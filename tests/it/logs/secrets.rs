//! Secrets of links, tokens and whatever a client sends stay out of the log, however they are spelled and wherever they stand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Logged;

const SECRET: &str = "S3cr3tMarker";

/// Sends these bytes as they are, and reads the first of what comes.
fn send(address: &str, request: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 64];
    // A request that is none is hung up on.
    let count = stream.read(&mut answer).unwrap_or(0);
    assert!(count == 0 || answer.starts_with(b"HTTP/1.1 "), "{request}");
}

#[tokio::test]
async fn no_spelling_of_a_path_and_no_part_of_a_request_reaches_the_log() {
    let logged = Logged::start(&["--no-demo", "--log", "trace"]);
    let address = logged.served.address.clone();
    let paths = [
        "/trips/@",
        "//trips/@",
        "/Trips/@",
        "/TRIPS/@",
        "/%74rips/@",
        "/trips/%40@",
        "/trips//@",
        "/trips/@/",
        "/trips/@.ics",
        "/./trips/@",
        "/../trips/@",
        "/x/../trips/@",
        "/trips/@?language=@",
        "/trips;@/@",
        "/trips/@#@",
        "/trips\\@",
        "/trips%2F@",
        "/media/uploads/@",
        "/Media/Uploads/@",
        "//media//uploads//@",
        "/media/uploads/@/@",
        "/media/@.jpg",
        "/media/@/320.webp",
        "/my-data/@",
        "/My-Data/@",
        "//my-data/@",
        "/%6dy-data/@",
        "/my-data/@.json",
        "/graphql?query={@}",
        "/graphql?query={cities{slug}}&operationName=@",
        "/graphql?query=query($a:ID){cities{slug}}&variables={\"a\":\"@\"}",
        "/graphql?@",
        "/graphql/@",
        "/graphiql/@",
        "/assets/@",
        "/@",
        "/healthz?@",
        "/readyz/@",
        "/version?token=@",
        "/.well-known/@",
        "http://host.example/trips/@",
        "http://user:@host.example/trips/@",
        "*@",
    ];
    let methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", SECRET];
    let headers = format!(
        "Referer: http://x.example/trips/{SECRET}\r\nOrigin: http://{SECRET}.example\r\nAuthorization: Bearer {SECRET}\r\nCookie: a={SECRET}\r\n\
         X-Api-Key: {SECRET}\r\nUser-Agent: {SECRET}\r\nAccept-Language: {SECRET}\r\nX-Forwarded-For: {SECRET}\r\nIf-None-Match: \"{SECRET}\"\r\n\
         X-Request-Id: {SECRET}\r\nTraceparent: 00-{SECRET}-01\r\n{SECRET}: {SECRET}\r\n"
    );
    let bodies = [
        format!("{{\"query\":\"query {SECRET} {{ {SECRET} }}\"}}"),
        format!("{{\"query\":\"{{ trip(by: {{ shareToken: \\\"{SECRET}\\\" }}) {{ id }} }}\",\"operationName\":\"{SECRET}\"}}"),
        format!(
            "{{\"query\":\"mutation($t: String!) {{ refreshSession(refreshToken: $t) {{ accessToken }} }}\",\"variables\":{{\"t\":\"{SECRET}\"}}}}"
        ),
        format!("{{\"{SECRET}"),
        SECRET.to_owned(),
    ];
    tokio::task::spawn_blocking(move || {
        for path in paths {
            for method in methods {
                let path = path.replace('@', SECRET);
                send(&address, &format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"));
            }
        }
        for body in bodies {
            let length = body.len();
            send(
                &address,
                &format!(
                    "POST /graphql HTTP/1.1\r\nHost: {SECRET}\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\
                     Connection: close\r\n\r\n{body}"
                ),
            );
        }
        send(&address, &format!("GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: {SECRET}\r\nConnection: Upgrade\r\n{headers}\r\n"));
        send(&address, &format!("{SECRET}\r\n\r\n"));
    })
    .await
    .unwrap();
    let mut logged = logged;
    assert_eq!(logged.served.stop(), Some(0));
    let text = std::fs::read_to_string(&logged.log).unwrap();
    assert!(text.lines().filter(|line| line.contains("\"answered\"")).count() > paths.len() * 4, "the requests are logged");
    assert!(text.contains("\"/trips/{file}\""), "the route is");
    // A valid operation may be called what its client likes, and its name is what one looks for: the first body asks for a field that
    // is not there, and is told apart by its name.
    let leaks: Vec<&str> = text.lines().filter(|line| line.replace(&format!("\"operation\":\"{SECRET}\""), "").contains(SECRET)).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
