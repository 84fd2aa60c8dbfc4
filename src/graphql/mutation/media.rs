//! Sending images.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use crate::domain::media::ImageFormat;
use crate::graphql::context;
use crate::graphql::directives::{Cost, List};
use crate::graphql::failure::{Code, Failure};
use crate::graphql::model::media::MediaAsset;
use crate::graphql::query::drafts::city_of;
use crate::graphql::scalars::Instant;
use crate::graphql::upload::Upload;
use crate::graphql::user_error::{Refusal, UserError, outcome};
use crate::identity::rights::Operation;
use crate::media::intake::MAX_BYTES;
use crate::media::service::UploadTicket;
use crate::media::unfit::Unfit;

/// Sending images.
#[derive(Default)]
pub struct MediaMutation;

/// An image to be sent to an address.
#[derive(InputObject)]
pub struct CreateMediaUploadInput {
    /// Slug of the city it is for.
    city: String,
    /// How many bytes it has, at most 20,971,520 (20 MiB).
    byte_length: i32,
    /// Its media type: `image/jpeg`, `image/png` or `image/webp`.
    content_type: String,
}

/// An image that comes with the request.
#[derive(InputObject)]
pub struct UploadMediaInput {
    /// Slug of the city it is for.
    city: String,
    /// The image.
    file: Upload,
}

/// A header of a request.
#[derive(SimpleObject)]
pub struct MediaUploadHeader {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

/// An address to which one image may be sent. Whoever has it may send it: no other token is needed, nor an `Authorization` header.
#[derive(SimpleObject)]
pub struct MediaUpload {
    /// Address on this host. Send the bytes of the image there with `PUT`; the answer is JSON with `id`, `url`, `width`, `height`,
    /// `thumbhash` and `variants`, or `errors` as GraphQL has them. The same image may be sent again when the answer was lost.
    upload_url: String,
    /// When the address ends; a quarter of an hour.
    expires_at: Instant,
    /// Headers to send with the image.
    #[graphql(directive = List::apply(1))]
    headers: Vec<MediaUploadHeader>,
}

impl MediaUpload {
    fn of(ticket: &UploadTicket, format: ImageFormat) -> Self {
        let header = MediaUploadHeader { name: "Content-Type".to_owned(), value: format.media_type().to_owned() };
        let upload_url = format!("/media/uploads/{}", ticket.token);
        Self { upload_url, expires_at: Instant(ticket.ends.into()), headers: vec![header] }
    }
}

/// What became of an image to be sent to an address.
#[derive(SimpleObject)]
pub struct CreateMediaUploadPayload {
    /// The address; null when there are user errors.
    upload: Option<MediaUpload>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

/// What became of an image that came with the request.
#[derive(SimpleObject)]
pub struct UploadMediaPayload {
    /// The image; null when there are user errors.
    media_asset: Option<MediaAsset>,
    /// What you can mend.
    #[graphql(directive = List::apply(3))]
    user_errors: Vec<UserError>,
}

#[Object]
impl MediaMutation {
    /// Gives an address to which an image for a city may be sent: the way for apps and for connections that break. Who has sent as much
    /// as one account may in a day is refused with `TOO_MANY_IMAGES`, here, there, and by `uploadMedia`.
    #[graphql(directive = Cost::apply(100))]
    async fn create_media_upload(
        &self,
        context: &Context<'_>,
        input: CreateMediaUploadInput,
    ) -> Result<Option<CreateMediaUploadPayload>, Failure> {
        let given = async {
            let city = city_of(context, &input.city).map_err(|failure| Refusal::at("city", failure))?;
            let permit = context::permit(context, Operation::CreateMediaUpload, city).await?;
            let format = ImageFormat::of_media_type(&input.content_type);
            let format = format.ok_or_else(|| bad("contentType", "images are image/jpeg, image/png or image/webp"))?;
            let length = usize::try_from(input.byte_length).ok().filter(|length| *length > 0);
            let length = length.ok_or_else(|| bad("byteLength", "an image has at least one byte"))?;
            if length > MAX_BYTES {
                return Err(Refusal::unfit("byteLength", Unfit::Bytes));
            }
            let asked = context::of(context);
            let ticket = asked.media.ticket(&permit, length as u64, asked.now).await?;
            Ok(MediaUpload::of(&ticket, format))
        };
        let (upload, user_errors) = outcome(given.await)?;
        Ok(Some(CreateMediaUploadPayload { upload, user_errors }))
    }

    /// Takes in an image for a city that comes with the request (GraphQL multipart request specification). It is decoded to its last
    /// pixel, kept without what the camera noted beside it, and made smaller. The same image again is the one that is there.
    #[graphql(directive = Cost::apply(10_000))]
    async fn upload_media(&self, context: &Context<'_>, input: UploadMediaInput) -> Result<Option<UploadMediaPayload>, Failure> {
        let taken_in = async {
            let city = city_of(context, &input.city).map_err(|failure| Refusal::at("city", failure))?;
            let permit = context::permit(context, Operation::UploadMedia, city).await?;
            let file = input.file.take(context).map_err(|failure| Refusal::at("file", failure))?;
            let asked = context::of(context);
            Ok(asked.media.add(&permit, file.place, file.bytes, asked.now).await?)
        };
        let (asset, user_errors) = outcome(taken_in.await)?;
        Ok(Some(UploadMediaPayload { media_asset: asset.map(MediaAsset), user_errors }))
    }
}

fn bad(field: &str, message: &str) -> Refusal {
    Refusal::at(field, Failure::new(Code::BadUserInput, message))
}
