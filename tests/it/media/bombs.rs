//! Files that ask for far more than they are, sent by eight editors at once to a server that runs as a process of its own: each is
//! refused with its code or taken without what made it one, and the process never takes more than it says.

use std::sync::Arc;

use futures::future::join_all;
use roteiro::clock::Clock;
use roteiro::identity::rights::Role;
use roteiro::media::memory::IMAGES;
use serde_json::{Value, json};

use super::bomb_files::{Png, alpha_codes, folded, jpeg_with, lossless_codes, progressive, scanned_again};
use super::pictures::{chunk, extended, image_chunk, jpeg, lossy_webp, png, png_with, riff, webp};
use super::sending::{CITY, CREATE};
use crate::support::TestServer;
use crate::support::database::Database;
use crate::support::program::Served;

const MIB: u64 = 1024 * 1024;
/// Images that are on their way at once.
const AT_ONCE: usize = 8;

/// A server that is a process, and editors who send it images.
struct Sent {
    process: Served,
    client: reqwest::Client,
    editors: Vec<String>,
    /// What it takes when it has served some small images, in bytes.
    before: u64,
    /// Its store, from within which the editors' sessions were begun.
    _server: TestServer,
    _data: tempfile::TempDir,
}

impl Sent {
    async fn start() -> Self {
        let server = TestServer::demo_on(Database::Sqlite).await;
        server.clock.set(Clock::System.now());
        let mut editors = Vec::new();
        for _ in 0..AT_ONCE {
            editors.push(server.account(Role::Editor, Some(CITY)).await.1);
        }
        let data = tempfile::tempdir().unwrap();
        let folder = server.media_folder.path().to_str().unwrap();
        let process = Served::start(data.path(), &["--database-url", &server.database.url, "--media-url", folder]);
        let mut sent = Self { process, client: reqwest::Client::new(), editors, before: 0, _server: server, _data: data };
        // What is made once is made before anything is measured.
        assert_eq!(sent.all(&Arc::from(jpeg(400, 300))).await, vec!["taken"; AT_ONCE]);
        sent.forget_the_most();
        sent.before = sent.most();
        sent
    }

    /// What becomes of an image that an editor asks an address for and sends: `taken`, or a code.
    async fn one(&self, token: &str, image: Arc<[u8]>) -> String {
        let input = json!({ "city": CITY, "byteLength": image.len(), "contentType": "image/jpeg" });
        let asked = self.client.post(format!("http://{}/graphql", self.process.address)).bearer_auth(token);
        let asked = asked.json(&json!({ "query": CREATE, "variables": { "input": input } })).send().await.unwrap();
        let answer: Value = asked.json().await.unwrap();
        let path = answer["data"]["createMediaUpload"]["upload"]["uploadUrl"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let put = self.client.put(format!("http://{}{path}", self.process.address)).header("Content-Type", "image/jpeg");
        let answer: Value = put.body(image.to_vec()).send().await.unwrap().json().await.unwrap();
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("taken").to_owned()
    }

    /// The same image by every editor at once.
    async fn all(&self, image: &Arc<[u8]>) -> Vec<String> {
        join_all(self.editors.iter().map(|editor| self.one(editor, Arc::clone(image)))).await
    }

    /// What its process takes at most from now on is noted anew (Linux, proc(5)).
    fn forget_the_most(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.process.child.id()), "5").unwrap();
    }

    /// What its process has taken at most since then, in bytes.
    fn most(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Sends an image by all at once; what becomes of it, and what the process takes at most beside what it took before all bombs.
    async fn measured(&self, image: &Arc<[u8]>) -> (String, u64) {
        self.forget_the_most();
        let mut answers = self.all(image).await;
        answers.dedup();
        (answers.join(", "), self.most().saturating_sub(self.before))
    }
}

