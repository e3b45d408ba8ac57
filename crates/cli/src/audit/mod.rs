//! What is wrong with a fleet's backups: facts are gathered cluster by cluster, rules are held against them, findings
//! come out.
//!
//! `facts` is what is known of a cluster, `plan` what was planned for it, `gather` reads both, `policy` is what the organization demands, `rules` the one
//! table of what is checked, `finding` what comes out, `junit` and `prometheus` two more ways to write it. Rules are pure:
//! the same facts, policy and moment give the same findings. What could not be read is a finding too, never a silence.

pub(crate) mod demands;
pub(crate) mod facts;
pub(crate) mod finding;
pub(crate) mod gather;
pub(crate) mod junit;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod prometheus;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod verdict;
