//! A file system of a few megabytes that can be filled to the brim: a tmpfs in a mount namespace of its own, which needs no rights and
//! goes away with the process that holds it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The file system.
pub struct SmallDisk {
    holder: Child,
    folder: TempDir,
}

impl SmallDisk {
    /// Makes one.
    pub fn new(megabytes: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$0\" && echo mounted && exec sleep 3600");
        let mut holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare of util-linux is there");
        let mut line = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "mounted\n", "a tmpfs can be mounted in a namespace of ours");
        Self { holder, folder }
    }

    /// Where it is for a process started by [`SmallDisk::command`].
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A program that sees it.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--user", "--mount", "--preserve-credentials", "--", program]);
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
