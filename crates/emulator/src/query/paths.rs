//! Dotted paths into documents. They pass through arrays, into each element and by index.

use bson::{Bson, Document};

/// The parts of a dotted path.
pub(crate) type Path = Vec<String>;

pub(crate) fn path(dotted: &str) -> Path {
    dotted.split('.').map(str::to_owned).collect()
}

/// A value that a filter finds at a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'d> {
    Missing,
    Value(&'d Bson),
    /// An element that the last part of the path names by its index. A filter does not look into it.
    Element(&'d Bson),
}

impl<'d> Found<'d> {
    pub(crate) fn value(self) -> Option<&'d Bson> {
        match self {
            Self::Missing => None,
            Self::Value(value) | Self::Element(value) => Some(value),
        }
    }
}

/// Everything at `path`, without the elements of an array there.
pub(crate) fn find<'d>(document: &'d Document, path: &[String]) -> Vec<Found<'d>> {
    let mut found = Vec::new();
    in_document(document, path, &mut found);
    found
}

fn in_document<'d>(document: &'d Document, path: &[String], found: &mut Vec<Found<'d>>) {
    let Some((first, rest)) = path.split_first() else { return };
    match document.get(first) {
        Some(value) if rest.is_empty() => found.push(Found::Value(value)),
        Some(Bson::Document(inner)) => in_document(inner, rest, found),
        Some(Bson::Array(items)) => in_array(items, rest, found),
        _ => found.push(Found::Missing),
    }
}

fn in_array<'d>(items: &'d [Bson], path: &[String], found: &mut Vec<Found<'d>>) {
    let Some((first, rest)) = path.split_first() else { return };
    for (place, item) in items.iter().enumerate() {
        if let Bson::Document(inner) = item {
            in_document(inner, path, found);
        }
        if *first == place.to_string() {
            match item {
                _ if rest.is_empty() => found.push(Found::Element(item)),
                Bson::Document(inner) => in_document(inner, rest, found),
                Bson::Array(inner) => in_array(inner, rest, found),
                _ => {}
            }
        }
    }
}

/// The same, and the elements of each array that a path ends at.
pub(crate) fn find_with_elements<'d>(document: &'d Document, path: &[String]) -> Vec<Option<&'d Bson>> {
    let mut all = Vec::new();
    for found in find(document, path) {
        all.push(found.value());
        if let Found::Value(Bson::Array(items)) = found {
            all.extend(items.iter().map(Some));
        }
    }
    all
}
