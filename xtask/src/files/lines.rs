//! Places in curation files, for messages: `file:line`.

/// The place of an entry: the first line that begins with the key, or else the first that contains it, apart from
/// comments. Only the file if no line does.
pub(crate) fn location(file: &str, text: &str, key: &str) -> String {
    let is_name = |character: char| character.is_alphanumeric() || "_-/.".contains(character);
    let has_key = |line: &str| {
        let mut found = line.match_indices(key).map(|(at, _)| (&line[..at], &line[at + key.len()..]));
        found.any(|(before, after)| !before.ends_with(is_name) && !after.starts_with(is_name))
    };
    let lines = || text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    let begins = |line: &str| line.trim_start_matches([' ', '[', '"', '\'']).starts_with(key) && has_key(line);
    let after_dot = |line: &str| line.match_indices(key).any(|(at, _)| line[..at].ends_with('.'));
    let found = lines()
        .find(|(_, line)| begins(line))
        .or_else(|| lines().find(|(_, line)| has_key(line)))
        .or_else(|| lines().find(|(_, line)| after_dot(line)));
    at(file, found.map(|(at, _)| at + 1))
}

/// A file and a line of it.
pub(crate) fn at(file: &str, line: Option<usize>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_is_the_line_of_the_entry_and_not_of_a_longer_name() {
        let text = "# getA\n[getAll]\nreplaced_by = \"getA\"\n\n[getA]\n'Two words' = 'x'\ntags.Gone = 'y'\n";
        let places = ["getA", "getAll", "Two words", "Gone", "getB"].map(|key| location("a.toml", text, key));
        assert_eq!(places, ["a.toml:5", "a.toml:2", "a.toml:6", "a.toml:7", "a.toml"]);
    }
}
