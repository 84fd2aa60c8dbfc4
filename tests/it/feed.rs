//! The feed of changes as its readers see it: who follows from page to page, at whatever pace, has in the end what is there.

mod cursors;
mod histories;
mod kinds;
mod live;
mod merged;
mod order;
mod reader;
mod requests;
mod rxdb;
