//! A file system of a few megabytes that can be filled to the brim: a tmpfs in a mount namespace of its own, which goes away with the
//! process that holds it. Root needs nothing more; anybody else is root in a user namespace, which not every machine allows root to make.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The file system.
pub struct SmallDisk {
    holder: Child,
    folder: TempDir,
    /// Whether the namespace has users of its own.
    has_users: bool,
}

impl SmallDisk {
    /// Makes one.
    pub fn new(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$0\" && echo mounted && exec sleep 3600");
        let has_users = !is_root();
        let mut holder = Command::new("unshare")
            .args(has_users.then_some("--map-root-user"))
            .args(["--mount", "sh", "-c", &script])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare of util-linux is there");
        let mut line = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "mounted\n", "a tmpfs can be mounted in a namespace of ours");
        Self { holder, folder, has_users }
    }

    /// Where it is for a process started by [`SmallDisk::command`].
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program that sees it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        let users: &[&str] = if self.has_users { &["--user", "--preserve-credentials"] } else { &[] };
        command.args(["--target", &self.holder.id().to_string(), "--mount"]).args(users).args(["--", program]);
        command
    }

    /// Fills it, but for so many bytes.
    pub fn fill(&self, left: u64) {
        let mut filler = std::fs::File::create(self.filler()).unwrap();
        while filler.write_all(&[1; 4_096]).is_ok() {}
        let length = filler.metadata().unwrap().len();
        filler.set_len(length.saturating_sub(left)).unwrap();
    }

    /// Gives the space back.
    pub fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    /// The file that takes the space, as it is seen from outside.
    fn filler(&self) -> PathBuf {
        let seen = self.path().strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{}/root", self.holder.id())).join(seen).join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.holder.kill().ok();
        self.holder.wait().ok();
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
