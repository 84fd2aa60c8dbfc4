//! The words of Roteiro as types that cannot hold a wrong value: no I/O, no async, no GraphQL, one file a word.

pub mod access;
pub mod accessibility;
pub mod audit;
pub mod boundary;
pub mod category;
pub mod city;
pub mod client;
pub mod draft;
pub mod event;
pub mod geo;
pub mod holidays;
pub mod ids;
pub mod language;
pub mod media;
pub mod money;
pub mod opening_hours;
pub mod point_of_interest;
pub mod provenance;
pub mod record;
pub mod rights;
pub mod route;
pub mod schedule;
pub mod season;
pub mod suggestion;
pub mod text;
pub mod work_budget;
