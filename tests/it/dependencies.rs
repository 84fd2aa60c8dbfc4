//! What stands in the lock file is what `deny.toml` allows: licences, banned crates, excepted advisories.

use std::process::Command;

#[test]
fn crates_are_those_that_the_policy_allows() {
    for arguments in [&["--self-test"][..], &[]] {
        let output = Command::new("./check-licences").args(arguments).output().expect("./check-licences is started by `python3`");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
