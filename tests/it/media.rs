//! Images: what is taken and what is refused, how they are sent, kept, and shown.

mod bomb_files;
mod bombs;
mod bucket;
mod day;
mod intake;
mod lossless;
mod naming;
mod pictures;
mod sending;
mod serving;
mod sweep_race;
mod sweeping;
mod with_question;
