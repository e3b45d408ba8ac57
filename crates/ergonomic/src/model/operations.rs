//! The only access to the operations table. Names, versions, paths and roles come from the table and are never
//! repeated.

use atlas_backup_generated::operations;
use atlas_backup_runtime::Operation;

/// The operation `name`: by id, then short name, then former name.
pub(crate) fn find(name: &str) -> Option<&'static Operation> {
    operations::find(name)
}

/// The operation of a request. If two templates match, the one without a placeholder at that position.
pub(crate) fn find_path(method: &http::Method, path: &str) -> Option<&'static Operation> {
    let fitting =
        operations::ALL.iter().copied().filter(|o| o.method.as_str() == method.as_str() && fits(o.path, path));
    fitting.min_by_key(|operation| operation.path.matches('{').count())
}

fn fits(template: &str, path: &str) -> bool {
    let (mut names, mut values) = (template.split('/'), path.split('/'));
    loop {
        match (names.next(), values.next()) {
            (None, None) => return true,
            (Some(name), Some(value)) if name == value || (name.starts_with('{') && !value.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_finds_its_operation() {
        for operation in operations::ALL.iter().filter(|operation| !operation.retired) {
            let path = operation.path.replace(['{', '}'], "");
            let method = operation.method.as_str().parse().expect("a method");
            assert_eq!(find_path(&method, &path).map(|found| found.id), Some(operation.id), "{path}");
        }
        assert!(find_path(&http::Method::GET, "/api/atlas/v2/groups//clusters").is_none());
        assert!(find_path(&http::Method::GET, "/api/atlas/v2/elsewhere").is_none());
    }
}
