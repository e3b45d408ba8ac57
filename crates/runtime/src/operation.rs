//! The operations table: an operation of the service and its resource versions.
//!
//! The rows are generated (`operations::ALL` of the bindings). Transports, command lines, shims and tests read names,
//! paths, media types, sunsets and roles only from them.

use std::fmt;

/// Setters for constants. Other crates cannot construct the structs as literals, so that fields can be added.
macro_rules! setters {
    ($type:ident; $($(#[$doc:meta])* $setter:ident: $field:ident, $value:ty;)*) => {
        impl $type {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $setter(mut self, value: $value) -> Self {
                    self.$field = value;
                    self
                }
            )*
        }
    };
}

/// One operation of the Atlas Admin API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The operation ID, for example `listGroupClusterBackupExports`.
    pub id: &'static str,
    /// The short name in official tools, for example `listBackupExports`. Equal to `id` if there is none.
    pub short_name: &'static str,
    /// Names of the operation in earlier revisions of the specification, oldest first.
    pub former_ids: &'static [&'static str],
    /// The tag, for example `Cloud Backups`.
    pub tag: &'static str,
    /// One line of summary.
    pub summary: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, for example `/api/atlas/v2/groups/{groupId}/clusters/{clusterName}/backup/exports`.
    pub path: &'static str,
    /// Path and query parameters, path parameters first in the order of the template. `envelope` and `pretty` are not
    /// included.
    pub parameters: &'static [Parameter],
    /// The resource versions, oldest first; never empty.
    pub versions: &'static [Version],
    /// A caller needs one of these roles. Empty if the specification names none.
    pub roles: &'static [&'static str],
    /// Whether the whole operation is deprecated.
    pub deprecated: bool,
    /// The replacement, by ID.
    pub replaced_by: Option<&'static str>,
    /// Whether the service has removed it. Only the shims use it then.
    pub retired: bool,
    /// Whether it returns a page and takes `pageNum` and `itemsPerPage`.
    pub paged: bool,
    /// The official documentation page.
    pub docs_url: &'static str,
}

setters! {
    Operation;
    /// Sets the short name.
    with_short_name: short_name, &'static str;
    /// Sets the former ids, oldest first.
    with_former_ids: former_ids, &'static [&'static str];
    /// Sets the tag.
    with_tag: tag, &'static str;
    /// Sets the summary.
    with_summary: summary, &'static str;
    /// Sets the parameters, path first in the template's order.
    with_parameters: parameters, &'static [Parameter];
    /// Sets the resource versions, oldest first.
    with_versions: versions, &'static [Version];
    /// Sets the roles, one of which is required.
    with_roles: roles, &'static [&'static str];
    /// Sets whether the operation is deprecated.
    with_deprecated: deprecated, bool;
    /// Sets the replacement, by ID.
    with_replaced_by: replaced_by, Option<&'static str>;
    /// Sets whether the service has removed the operation.
    with_retired: retired, bool;
    /// Sets whether the operation returns a page.
    with_paged: paged, bool;
    /// Sets the URL of the official documentation page.
    with_docs_url: docs_url, &'static str;
}

impl Operation {
    /// An operation with its ID, method and path template. Its short name is its ID, and everything else is empty.
    #[must_use]
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            short_name: id,
            former_ids: &[],
            tag: "",
            summary: "",
            method,
            path,
            parameters: &[],
            versions: &[],
            roles: &[],
            deprecated: false,
            replaced_by: None,
            retired: false,
            paged: false,
            docs_url: "",
        }
    }

    /// The operation of `table` with this name: by ID, then short name, then former ID. The order matters, because a
    /// short name may be another operation's former ID.
    #[must_use]
    pub fn find(table: &[&'static Operation], name: &str) -> Option<&'static Operation> {
        let by = |matches: fn(&Operation, &str) -> bool| table.iter().copied().find(|row| matches(row, name));
        by(|row, name| row.id == name)
            .or_else(|| by(|row, name| row.short_name == name))
            .or_else(|| by(|row, name| row.former_ids.contains(&name)))
    }

    /// The newest version.
    #[must_use]
    pub fn newest(&self) -> &'static Version {
        self.versions.last().expect("the generator refuses an operation without a version")
    }

    /// The version of exactly this date.
    #[must_use]
    pub fn version(&self, date: &str) -> Option<&'static Version> {
        self.versions.iter().find(|v| v.date == date)
    }

    /// The tag in the spelling of official command lines: `cloudBackups`, `sharedTierSnapshots`.
    #[must_use]
    pub fn tag_name(&self) -> String {
        let mut name = String::with_capacity(self.tag.len());
        let words = self.tag.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
        for (index, word) in words.enumerate() {
            let (head, tail) = word.split_at(1);
            name.push_str(&if index == 0 { head.to_ascii_lowercase() } else { head.to_ascii_uppercase() });
            name.push_str(&tail.to_ascii_lowercase());
        }
        name
    }
}

