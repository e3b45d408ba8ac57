//! `auth`: where the credentials come from and whether they work; storing some as a profile; giving a token back.
//!
//! Profiles lie where the official command line keeps its own, so both programs see the same. No secret is ever printed,
//! nor taken from a flag.

mod command;
mod login;
mod profiles;
mod status;

pub(crate) use self::command::{AuthCommand, run};
