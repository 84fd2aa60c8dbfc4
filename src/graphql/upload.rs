//! A file that comes with the question for it (GraphQL multipart request specification, github.com/jaydenseric). The HTTP face reads
//! it and puts it beside the request; where the file stood in the variables it puts a number.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, InputValueError, InputValueResult, Number, Scalar, ScalarType, Value};

use super::failure::{Code, Failure};
use crate::media::intake::Place;

/// A file, and the place under which it was let in.
#[derive(Debug)]
pub struct UploadedFile {
    /// The place.
    pub place: Place,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The file beside a request, if there is one. It can be taken once.
#[derive(Clone, Debug, Default)]
pub struct File(Arc<Mutex<Option<UploadedFile>>>);

impl File {
    /// This file.
    pub fn of(file: UploadedFile) -> Self {
        Self(Arc::new(Mutex::new(Some(file))))
    }

    fn take(&self) -> Option<UploadedFile> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A file.
#[derive(Clone, Copy, Debug)]
pub struct Upload;

/// A file that comes with the request, as the GraphQL multipart request specification says: one of at most 20 MiB a request.
#[Scalar(specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec")]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::Number(_) => Ok(Self),
            _ => Err(InputValueError::custom("a file is sent as multipart/form-data").with_extension("code", Code::BadUserInput.as_str())),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::from(0))
    }
}

impl Upload {
    /// The file.
    pub fn take(self, context: &Context<'_>) -> Result<UploadedFile, Failure> {
        let file = context.data_opt::<File>().and_then(File::take);
        file.ok_or_else(|| Failure::new(Code::BadUserInput, "no file came with the request, or it was used already"))
    }
}
