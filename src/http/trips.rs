//! `/trips/{shareToken}` and, with `.ics`, `.gpx` or `.geojson` behind it, the same in other forms: for whoever has the link.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, VARY,
};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::answer::plain_refusal;
use super::pages::LANDING_POLICY;
use super::{Asker, Face, Requests, address, report};
use crate::domain::text::Preferences;
use crate::graphql::failure::{Code, Failure};
use crate::trips::export::Form;
use crate::trips::plan::words::Tongue;

/// Longest language tag or header that is looked at.
const MAX_LANGUAGE: usize = 200;

/// `?language=en`, for links that shall read alike for everybody.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    language: Option<String>,
}

/// A trip in a form.
#[derive(Clone, Debug)]
pub struct SharedTrip {
    /// What it is called; the name of a file is made of it.
    pub title: String,
    /// What is written.
    pub text: String,
}

/// What those read who have a link that opens nothing.
#[derive(Template)]
#[template(path = "no_trip.html")]
struct NoTrip {
    language: &'static str,
    words: &'static str,
}

/// `GET /trips/{file}`.
pub(super) async fn shared<R: Requests>(request: HttpRequest, face: Data<Face<R>>, wished: Query<Asked>) -> HttpResponse {
    let file = request.match_info().query("file");
    let (token, form) =
        (Form::ALL.into_iter().skip(1)).find_map(|form| Some((file.strip_suffix(form.suffix())?, form))).unwrap_or((file, Form::Page));
    let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = wished.language.as_deref().or(header).filter(|language| language.len() <= MAX_LANGUAGE);
    let asker = Asker { accept_language: language, address: address::of(&request, face.proxies), ..Asker::default() };
    match face.requests.shared_trip(token, form, &asker).await {
        Ok(trip) => answer(form, &trip),
        Err(failure) => {
            report::failure(&face.requests, &failure);
            if form == Form::Page { no_trip(&failure, language) } else { private(plain_refusal(failure.code(), failure.message())) }
        }
    }
}

fn answer(form: Form, trip: &SharedTrip) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, form.media_type()));
    if form == Form::Page {
        response.insert_header((CONTENT_SECURITY_POLICY, LANDING_POLICY));
    } else {
        response.insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{}{}\"", file_name(&trip.title), form.suffix())));
    }
    private(response.body(trip.text.clone()))
}

/// A page for people, also when there is nothing to show.
fn no_trip(failure: &Failure, language: Option<&str>) -> HttpResponse {
    let tongue = Tongue::of(&Preferences::from_accept_language(language.unwrap_or_default()));
    let words = match failure.code() {
        Code::Gone => tongue.pick(
            "Quem fez este roteiro fechou o link. Peça um novo.",
            "Whoever made this trip closed the link. Ask for a new one.",
            "Quien hizo este viaje cerró el enlace. Pida uno nuevo.",
        ),
        Code::NotFound => tongue.pick(
            "Este link não leva a nenhum roteiro. Confira o endereço.",
            "This link leads to no trip. Check the address.",
            "Este enlace no lleva a ningún viaje. Revise la dirección.",
        ),
        _ => tongue.pick(
            "O roteiro não pode ser mostrado agora. Tente de novo daqui a pouco.",
            "The trip cannot be shown now. Try again in a while.",
            "El viaje no se puede mostrar ahora. Inténtelo de nuevo en un momento.",
        ),
    };
    let status = StatusCode::from_u16(failure.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let Ok(page) = (NoTrip { language: tongue.tag(), words }).render() else {
        return private(plain_refusal(failure.code(), failure.message()));
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, Form::Page.media_type())).insert_header((CONTENT_SECURITY_POLICY, LANDING_POLICY));
    private(response.body(page))
}

/// For those who have the link alone, whose secret stands in it, and asked for each time: it may be closed, and what is open changes.
fn private(mut response: HttpResponse) -> HttpResponse {
    for (name, value) in [
        (CACHE_CONTROL, "private, no-store"),
        (VARY, "Accept-Language, Accept-Encoding"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// ASCII letters and digits of a title, joined by hyphens.
fn file_name(title: &str) -> String {
    use unicode_normalization::UnicodeNormalization;

    let plain: String = title.nfkd().filter(|letter| letter.is_ascii() || letter.is_whitespace()).take(60).collect();
    let words: Vec<String> =
        plain.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    if words.is_empty() { "roteiro".to_owned() } else { words.join("-") }
}
