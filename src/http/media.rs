//! `/media/…`: images to everybody who may see them, and from those who have an address to send one to.

use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, HeaderValue, IF_NONE_MATCH,
};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures::StreamExt;
use serde_json::json;

use super::answer::refusal;
use super::body::{self, Bounds};
use super::negotiate::MediaType;
use super::{Asker, Face, Requests, address, report};
use crate::causes;
use crate::domain::client::Client;
use crate::domain::media::{Digest, ImageAddress, ImageFormat, MediaAsset};
use crate::graphql::failure::{Code, Failure};
use crate::media::storage;

/// Kept for a year, the longest caches are asked to: under an address nothing else will ever stand.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For the one who asked.
const FOR_ONE: &str = "private, no-store";

/// An image as it is served.
pub struct ServedImage {
    /// Of its bytes.
    pub digest: Digest,
    /// Its form.
    pub format: ImageFormat,
    /// Whether it is for everybody.
    pub is_public: bool,
    /// How many bytes.
    pub length: u64,
    /// The bytes.
    pub bytes: storage::Bytes,
}

/// `GET /media/{digest}.{suffix}` and `GET /media/{digest}/{width}.webp`.
pub(super) async fn image<R: Requests>(request: HttpRequest, face: Data<Face<R>>) -> HttpResponse {
    let Some(image) = ImageAddress::parse(request.path()) else {
        return refused(&Failure::new(Code::NotFound, "there is no such image"));
    };
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let asker = Asker { authorization, address: address::of(&request, face.proxies), ..Asker::default() };
    match face.requests.image(image, &asker).await {
        Ok(image) => served(&request, image),
        Err(failure) => {
            report::failure(&face.requests, &failure);
            refused(&failure)
        }
    }
}

fn served(request: &HttpRequest, image: ServedImage) -> HttpResponse {
    let tag = format!("\"{}\"", image.digest);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = image.is_public && known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, if image.is_public { FOR_EVER } else { FOR_ONE }))
        .insert_header((CONTENT_TYPE, image.format.media_type()))
        .insert_header((CONTENT_DISPOSITION, "inline"))
        // Whatever somebody made a browser take it for, it runs nothing and loads nothing.
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        // Also to who names no origin: the answer is kept, and may be used for one that does.
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"));
    if is_known {
        return response.finish();
    }
    let bytes = image
        .bytes
        .map(|bytes| bytes.map(Bytes::from).inspect_err(|error| tracing::error!(cause = causes::chain(error), "an image broke off")));
    response.body(SizedStream::new(image.length, bytes))
}

/// `PUT /media/uploads/{token}`.
pub(super) async fn receive<R: Requests>(request: HttpRequest, payload: Payload, face: Data<Face<R>>) -> HttpResponse {
    let received = async {
        let upload = face.requests.upload(request.match_info().query("token"))?;
        let place = face.requests.upload_place(Client::Account(upload.account()))?;
        let bytes = body::read_within(request.headers(), payload, &Bounds::image(upload.byte_length as usize)).await?;
        face.requests.receive(&upload, place, bytes).await
    };
    match received.await {
        Ok(asset) => {
            let mut response = HttpResponse::Ok();
            response.insert_header((CONTENT_TYPE, "application/json; charset=utf-8")).insert_header((CACHE_CONTROL, FOR_ONE));
            response.body(told(&asset).to_string())
        }
        Err(failure) => {
            report::failure(&face.requests, &failure);
            refused(&failure)
        }
    }
}

/// The image in the words of the contract.
fn told(asset: &MediaAsset) -> serde_json::Value {
    let variants = crate::graphql::model::media::variants(asset.digest, &asset.kept);
    let variants: Vec<_> =
        variants.iter().map(|variant| json!({ "url": variant.url, "width": variant.width, "height": variant.height })).collect();
    json!({
        "id": crate::graphql::node::GlobalId::MediaAsset(asset.id).encode(),
        "url": asset.address().to_string(),
        "width": asset.width,
        "height": asset.height,
        "thumbhash": asset.kept.thumbhash,
        "variants": variants,
    })
}

/// Not to be kept: what is not there, or not for everybody, may be tomorrow.
fn refused(failure: &Failure) -> HttpResponse {
    let mut response = refusal(MediaType::Json, failure);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOR_ONE));
    response
}
