//! What can go wrong with images.

use chrono::{DateTime, SecondsFormat, Utc};

use super::storage::StorageError;
use super::unfit::Unfit;
use crate::identity::accounts::AccountError;
use crate::identity::rights::Denied;
use crate::identity::session::SessionError;
use crate::store::StoreError;

/// What can go wrong with images.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The bytes are no image that is kept.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// As many images are being sent as may be at a time.
    #[error("too many images are being sent: try again in a moment")]
    Busy,
    /// The sender has sent what one account may in a day.
    #[error("you have sent as many images as one account may in a day: go on at {}", .until.to_rfc3339_opts(SecondsFormat::Secs, true))]
    DayFull {
        /// When there is room again.
        until: DateTime<Utc>,
        /// Until then, in seconds.
        seconds: u32,
    },
    /// Another number of bytes was announced than came.
    #[error("{sent} bytes came, {announced} were announced")]
    Length {
        /// Announced when the address was asked for.
        announced: u64,
        /// Come.
        sent: u64,
    },
    /// The address to send an image to is none of ours.
    #[error("there is no such address to send an image to")]
    UnknownUpload,
    /// The address to send an image to has ended.
    #[error("this address to send an image to has ended: ask for a new one")]
    EndedUpload,
    /// Another image was sent to the address.
    #[error("an image was sent to this address already: ask for a new one")]
    UsedUpload,
    /// It is not there, or not for the asker.
    #[error("there is no such image")]
    NotFound,
    /// Whoever sent it may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What the sender may do cannot be told.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// No address could be made.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The bytes cannot be kept or read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The thread that read an image died.
    #[error("the image could not be read")]
    Thread,
}