/// Every bomb with what becomes of it.
fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (jpeg, png, webp) = (jpeg(64, 48), png(64, 48), webp(64, 48));
    let (name, image) = image_chunk(&webp);
    let gigabyte = folded(&[], 1 << 30);
    let named = |chunk_name: [u8; 4], words: &[u8]| chunk(chunk_name, &[words, &gigabyte].concat());
    let profile = named(*b"iCCP", b"bomb\0\0");
    let black = |png: Png<'_>, rows: usize| png.of(&folded(&vec![0; rows], 1 << 30));
    vec![
        ("iCCP of 1 GB", "taken", png_with(&png, std::slice::from_ref(&profile))),
        ("two of them", "taken", png_with(&png, &[profile.clone(), profile])),
        ("zTXt of 1 GB", "taken", png_with(&png, &[named(*b"zTXt", b"Comment\0\0")])),
        ("iTXt of 1 GB", "taken", png_with(&png, &[named(*b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0")])),
        ("eXIf of 15 MB", "taken", png_with(&png, &[chunk(*b"eXIf", &vec![0; 15 << 20])])),
        (
            "19 MB of data that holds nothing",
            "IMAGE_DAMAGED",
            Png::default().of(&[&[0x78, 1][..], &[0, 0, 0, 0xFF, 0xFF].repeat(3_900_000)].concat()),
        ),
        ("data of 1 GB for 8 × 8", "IMAGE_DAMAGED", black(Png::default(), 200)),
        ("the same interlaced", "IMAGE_DAMAGED", black(Png { is_interlaced: true, ..Png::default() }, 207)),
        ("a palette of 15 MB", "IMAGE_DAMAGED", png_with(&png, &[chunk(*b"PLTE", &vec![0; 15 << 20])])),
        (
            "a palette image of 3,000 million",
            "IMAGE_TOO_LARGE",
            Png { size: (60_000, 50_000), depth: 1, colour: 3, ..Png::default() }.of(&gigabyte),
        ),
        ("400 scans", "IMAGE_TOO_LARGE", progressive(7_000, 1, 400)),
        ("99 scans over 49 million pixels", "IMAGE_TOO_LARGE", progressive(7_000, 1, 98)),
        ("scans of four components", "IMAGE_TOO_LARGE", progressive(7_000, 4, 9)),
        ("a scan again and again", "IMAGE_DAMAGED", scanned_again(&jpeg, 9_000)),
        ("a million segments of a profile", "taken", jpeg_with(&jpeg, 0xE2, b"ICC_PROFILE\0\x01\x01", 1 << 20)),
        ("a profile of 19 MB", "taken", jpeg_with(&jpeg, 0xE2, &[&b"ICC_PROFILE\0\x01\x01"[..], &[0; 65_000]].concat(), 300)),
        ("EXIF of 19 MB", "taken", jpeg_with(&jpeg, 0xE1, &[&b"Exif\0\0"[..], &[0; 65_000]].concat(), 300)),
        ("tables of 19 MB", "IMAGE_TOO_LARGE", jpeg_with(&jpeg, 0xC4, &[&[0][..], &[1], &[0; 15], &[0]].concat(), 900_000)),
        ("a WebP profile of 19 MB", "taken", riff(&[(b"VP8X", &extended(0x20, 64, 48)), (b"ICCP", &vec![0; 19 << 20]), (name, image)])),
        ("16,384 groups of codes", "IMAGE_TOO_LARGE", lossless_codes((64, 48))),
        ("the same in what is transparent", "IMAGE_TOO_LARGE", alpha_codes(&lossy_webp(64, 48), (64, 48))),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_for_far_more_than_it_is_takes_no_more_than_its_own_files() {
    let sent = Sent::start().await;
    let mut wrong = Vec::new();
    let mut bombs = bombs();
    // The longest last: an allocator may still have what one before took.
    bombs.sort_by_key(|(_, _, bomb)| bomb.len());
    for (what, becomes, bomb) in bombs {
        let bytes = bomb.len() as u64;
        assert!(bytes <= 20 * MIB, "{what}: {bytes}");
        let (answer, took) = sent.measured(&bomb.into()).await;
        // What arrived, what is kept of it, and what a small image and its profile take.
        let bound = AT_ONCE as u64 * (2 * bytes + 12 * MIB);
        if answer != becomes || took > bound {
            wrong.push(format!("{what}: {answer}, {} MiB of {}", took / MIB, bound / MIB));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The largest of their form at once are all taken, in what images may take together.
async fn takes_what_is_given(image: Vec<u8>) {
    let sent = Sent::start().await;
    let (answer, took) = sent.measured(&image.into()).await;
    assert_eq!(answer, "taken");
    assert!(took < IMAGES, "{} MiB of {}", took / MIB, IMAGES / MIB);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_of_fifty_million_deep_pixels_wait_for_each_other() {
    takes_what_is_given(Png { size: (12_000, 4_166), depth: 16, colour: 6, ..Png::default() }.black()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_progressive_images_wait_for_each_other() {
    takes_what_is_given(progressive(4_000, 3, 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_files_as_long_as_may_be_wait_for_each_other() {
    takes_what_is_given(Png { size: (2_000, 1_900), ..Png::default() }.noise()).await;
}
