//! The table of kinds of changes, the effect of each on a program, and the inverse of each.
//!
//! A kind has the id of oasdiff's check if there is one; the others are marked as our own. A change is breaking if a
//! name of the bindings disappears, a value changes its type, or the service may refuse what it accepted before.
//! oasdiff is less strict about removals and stricter about responses, which the bindings read leniently: their enums
//! are open and their fields optional. Every reported kind must be in this table.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// Direction of a change. The inverse comparison has the other side of the same class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// Added.
    Plus,
    /// Removed.
    Minus,
    /// Changed.
    Same,
}

/// One kind of change.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The check id.
    pub(crate) id: String,
    /// Subject of the change. Kinds of one class are inverse to each other.
    pub(crate) class: String,
    /// Its direction.
    pub(crate) side: Side,
    /// Whether it is breaking, unless the location decides otherwise.
    pub(crate) breaking: bool,
    /// Whether oasdiff has a check with this id.
    pub(crate) oasdiff: bool,
}

use Side::{Minus, Plus, Same};

/// Single kinds: id, class, side, breaking.
const SINGLE: &[(&str, &str, Side, bool)] = &[
    ("endpoint-added", "endpoint", Plus, false),
    ("api-path-removed-with-deprecation", "endpoint", Minus, true),
    ("api-path-removed-without-deprecation", "endpoint", Minus, true),
    ("api-removed-with-deprecation", "endpoint", Minus, true),
    ("api-removed-without-deprecation", "endpoint", Minus, true),
    ("resource-version-added", "version", Plus, false),
    ("resource-version-removed", "version", Minus, true),
    ("api-path-changed", "path", Same, true),
    ("api-operation-id-removed", "operation-id", Same, true),
    ("api-short-name-changed", "short-name", Same, true),
    ("api-security-added", "security", Plus, true),
    ("api-security-removed", "security", Minus, true),
    ("api-tag-added", "tag", Plus, false),
    ("api-tag-removed", "tag", Minus, false),
    ("required-role-added", "role", Plus, false),
    ("required-role-removed", "role", Minus, false),
    ("endpoint-deprecated", "deprecation", Plus, false),
    ("endpoint-reactivated", "deprecation", Minus, false),
    ("sunset-added", "sunset", Plus, false),
    ("sunset-deleted", "sunset", Minus, false),
    ("api-sunset-date-changed-too-small", "sunset-date", Minus, false),
    ("sunset-date-postponed", "sunset-date", Plus, false),
    ("sunset-reached", "sunset-reached", Plus, true),
    ("sunset-ahead-again", "sunset-reached", Minus, false),
    ("new-required-request-parameter", "parameter", Plus, true),
    ("new-optional-request-parameter", "parameter", Plus, false),
    ("request-parameter-removed", "parameter", Minus, true),
    ("request-parameter-became-required", "parameter-required", Plus, true),
    ("request-parameter-became-optional", "parameter-required", Minus, false),
    ("request-parameter-style-changed", "style", Same, true),
    ("request-parameter-explode-changed", "explode", Same, true),
    ("request-path-parameter-renamed", "parameter-name", Same, false),
    ("request-body-added-required", "body", Plus, true),
    ("request-body-added-optional", "body", Plus, false),
    ("request-body-removed", "body", Minus, true),
    ("request-body-became-required", "body-required", Plus, true),
    ("request-body-became-optional", "body-required", Minus, false),
    ("request-body-media-type-added", "body-media-type", Plus, false),
    ("request-body-media-type-removed", "body-media-type", Minus, true),
    ("request-body-media-type-schema-added", "body-schema", Plus, true),
    ("request-body-media-type-schema-removed", "body-schema", Minus, true),
    ("response-success-status-added", "success", Plus, false),
    ("response-success-status-removed", "success", Minus, true),
    ("response-non-success-status-added", "failure", Plus, false),
    ("response-non-success-status-removed", "failure", Minus, false),
    ("response-media-type-added", "response-media-type", Plus, false),
    ("response-media-type-removed", "response-media-type", Minus, true),
    ("response-body-media-type-schema-added", "response-schema", Plus, true),
    ("response-body-media-type-schema-removed", "response-schema", Minus, true),
    ("response-header-added", "header", Plus, false),
    ("optional-response-header-removed", "header", Minus, false),
    ("required-response-header-removed", "header", Minus, false),
    ("new-required-request-property", "request-property", Plus, true),
    ("new-optional-request-property", "request-property", Plus, false),
    ("request-property-removed", "request-property", Minus, true),
    ("request-property-became-required", "request-required", Plus, true),
    ("request-property-became-optional", "request-required", Minus, false),
    ("response-required-property-added", "response-property", Plus, false),
    ("response-optional-property-added", "response-property", Plus, false),
    ("response-required-property-removed", "response-property", Minus, true),
    ("response-optional-property-removed", "response-property", Minus, true),
    ("response-property-became-required", "response-required", Plus, false),
    ("response-property-became-optional", "response-required", Minus, false),
    ("request-parameter-property-added", "parameter-property", Plus, false),
    ("request-parameter-property-removed", "parameter-property", Minus, true),
    ("request-parameter-property-became-required", "parameter-property-required", Plus, true),
    ("request-parameter-property-became-optional", "parameter-property-required", Minus, false),
    ("api-schema-renamed", "schema-name", Same, true),
];

