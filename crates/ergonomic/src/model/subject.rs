//! The subject of a call or job: the project, the cluster and the object that its path names.
//!
//! Errors show the subject, so that one line of a log says what failed. It is read from the path of the request and never
//! passed along separately.

use std::fmt;

use atlas_backup_runtime::Operation;
use percent_encoding::percent_decode_str;

/// The project, the cluster and the object of a call, where its path names them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    project: Option<String>,
    cluster: Option<String>,
    object: Option<Object>,
}

/// The innermost thing that a path names, such as a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Object {
    what: String,
    id: String,
}

impl Subject {
    /// What `path` is about. `operation` says what the values in it are; without it only project and cluster are known.
    pub(crate) fn of(operation: Option<&Operation>, path: &str) -> Self {
        let mut subject = Subject::default();
        if let Some(values) = operation.and_then(|operation| path_values(operation.path, path)) {
            values.into_iter().for_each(|(name, value)| subject.add(name, value));
            return subject;
        }
        let segments: Vec<&str> = path.split('/').collect();
        for pair in segments.windows(2) {
            match *pair {
                ["groups", project] => subject.add("groupId", project),
                ["clusters" | "flexClusters", cluster] => subject.add("clusterName", cluster),
                _ => {}
            }
        }
        subject
    }

    /// Takes what `other` knows and this subject does not.
    pub(crate) fn complete(&mut self, other: &Subject) {
        self.project = self.project.take().or_else(|| other.project.clone());
        self.cluster = self.cluster.take().or_else(|| other.cluster.clone());
        self.object = self.object.take().or_else(|| other.object.clone());
    }

    /// The subject with the value of one more path parameter.
    pub(crate) fn with(mut self, parameter: &str, value: &str) -> Self {
        self.add(parameter, value);
        self
    }

    pub(crate) fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    pub(crate) fn cluster(&self) -> Option<&str> {
        self.cluster.as_deref()
    }

    pub(crate) fn object(&self) -> Option<&str> {
        self.object.as_ref().map(|object| &*object.id)
    }

    fn add(&mut self, name: &str, value: &str) {
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "groupId" => self.project = Some(value),
            "clusterName" | "name" => self.cluster = Some(value),
            other => self.object = Some(Object { what: resource(other), id: value }),
        }
    }
}

/// ` (project …, cluster …, snapshot …)`, or nothing.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = self.object.as_ref().map(|object| (&*object.what, &*object.id));
        let known = [self.project().map(|id| ("project", id)), self.cluster().map(|name| ("cluster", name)), object];
        for (index, (what, id)) in known.into_iter().flatten().enumerate() {
            write!(f, "{}{what} {id}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if *self == Subject::default() { "" } else { ")" })
    }
}

/// The resource that a parameter names: `restoreJobId` is `restore job`.
fn resource(name: &str) -> String {
    let stem = ["Id", "Name"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name);
    if stem == "org" {
        return "organization".to_owned();
    }
    let mut spaced = String::with_capacity(stem.len() + 2);
    for c in stem.chars() {
        if c.is_ascii_uppercase() {
            spaced.push(' ');
        }
        spaced.push(c.to_ascii_lowercase());
    }
    spaced
}

/// The values in `path`, still percent-encoded, by the names in `template`. The path may be of the current API or of the
/// one before it, which had the same resources.
pub(crate) fn path_values<'n, 'p>(template: &'n str, path: &'p str) -> Option<Vec<(&'n str, &'p str)>> {
    let template = template.strip_prefix("/api/atlas/v2")?;
    let path = path.strip_prefix("/api/atlas/v2").or_else(|| path.strip_prefix("/api/atlas/v1.0"))?;
    let (mut names, mut values) = (template.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (names.next(), values.next()) {
            (None, None) => return Some(found),
            (Some(name), Some(value)) => match name.strip_prefix('{').and_then(|n| n.strip_suffix('}')) {
                Some(name) => found.push((name, value)),
                None if name == value => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::operations;

    #[test]
    fn subject_names_project_cluster_and_object_of_path() {
        let shown = |method: http::Method, path: &str| {
            let operation = operations::find_path(&method, path);
            Subject::of(operation, path).to_string()
        };
        let cluster = "/api/atlas/v2/groups/32b6e34b3d91647abb20e7b8/clusters/Cluster0";
        assert_eq!(
            shown(http::Method::GET, &format!("{cluster}/backup/snapshots/5f3e8e7d9b1c2a0012345678")),
            " (project 32b6e34b3d91647abb20e7b8, cluster Cluster0, snapshot 5f3e8e7d9b1c2a0012345678)"
        );
        assert_eq!(
            shown(http::Method::GET, "/api/atlas/v2/groups/32b6e34b3d91647abb20e7b8/flexClusters/f"),
            " (project 32b6e34b3d91647abb20e7b8, cluster f)"
        );
        assert_eq!(shown(http::Method::GET, "/api/atlas/v2/groups"), "");
        assert_eq!(shown(http::Method::POST, &format!("{cluster}/elsewhere")), {
            " (project 32b6e34b3d91647abb20e7b8, cluster Cluster0)"
        });
        assert_eq!(
            (resource("restoreJobId"), resource("orgId")),
            ("restore job".to_owned(), "organization".to_owned())
        );
        assert_eq!(Subject::of(None, "/api/atlas/v2/groups/a%20b").project(), Some("a b"));
    }

    #[test]
    fn subject_is_completed_without_overwriting() {
        let mut subject = Subject::of(None, "/groups/p");
        subject.complete(&Subject::of(None, "/groups/q/clusters/c"));
        assert_eq!(subject.to_string(), " (project p, cluster c)");
    }
}
