//! The table of kinds of changes, the effect of each on a program, and the inverse of each.
//!
//! A kind has the id of oasdiff's check if there is one; the others are marked as our own. A change breaks programs at
//! compile time if a name of the bindings disappears or changes its type or arguments, and on the wire if the service may
//! refuse what it accepted before.
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

/// Effect of a change on programs that use the published crates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Effect {
    /// They may no longer compile: by the rules of semantic versioning, the crates need a major version.
    pub(crate) build: bool,
    /// Built ones may fail: the service may refuse or answer what it did not before.
    pub(crate) wire: bool,
}

impl Effect {
    pub(crate) const NONE: Effect = Effect { build: false, wire: false };
    pub(crate) const BUILD: Effect = Effect { build: true, wire: false };
    pub(crate) const WIRE: Effect = Effect { build: false, wire: true };
    pub(crate) const BOTH: Effect = Effect { build: true, wire: true };

    /// In the table of kinds.
    fn word(self) -> &'static str {
        match (self.build, self.wire) {
            (false, false) => "no",
            (true, false) => "at compile time",
            (false, true) => "on the wire",
            (true, true) => "both",
        }
    }

    /// Whether it is breaking at all.
    pub(crate) fn is_breaking(self) -> bool {
        self.build || self.wire
    }
}

const NONE: Effect = Effect::NONE;
const BUILD: Effect = Effect::BUILD;
const WIRE: Effect = Effect::WIRE;
const BOTH: Effect = Effect::BOTH;

/// One kind of change.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The check id.
    pub(crate) id: String,
    /// Subject of the change. Kinds of one class are inverse to each other.
    pub(crate) class: String,
    /// Its direction.
    pub(crate) side: Side,
    /// Its effect, unless the location decides otherwise.
    pub(crate) effect: Effect,
    /// Whether oasdiff has a check with this id.
    pub(crate) oasdiff: bool,
}

use Side::{Minus, Plus, Same};