/// Location of a schema, as the first part of a kind's id. True for requests.
pub(crate) const PLACES: [(&str, bool); 6] = [
    ("request-body", true),
    ("request-property", true),
    ("request-parameter", true),
    ("request-parameter-property", true),
    ("response-body", false),
    ("response-property", false),
];

/// Changes of a schema, as the last part of a kind's id: suffix, class, side, breaking when sent, when received.
const SCHEMA: &[(&str, &str, Side, bool, bool)] = &[
    ("type-changed", "type", Same, true, true),
    ("became-nullable", "null", Plus, false, false),
    ("became-not-nullable", "null", Minus, true, false),
    ("became-enum", "enum", Plus, true, true),
    ("became-not-enum", "enum", Minus, true, true),
    ("enum-value-added", "value", Plus, false, false),
    ("enum-value-removed", "value", Minus, true, true),
    ("max-became-exclusive", "max-exclusive", Plus, true, false),
    ("max-became-inclusive", "max-exclusive", Minus, false, false),
    ("min-became-exclusive", "min-exclusive", Plus, true, false),
    ("min-became-inclusive", "min-exclusive", Minus, false, false),
    ("deprecated", "deprecation", Plus, false, false),
    ("reactivated", "deprecation", Minus, false, false),
    ("default-value-added", "default", Plus, false, false),
    ("default-value-removed", "default", Minus, false, false),
    ("default-value-changed", "default-value", Same, false, false),
    ("pattern-added", "pattern", Plus, true, false),
    ("pattern-removed", "pattern", Minus, false, false),
    ("pattern-changed", "pattern-value", Same, true, false),
    ("additional-properties-allowed", "additional", Plus, false, false),
    ("additional-properties-refused", "additional", Minus, true, false),
    ("one-of-added", "one-of", Plus, false, false),
    ("one-of-removed", "one-of", Minus, true, true),
    ("any-of-added", "any-of", Plus, false, false),
    ("any-of-removed", "any-of", Minus, true, true),
    ("discriminator-added", "discriminator", Plus, true, true),
    ("discriminator-removed", "discriminator", Minus, true, true),
    ("discriminator-property-name-changed", "discriminator-name", Same, true, true),
    ("discriminator-mapping-added", "mapping", Plus, false, false),
    ("discriminator-mapping-deleted", "mapping", Minus, true, true),
    ("discriminator-mapping-changed", "mapping-target", Same, true, true),
];

/// Bounds: the keyword, its part of the id, and whether a larger number is less strict.
pub(crate) const BOUNDS: [(&str, &str, bool); 6] = [
    ("maximum", "max", true),
    ("minimum", "min", false),
    ("maxLength", "max-length", true),
    ("minLength", "min-length", false),
    ("maxItems", "max-items", true),
    ("minItems", "min-items", false),
];

