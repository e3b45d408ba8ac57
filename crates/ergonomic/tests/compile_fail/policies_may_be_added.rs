//! A match over policies has an arm for those to come.

fn advice(kind: atlas_backup::RetiredPolicy) -> &'static str {
    match kind {
        atlas_backup::RetiredPolicy::Redirect => "redirected",
        atlas_backup::RetiredPolicy::TryFirst => "tried first",
        atlas_backup::RetiredPolicy::Refuse => "refused",
    }
}

fn main() {}
