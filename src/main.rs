//! Roteiro.
fn main() {}