/// The ids above that oasdiff does not have. Two come from the official changelog (`resource-version-…`).
fn own_kind(id: &str) -> bool {
    const SINGLES: [&str; 20] = [
        "request-body-enum-value-added",
        "request-parameter-explode-changed",
        "request-parameter-style-changed",
        "api-path-changed",
        "resource-version-added",
        "resource-version-removed",
        "api-short-name-changed",
        "required-role-added",
        "required-role-removed",
        "sunset-added",
        "sunset-date-postponed",
        "sunset-reached",
        "sunset-ahead-again",
        "request-path-parameter-renamed",
        "request-parameter-property-added",
        "request-parameter-property-removed",
        "request-parameter-property-became-required",
        "request-parameter-property-became-optional",
        "api-schema-renamed",
        "response-body-enum-value-added",
    ];
    // The locations that oasdiff has for a suffix. Suffixes missing here exist for all locations.
    let locations = |known: &[&str], suffix: &str| {
        id.ends_with(suffix) && !known.iter().any(|location| id == format!("{location}-{suffix}"))
    };
    let parameters = ["request-parameter", "request-parameter-property"];
    let requests = ["request-body", "request-property", "request-parameter"];
    let properties = ["request-property", "response-property"];
    let described = ["request-property", "response-property", "request-parameter"];
    let unions = ["request-body", "request-property", "response-body", "response-property"];
    SINGLES.contains(&id)
        || id.contains("additional-properties")
        || id.ends_with("-became-exclusive")
        || id.ends_with("-became-inclusive")
        || locations(&requests, "became-enum")
        || id.ends_with("became-not-enum")
        || id == "response-body-enum-value-removed"
        || (locations(&described, "deprecated") && id != "endpoint-deprecated")
        || (locations(&described, "reactivated") && id != "endpoint-reactivated")
        || (parameters[1..].iter().any(|location| id.starts_with(location)) && id.contains("default-value"))
        || (id.contains("pattern")
            && !properties.iter().chain(&parameters[..1]).any(|p| id.starts_with(&format!("{p}-pattern"))))
        || (["one-of", "any-of", "discriminator"].iter().any(|part| id.contains(part))
            && !unions.iter().any(|location| id.starts_with(location)))
}

/// Bounds that oasdiff reports: less strict in a response, changed in a request, but never removed.
fn bound_is_ours(location: &str, bound: &str, what: &str, larger_is_looser: bool) -> bool {
    match (location, what) {
        ("request-parameter-property", _) | (_, "unset") => {
            !(location.starts_with("response") && matches!(bound, "max-length" | "min-items"))
        }
        ("response-body" | "response-property", "set") => true,
        ("response-body" | "response-property", _) => (what == "increased") != larger_is_looser || bound == "max-items",
        (_, "set") => matches!(bound, "min-length" | "max-items"),
        _ => bound == "max-items" && location != "request-parameter",
    }
}

/// Direction, presence and mode of the kinds for read-only and write-only fields.
fn mutability() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    ["request", "response"].into_iter().flat_map(|direction| {
        ["required", "optional"]
            .into_iter()
            .flat_map(move |presence| ["read", "write"].map(|only| (direction, presence, only)))
    })
}

