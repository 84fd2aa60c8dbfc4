//! From where a request comes: the address of the connection, or what trusted proxies before us say.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};

/// The client's address, behind so many proxies of ours. Each adds whom it hears from to `X-Forwarded-For`, at the end; what stands
/// before was written by others, whatever it says.
pub(super) fn of(request: &HttpRequest, proxies: usize) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|peer| peer.ip());
    if proxies == 0 { peer } else { forwarded(request.headers(), proxies).or(peer) }
}

fn forwarded(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let lines: Vec<&str> = headers.get_all(X_FORWARDED_FOR).filter_map(|line| line.to_str().ok()).collect();
    let entries: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    entries.iter().rev().nth(proxies - 1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_what_our_proxies_say_is_believed() {
        let request = TestRequest::default()
            .peer_addr("192.0.2.1:80".parse().unwrap())
            .append_header(("X-Forwarded-For", "198.51.100.1, 198.51.100.2"))
            .append_header(("X-Forwarded-For", "198.51.100.3"))
            .to_http_request();
        let seen = |proxies| of(&request, proxies).unwrap().to_string();
        assert_eq!(seen(0), "192.0.2.1");
        assert_eq!(seen(1), "198.51.100.3");
        assert_eq!(seen(2), "198.51.100.2");
        assert_eq!(seen(9), "192.0.2.1");
        let without = TestRequest::default().peer_addr("192.0.2.1:80".parse().unwrap()).to_http_request();
        assert_eq!(of(&without, 1).unwrap().to_string(), "192.0.2.1");
    }
}
