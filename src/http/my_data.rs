//! `/my-data/{token}`: all that is kept of a visitor, as a file. The secret stands in the path, which is logged nowhere.

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures::{StreamExt, TryStreamExt};

use super::answer::refusal;
use super::negotiate::MediaType;
use super::{Asker, Face, Requests, address, report};
use crate::causes;
use crate::trips::mine::MyDataError;

/// For the one who asked, and nowhere to be found.
const PRIVATE: [(HeaderName, HeaderValue); 2] = [
    (CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
];

/// `GET /my-data/{token}`.
pub(super) async fn file<R: Requests>(request: HttpRequest, face: Data<Face<R>>) -> HttpResponse {
    let asker = Asker { address: address::of(&request, face.proxies), ..Asker::default() };
    let mut response = match face.requests.my_data(request.match_info().query("token"), &asker).await {
        Ok(parts) => {
            let mut response = HttpResponse::Ok();
            response
                .content_type("application/json; charset=utf-8")
                .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"roteiro-my-data.json\""));
            if request.method() == Method::HEAD {
                // Nothing is written, so its place is given back before the answer is.
                drop(parts);
                response.finish()
            } else {
                // An error ends the connection before the last part, so nobody takes what was sent for the whole.
                response.streaming(parts.map(|part| part.map(Bytes::from)).inspect_err(log_break))
            }
        }
        Err(failure) => {
            report::failure(&face.requests, &failure);
            refusal(MediaType::Json, &failure)
        }
    };
    for (name, value) in PRIVATE {
        response.headers_mut().insert(name, value);
    }
    response
}

fn log_break(error: &MyDataError) {
    tracing::warn!(cause = causes::chain(error), "a visitor's data broke off");
}
