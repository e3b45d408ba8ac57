//! Commands that we name, as a shell takes them: they are there to be pasted.

/// A word as a shell takes it.
pub(crate) fn shell_word(text: &str) -> String {
    match !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "/._-:=".contains(c)) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_that_file_and_nothing_else() {
        assert_eq!(shell_word("/tmp/atlas-backup-drill-x1"), "/tmp/atlas-backup-drill-x1");
        assert_eq!(shell_word("/a b/c'd; rm -rf ~"), r"'/a b/c'\''d; rm -rf ~'");
        assert_eq!(shell_word(""), "''");
    }
}