/// All kinds by id.
pub(crate) static KINDS: LazyLock<BTreeMap<String, Kind>> = LazyLock::new(|| {
    let single = SINGLE.iter().map(|(id, class, side, breaking)| Kind {
        id: (*id).to_owned(),
        class: (*class).to_owned(),
        side: *side,
        breaking: *breaking,
        oasdiff: !own_kind(id),
    });
    let mut kinds: Vec<Kind> = single.collect();
    for (direction, presence, only) in mutability() {
        for (became, side) in [("became", Plus), ("became-not", Minus)] {
            let id = format!("{direction}-{presence}-property-{became}-{only}-only");
            kinds.push(Kind { id, class: format!("{direction}-{only}-only"), side, breaking: false, oasdiff: true });
        }
    }
    for (location, sent) in PLACES {
        for (suffix, class, side, when_sent, when_received) in SCHEMA {
            let id = format!("{location}-{suffix}");
            let oasdiff = !own_kind(&id);
            let breaking = if sent { *when_sent } else { *when_received };
            kinds.push(Kind { oasdiff, id, class: format!("{location}-{class}"), side: *side, breaking });
        }
        for (_, bound, larger_is_looser) in BOUNDS {
            for (what, side) in [("set", Plus), ("unset", Minus), ("increased", Plus), ("decreased", Minus)] {
                let tighter = what == "set" || (what != "unset" && (what == "decreased") == larger_is_looser);
                let class = if matches!(what, "set" | "unset") { "presence" } else { "value" };
                kinds.push(Kind {
                    id: format!("{location}-{bound}-{what}"),
                    class: format!("{location}-{bound}-{class}"),
                    side,
                    breaking: sent && tighter,
                    oasdiff: !bound_is_ours(location, bound, what, larger_is_looser),
                });
            }
        }
    }
    kinds.into_iter().map(|kind| (kind.id.clone(), kind)).collect()
});

/// The kind of an id.
pub(crate) fn find(id: &str) -> &'static Kind {
    KINDS.get(id).unwrap_or_else(|| unreachable!("{id} is not in the table of kinds"))
}

/// The table as a page for readers of the JSON.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# Kinds of changes\n\n\
         Written by `cargo xtask diff --describe spec`; do not edit.\n\n\
         `kind` in the output of `cargo xtask diff` is one of the ids below. Where [oasdiff](https://github.com/oasdiff/oasdiff) \
         has a check for the change, the kind is the id of that check. `resource-version-added` and \
         `resource-version-removed` come from the official changelog of Atlas. The other kinds are this project's own.\n\n\
         A change is breaking if a name of the bindings disappears, a value changes its type, or the service may refuse \
         what it accepted before. The judgement differs from oasdiff's where the bindings differ:\n\n\
         - Every removal is breaking, deprecated or not: the function, type, field or enum variant is gone.\n\
         - A response that guarantees less is not breaking: a field that became optional or nullable, a new enum value, a new \
         alternative. In the bindings every response field is optional, null means absent, and enums and unions are open.\n\
         - A value that stops or starts being an enum changes its type. Both directions are breaking.\n\
         - A changed default is not breaking: the bindings send only the values that the caller set.\n\
         - A bound or pattern is breaking in requests only. The service checks it; the bindings do not.\n\
         - A new optional parameter or field is not breaking: it is a new field of the query struct or of the type. One case \
         needs a change in the caller's code although it is reported as not breaking: an operation that had no optional \
         parameter gets a query argument.\n\n\
         Exceptions, which each change states: a change of a read-only field in a request, a change of the number format \
         alone, a renamed operation that keeps its former name, and the end of an operation that the curated document marks \
         as retired are never breaking.\n\n\
         When an operation has a new newest version, that version is also compared with the former newest one, because the \
         binding without a suffix calls the newest version. Such a change has `movedFrom` in its operations. It is breaking \
         where the same change within one version would be.\n\n\
         Not compared: security requirements and servers, which belong to the transport and appear in no binding; examples \
         and prose.\n\n\
         | kind | breaking | in oasdiff | reverted by |\n|---|---|---|---|\n",
    );
    let mut classes: BTreeMap<(&str, Side), BTreeSet<&str>> = BTreeMap::new();
    for kind in KINDS.values() {
        classes.entry((&kind.class, kind.side)).or_default().insert(&kind.id);
    }
    for kind in KINDS.values() {
        let other = match kind.side {
            Plus => Minus,
            Minus => Plus,
            Same => Same,
        };
        let inverse = classes.get(&(kind.class.as_str(), other)).into_iter().flatten();
        let inverse: Vec<String> = inverse.map(|id| format!("`{id}`")).collect();
        let yes = |yes: bool| if yes { "yes" } else { "no" };
        page +=
            &format!("| `{}` | {} | {} | {} |\n", kind.id, yes(kind.breaking), yes(kind.oasdiff), inverse.join(", "));
    }
    page
}
