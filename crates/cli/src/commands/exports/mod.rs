//! `exports`: exports of snapshots into a bucket of the customer.

mod jobs;
mod role;
mod setup;

pub(crate) use self::{
    jobs::{JobsCommand, run},
    setup::{Setup, run as set_up},
};
