//! The whole table of refusals.

use std::sync::LazyLock;

use super::{backups, clusters, refusal::Refusal, requests, restores};

/// Everything that the service refuses, by topic.
#[must_use]
pub fn refusals() -> &'static [&'static Refusal] {
    static ALL: LazyLock<Vec<&Refusal>> =
        LazyLock::new(|| [requests::ROWS, clusters::ROWS, backups::ROWS, restores::ROWS].concat());
    &ALL
}

/// The refusal with this code; of two statuses, the one that the emulator answers.
pub(crate) fn find(code: &str) -> Option<&'static Refusal> {
    let with_code = || refusals().iter().copied().filter(|refusal| refusal.code == code);
    with_code().find(|refusal| refusal.not_modelled.is_none()).or_else(|| with_code().next())
}

/// The table as Markdown.
#[cfg(any(test, feature = "binary"))]
pub(crate) fn markdown() -> String {
    let mut text = String::new();
    let list = |text: &mut String, not_modelled: bool| {
        for refusal in refusals().iter().filter(|refusal| refusal.not_modelled.is_some() == not_modelled) {
            let Refusal { code, status, topic, condition, .. } = refusal;
            let last = refusal.not_modelled.unwrap_or(refusal.source.as_str());
            *text += &format!("| {topic} | {status} | `{code}` | {condition} | {last} |\n");
        }
    };
    text += "| about | status | code | when | known from |\n|---|---|---|---|---|\n";
    list(&mut text, false);
    text += "\nThe emulator never returns the following codes by itself; a fault with the effect `refusal` does.\n\n";
    text += "| about | status | code | when | why it is not modelled |\n|---|---|---|---|---|\n";
    list(&mut text, true);
    text
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, env, fs, path::Path};

    use super::*;
    use crate::openapi::document::Document;

    /// With `UPDATE_README` set, the test writes the list.
    #[test]
    fn readme_lists_every_refusal() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let readme = fs::read_to_string(path).unwrap();
        let table = markdown();
        let begin = readme.find(table.lines().next().unwrap()).unwrap();
        let end = readme[begin..].find("\n\n## ").map_or(readme.len(), |end| begin + end + 1);
        if env::var_os("UPDATE_README").is_some() {
            fs::write(path, format!("{}{table}{}", &readme[..begin], &readme[end..])).unwrap();
            return;
        }
        let command = "UPDATE_README=1 cargo test -p atlas-backup-emulator --lib readme_lists_every_refusal";
        assert!(readme[begin..end] == table, "the README's list is not current: run `{command}`");
    }

    #[test]
    fn refusals_name_operations_of_the_document() {
        let operations = &Document::embedded().operations;
        for refusal in refusals() {
            for part in refusal.operations {
                assert!(operations.iter().any(|o| o.id.contains(part)), "{}: {part}", refusal.code);
            }
        }
    }

    #[test]
    fn each_code_and_status_stands_in_one_row() {
        let rows: BTreeSet<_> = refusals().iter().map(|refusal| (refusal.code, refusal.status)).collect();
        assert_eq!(rows.len(), refusals().len());
    }

    /// The list is other people's work and not in the project.
    #[test]
    fn every_published_code_of_the_domain_has_a_row() {
        let Ok(folder) = env::var("ATLAS_BACKUP_UPSTREAM") else {
            eprintln!("skipped: ATLAS_BACKUP_UPSTREAM is not set");
            return;
        };
        let list = fs::read_to_string(Path::new(&folder).join("error-codes.tsv")).unwrap();
        let known =
            |code: &str, status: &str| refusals().iter().any(|r| r.code == code && r.status.to_string() == status);
        let rows = list.lines().skip(1).filter_map(|line| line.split_once('\t'));
        let missing = rows.filter(|(code, rest)| !known(code, rest.split('\t').next().unwrap_or_default()));
        assert_eq!(missing.map(|(code, _)| code).collect::<Vec<_>>(), [""; 0]);
    }
}
