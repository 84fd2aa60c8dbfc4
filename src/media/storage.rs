//! Where the bytes of images are: a folder, or a bucket that speaks S3. What is kept is called by the SHA-256 of its bytes, so
//! nothing is ever overwritten by something else, and keeping it twice is keeping it once.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};

use crate::domain::media::Digest;
use crate::store::StoreError;
use crate::store::files::private_folder;

/// How often a bucket that does not answer is asked again, and for how long: whoever waits for an image waits with us.
const RETRIES: usize = 2;
const PATIENCE: Duration = Duration::from_secs(10);

/// Why bytes cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The address is not `s3://bucket` or `s3://bucket/prefix`.
    #[error("the address of the media must look like s3://bucket/prefix")]
    Address,
    /// The folder cannot be made.
    #[error("the folder of the media cannot be made")]
    Folder(#[from] StoreError),
    /// The folder or the bucket fails.
    #[error("the media cannot be reached")]
    Failed(#[from] object_store::Error),
}

/// Who speaks to a bucket. What is absent is asked of the machine the process runs on, as clouds offer it.
#[derive(Clone, Default)]
pub struct BucketAccess {
    /// Address of the service; that of Amazon when absent.
    pub endpoint: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Name of the key.
    pub access_key_id: Option<String>,
    /// The key.
    pub secret_access_key: Option<String>,
    /// Token beside a key that holds for a while.
    pub session_token: Option<String>,
}

/// Bytes as they come.
pub type Bytes = BoxStream<'static, Result<Vec<u8>, StorageError>>;

/// Where the bytes of images are.
#[derive(Clone, Debug)]
pub struct MediaStorage {
    objects: Arc<dyn ObjectStore>,
}

impl MediaStorage {
    /// In a folder, which is made when it is missing, and closed to other users of the machine. A file appears there whole or not at all.
    pub fn folder(path: &Path) -> Result<Self, StorageError> {
        private_folder(path)?;
        Ok(Self { objects: Arc::new(LocalFileSystem::new_with_prefix(path)?) })
    }

    /// In a bucket, `s3://bucket/prefix`, which has to be there.
    pub fn bucket(url: &str, access: BucketAccess) -> Result<Self, StorageError> {
        let rest = url.strip_prefix("s3://").ok_or(StorageError::Address)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(StorageError::Address);
        }
        let is_plain = access.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_allow_http(is_plain).with_retry(retry);
        let BucketAccess { endpoint, region, access_key_id, secret_access_key, session_token } = access;
        for (value, set) in [
            (endpoint, AmazonS3Builder::with_endpoint as fn(AmazonS3Builder, String) -> AmazonS3Builder),
            (region, AmazonS3Builder::with_region),
            (access_key_id, AmazonS3Builder::with_access_key_id),
            (secret_access_key, AmazonS3Builder::with_secret_access_key),
            (session_token, AmazonS3Builder::with_token),
        ] {
            if let Some(value) = value {
                builder = set(builder, value);
            }
        }
        let bucket = builder.build()?;
        let prefix = prefix.trim_matches('/');
        let objects: Arc<dyn ObjectStore> = if prefix.is_empty() { Arc::new(bucket) } else { Arc::new(PrefixStore::new(bucket, prefix)) };
        Ok(Self { objects })
    }

    /// In whatever else keeps objects.
    pub const fn over(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects }
    }

    /// Keeps the bytes, whose digest this is.
    pub async fn keep(&self, digest: Digest, bytes: &[u8]) -> Result<(), StorageError> {
        let key = key(digest);
        match self.objects.head(&key).await {
            Ok(_) => return Ok(()),
            Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.objects.put(&key, bytes.to_vec().into()).await?;
        Ok(())
    }

    /// Removes what is kept under the digest, if anything is.
    pub async fn remove(&self, digest: Digest) -> Result<(), StorageError> {
        match self.objects.delete(&key(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// How many bytes there are, and the bytes; `None` when nothing is kept under the digest.
    pub async fn open(&self, digest: Digest) -> Result<Option<(u64, Bytes)>, StorageError> {
        let found = match self.objects.get(&key(digest)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let length = found.meta.size;
        Ok(Some((length, found.into_stream().map_ok(Vec::from).map_err(StorageError::from).boxed())))
    }
}

/// A folder holds what begins with the same two digits: some file systems grow slow with many files in one.
fn key(digest: Digest) -> Key {
    let name = digest.to_string();
    Key::from_iter([&name[..2], &name])
}
