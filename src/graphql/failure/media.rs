//! What images fail with.

#![deny(clippy::wildcard_enum_match_arm)]

use super::{Code, Failure};
use crate::media::error::MediaError;
use crate::media::unfit::Unfit;

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        let code = match unfit {
            Unfit::Form(_) => Code::UnsupportedImage,
            Unfit::Bytes => Code::PayloadTooLarge,
            Unfit::Pixels { .. } | Unfit::Memory { .. } | Unfit::Scans => Code::ImageTooLarge,
            Unfit::Animated => Code::ImageAnimated,
            Unfit::Truncated => Code::ImageTruncated,
            Unfit::Trailing => Code::ImageTrailingData,
            Unfit::Broken => Code::ImageDamaged,
        };
        Self::new(code, unfit.to_string())
    }
}

impl From<MediaError> for Failure {
    fn from(error: MediaError) -> Self {
        let code = match error {
            MediaError::Unfit(unfit) => return unfit.into(),
            MediaError::Denied(denied) => return denied.into(),
            MediaError::Account(error) => return error.into(),
            MediaError::Session(error) => return error.into(),
            MediaError::DayFull { seconds, .. } => return Self::new(Code::TooManyImages, error.to_string()).retry_after(seconds),
            MediaError::Busy => return Self::new(Code::Busy, error.to_string()).retry_after(2),
            MediaError::Length { .. } => Code::BadRequest,
            MediaError::UnknownUpload | MediaError::NotFound => Code::NotFound,
            MediaError::EndedUpload | MediaError::UsedUpload => Code::Gone,
            MediaError::Store(ref store) => return Self::away(store.is_outcome_unknown(), "images", &error),
            MediaError::Storage(_) => return Self::away(false, "images", &error),
            MediaError::Thread => return Self::caused(Code::Internal, "the image could not be read", &error),
        };
        Self::new(code, error.to_string())
    }
}