/// Single kinds: id, class, side, effect.
const SINGLE: &[(&str, &str, Side, Effect)] = &[
    ("endpoint-added", "endpoint", Plus, NONE),
    ("api-path-removed-with-deprecation", "endpoint", Minus, BOTH),
    ("api-path-removed-without-deprecation", "endpoint", Minus, BOTH),
    ("api-removed-with-deprecation", "endpoint", Minus, BOTH),
    ("api-removed-without-deprecation", "endpoint", Minus, BOTH),
    ("resource-version-added", "version", Plus, NONE),
    ("resource-version-removed", "version", Minus, BOTH),
    ("api-path-changed", "path", Same, WIRE),
    ("api-operation-id-removed", "operation-id", Same, BUILD),
    ("api-short-name-changed", "short-name", Same, WIRE),
    ("api-security-added", "security", Plus, WIRE),
    ("api-security-removed", "security", Minus, WIRE),
    ("api-tag-added", "tag", Plus, NONE),
    ("api-tag-removed", "tag", Minus, NONE),
    ("required-role-added", "role", Plus, NONE),
    ("required-role-removed", "role", Minus, NONE),
    ("endpoint-deprecated", "deprecation", Plus, NONE),
    ("endpoint-reactivated", "deprecation", Minus, NONE),
    ("sunset-added", "sunset", Plus, NONE),
    ("sunset-deleted", "sunset", Minus, NONE),
    ("api-sunset-date-changed-too-small", "sunset-date", Minus, NONE),
    ("sunset-date-postponed", "sunset-date", Plus, NONE),
    ("sunset-reached", "sunset-reached", Plus, WIRE),
    ("sunset-ahead-again", "sunset-reached", Minus, NONE),
    ("new-required-request-parameter", "parameter", Plus, BOTH),
    ("new-optional-request-parameter", "parameter", Plus, NONE),
    ("request-parameter-removed", "parameter", Minus, BOTH),
    ("request-parameter-became-required", "parameter-required", Plus, BOTH),
    ("request-parameter-became-optional", "parameter-required", Minus, BUILD),
    ("request-parameter-style-changed", "style", Same, WIRE),
    ("request-parameter-explode-changed", "explode", Same, WIRE),
    ("request-path-parameter-renamed", "parameter-name", Same, NONE),
    ("request-body-added-required", "body", Plus, BOTH),
    ("request-body-added-optional", "body", Plus, BUILD),
    ("request-body-removed", "body", Minus, BOTH),
    ("request-body-became-required", "body-required", Plus, WIRE),
    ("request-body-became-optional", "body-required", Minus, NONE),
    ("request-body-media-type-added", "body-media-type", Plus, NONE),
    ("request-body-media-type-removed", "body-media-type", Minus, BOTH),
    ("request-body-media-type-schema-added", "body-schema", Plus, BOTH),
    ("request-body-media-type-schema-removed", "body-schema", Minus, BOTH),
    ("response-success-status-added", "success", Plus, NONE),
    ("response-success-status-removed", "success", Minus, BOTH),
    ("response-non-success-status-added", "failure", Plus, NONE),
    ("response-non-success-status-removed", "failure", Minus, NONE),
    ("response-media-type-added", "response-media-type", Plus, NONE),
    ("response-media-type-removed", "response-media-type", Minus, BOTH),
    ("response-body-media-type-schema-added", "response-schema", Plus, BUILD),
    ("response-body-media-type-schema-removed", "response-schema", Minus, BOTH),
    ("response-header-added", "header", Plus, NONE),
    ("optional-response-header-removed", "header", Minus, NONE),
    ("required-response-header-removed", "header", Minus, NONE),
    ("new-required-request-property", "request-property", Plus, BOTH),
    ("new-optional-request-property", "request-property", Plus, NONE),
    ("request-property-removed", "request-property", Minus, BOTH),
    ("request-property-became-required", "request-required", Plus, BOTH),
    ("request-property-became-optional", "request-required", Minus, BUILD),
    ("response-required-property-added", "response-property", Plus, NONE),
    ("response-optional-property-added", "response-property", Plus, NONE),
    ("response-required-property-removed", "response-property", Minus, BUILD),
    ("response-optional-property-removed", "response-property", Minus, BUILD),
    ("response-property-became-required", "response-required", Plus, NONE),
    ("response-property-became-optional", "response-required", Minus, NONE),
    ("request-parameter-property-added", "parameter-property", Plus, NONE),
    ("request-parameter-property-removed", "parameter-property", Minus, BOTH),
    ("request-parameter-property-became-required", "parameter-property-required", Plus, WIRE),
    ("request-parameter-property-became-optional", "parameter-property-required", Minus, NONE),
    ("api-schema-renamed", "schema-name", Same, BUILD),
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

/// Changes of a schema, as the last part of a kind's id: suffix, class, side, effect when sent, when received.
const SCHEMA: &[(&str, &str, Side, Effect, Effect)] = &[
    ("type-changed", "type", Same, BOTH, BOTH),
    ("became-nullable", "null", Plus, BUILD, NONE),
    ("became-not-nullable", "null", Minus, BOTH, NONE),
    ("became-enum", "enum", Plus, BOTH, BUILD),
    ("became-not-enum", "enum", Minus, BUILD, BUILD),
    ("enum-value-added", "value", Plus, NONE, NONE),
    ("enum-value-removed", "value", Minus, BOTH, BUILD),
    ("max-became-exclusive", "max-exclusive", Plus, WIRE, NONE),
    ("max-became-inclusive", "max-exclusive", Minus, NONE, NONE),
    ("min-became-exclusive", "min-exclusive", Plus, WIRE, NONE),
    ("min-became-inclusive", "min-exclusive", Minus, NONE, NONE),
    ("deprecated", "deprecation", Plus, NONE, NONE),
    ("reactivated", "deprecation", Minus, NONE, NONE),
    ("default-value-added", "default", Plus, NONE, NONE),
    ("default-value-removed", "default", Minus, NONE, NONE),
    ("default-value-changed", "default-value", Same, NONE, NONE),
    ("pattern-added", "pattern", Plus, WIRE, NONE),
    ("pattern-removed", "pattern", Minus, NONE, NONE),
    ("pattern-changed", "pattern-value", Same, WIRE, NONE),
    ("additional-properties-allowed", "additional", Plus, NONE, NONE),
    ("additional-properties-refused", "additional", Minus, WIRE, NONE),
    ("one-of-added", "one-of", Plus, NONE, NONE),
    ("one-of-removed", "one-of", Minus, BOTH, BUILD),
    ("any-of-added", "any-of", Plus, NONE, NONE),
    ("any-of-removed", "any-of", Minus, BOTH, BUILD),
    ("discriminator-added", "discriminator", Plus, BUILD, BUILD),
    ("discriminator-removed", "discriminator", Minus, BUILD, BUILD),
    ("discriminator-property-name-changed", "discriminator-name", Same, BOTH, BOTH),
    ("discriminator-mapping-added", "mapping", Plus, NONE, NONE),
    ("discriminator-mapping-deleted", "mapping", Minus, BOTH, BUILD),
    ("discriminator-mapping-changed", "mapping-target", Same, BOTH, BUILD),
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
    let single = SINGLE.iter().map(|(id, class, side, effect)| Kind {
        id: (*id).to_owned(),
        class: (*class).to_owned(),
        side: *side,
        effect: *effect,
        oasdiff: !own_kind(id),
    });
    let mut kinds: Vec<Kind> = single.collect();
    for (direction, presence, only) in mutability() {
        for (became, side) in [("became", Plus), ("became-not", Minus)] {
            let id = format!("{direction}-{presence}-property-{became}-{only}-only");
            // A field that requests may set has a setter, or is an argument of the constructor if it is required.
            let effect = match (direction, presence, only, became) {
                ("request", _, "read", "became") => BUILD,
                ("request", "required", "read", _) => BOTH,
                _ => NONE,
            };
            kinds.push(Kind { id, class: format!("{direction}-{only}-only"), side, effect, oasdiff: true });
        }
    }
    for (location, sent) in PLACES {
        for (suffix, class, side, when_sent, when_received) in SCHEMA {
            let id = format!("{location}-{suffix}");
            let oasdiff = !own_kind(&id);
            let mut effect = if sent { *when_sent } else { *when_received };
            // A parameter is null if it is absent, in one type.
            effect.build &= *class != "null" || !location.starts_with("request-parameter");
            kinds.push(Kind { oasdiff, id, class: format!("{location}-{class}"), side: *side, effect });
        }
        for (_, bound, larger_is_looser) in BOUNDS {
            for (what, side) in [("set", Plus), ("unset", Minus), ("increased", Plus), ("decreased", Minus)] {
                let tighter = what == "set" || (what != "unset" && (what == "decreased") == larger_is_looser);
                let class = if matches!(what, "set" | "unset") { "presence" } else { "value" };
                kinds.push(Kind {
                    id: format!("{location}-{bound}-{what}"),
                    class: format!("{location}-{bound}-{class}"),
                    side,
                    effect: if sent && tighter { WIRE } else { NONE },
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
         A change is breaking in one or both of two ways. At compile time: a name of the bindings disappears, a method or \
         constructor gets another list of arguments, or a value changes its type, so the published crates need a major version \
         (`breaksBuild`). On the wire: the service may refuse or answer what it did not before, also to programs that are built \
         (`breaksWire`). The judgement differs from oasdiff's where the bindings differ:\n\n\
         - Every removal is breaking, deprecated or not: the function, type, field or enum variant is gone.\n\
         - A response that guarantees less is not breaking: a field that became optional or nullable, a new enum value, a new \
         alternative. In the bindings every response field is optional, null means absent, and enums and unions are open. Only a \
         list that is in no request changes its type when it becomes required or optional.\n\
         - A value that stops or starts being an enum changes its type. Both directions are breaking at compile time.\n\
         - A field or parameter of a request that becomes optional, or a field that becomes nullable, is breaking at compile \
         time: it moves from the required arguments to the setters, or distinguishes null.\n\
         - A changed default is not breaking: the bindings send only the values that the caller set.\n\
         - A bound or pattern is breaking on the wire, in requests only. The service checks it; the bindings do not.\n\
         - A new optional parameter is not breaking: it is a new field of a struct that is `#[non_exhaustive]`. The first optional \
         parameter of an operation is breaking at compile time: the method gets the argument `query`. A new optional body is an \
         argument too.\n\
         - Parameters that bindings do not send (headers, cookies, `envelope`, `pretty`) break nothing at compile time.\n\n\
         Exceptions, which each change states: a change of a read-only field in a request, a change of the number format \
         alone, a renamed operation that keeps its former name, and the end of an operation that the curated document marks \
         as retired are never breaking.\n\n\
         When an operation has a new newest version, that version is also compared with the former newest one, because the \
         binding without a suffix calls the newest version. Such a change has `movedFrom` in its operations. It is breaking \
         where the same change within one version would be.\n\n\
         Not compared: servers, examples and prose.\n\n\
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
            &format!("| `{}` | {} | {} | {} |\n", kind.id, kind.effect.word(), yes(kind.oasdiff), inverse.join(", "));
    }
    page
}
