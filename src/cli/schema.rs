//! `roteiro schema`: the contract as text.

/// Prints the schema.
pub(super) fn run() {
    print!("{}", crate::graphql::schema::sdl());
}