/// One resource version of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// Its date, `YYYY-MM-DD` (or `preview`).
    pub date: &'static str,
    /// The media type of the response, for example `application/vnd.atlas.2023-01-01+json`.
    pub accept: &'static str,
    /// The media type of the request body, if the operation takes one.
    pub content_type: Option<&'static str>,
    /// The date from which the service returns 410, `YYYY-MM-DD`.
    pub sunset: Option<&'static str>,
    /// The date of its deprecation: that of the next version.
    pub deprecated: Option<&'static str>,
    /// The success statuses that are documented or were observed.
    pub statuses: &'static [u16],
    /// The request body's schema in the curated document.
    pub request: Option<&'static str>,
    /// Whether the request body may be left out.
    pub request_optional: bool,
    /// The success body's schema in the curated document.
    pub response: Option<&'static str>,
    /// The binding's name in the generated client.
    pub binding: &'static str,
}

setters! {
    Version;
    /// Sets the media type of the request body.
    with_content_type: content_type, Option<&'static str>;
    /// Sets the day from which the service answers 410.
    with_sunset: sunset, Option<&'static str>;
    /// Sets the day on which the version became deprecated.
    with_deprecated: deprecated, Option<&'static str>;
    /// Sets the success statuses.
    with_statuses: statuses, &'static [u16];
    /// Sets the request body's schema.
    with_request: request, Option<&'static str>;
    /// Sets whether the request body may be left out.
    with_request_optional: request_optional, bool;
    /// Sets the success body's schema.
    with_response: response, Option<&'static str>;
}

impl Version {
    /// A version with its date, the media type to accept and the binding's name; everything else is empty.
    #[must_use]
    pub const fn new(date: &'static str, accept: &'static str, binding: &'static str) -> Self {
        Self {
            date,
            accept,
            content_type: None,
            sunset: None,
            deprecated: None,
            statuses: &[],
            request: None,
            request_optional: true,
            response: None,
            binding,
        }
    }
}

/// A path or query parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// The name on the wire.
    pub name: &'static str,
    /// Where it goes.
    pub location: Location,
    /// Whether the call is refused without it.
    pub required: bool,
    /// The type of its values.
    pub kind: Kind,
    /// The values the specification lists, if it lists any.
    pub values: &'static [&'static str],
    /// The pattern the specification gives for values, if any.
    pub pattern: Option<&'static str>,
    /// What it means.
    pub description: &'static str,
}

setters! {
    Parameter;
    /// Sets whether the service refuses a call without it.
    with_required: required, bool;
    /// Sets the values that the specification lists.
    with_values: values, &'static [&'static str];
    /// Sets the pattern of its values.
    with_pattern: pattern, Option<&'static str>;
    /// Sets the description.
    with_description: description, &'static str;
}

impl Parameter {
    /// A parameter with its name, place and kind; it is required in the path and optional in the query.
    #[must_use]
    pub const fn new(name: &'static str, location: Location, kind: Kind) -> Self {
        let required = matches!(location, Location::Path);
        Self { name, location, required, kind, values: &[], pattern: None, description: "" }
    }
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
}

/// What a parameter's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A point in time, RFC 3339.
    DateTime,
    /// Several texts: the parameter is repeated.
    List,
}

/// An HTTP method of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// PUT.
    Put,
    /// POST.
    Post,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// The method as it goes over the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Put => "PUT",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Whether sending the same request twice leaves the service as sending it once does (RFC 9110, 9.2.2).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Method::Get | Method::Put | Method::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
