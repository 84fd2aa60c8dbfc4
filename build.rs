//! The pages and the demo catalogue are bundled by `include_dir!`, which does not tell cargo that a file came or went.

fn main() {
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=data");
}
