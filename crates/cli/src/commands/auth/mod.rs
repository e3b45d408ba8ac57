//! `auth`: shows the source of the credentials, tests them, stores profiles and revokes tokens.
//!
//! Profiles are in the file of the official command line, so both programs share them. No secret is printed or taken
//! from a flag.

mod command;
mod login;
mod profiles;
mod status;

pub(crate) use self::command::{AuthCommand, run};
