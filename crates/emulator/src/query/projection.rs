//! Projections: which fields of a document are returned, and computed fields.

use bson::{Bson, Document};

use crate::query::{
    error::{CommandError, Result},
    expression::Expression,
    filter::is_true,
};

#[derive(Debug)]
pub(crate) struct Projection {
    /// Whether the named fields are kept. Otherwise they are removed.
    keeps: bool,
    id: bool,
    tree: Vec<(String, Node)>,
}

#[derive(Debug)]
enum Node {
    Named,
    Computed(Expression),
    Below(Vec<(String, Node)>),
}

impl Projection {
    /// An empty projection keeps everything.
    pub(crate) fn parse(projection: &Document) -> Result<Self> {
        let mut parsed = Self { keeps: false, id: true, tree: Vec::new() };
        let mut kind = None;
        let mut named_id = None;
        for (name, value) in projection {
            let flag = matches!(value, Bson::Boolean(_) | Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_));
            if name == "_id" && flag {
                parsed.id = is_true(value);
                named_id = Some(parsed.id);
                continue;
            }
            collect(&mut parsed.tree, &mut kind, name, name, value)?;
        }
        if (named_id, kind) == (Some(true), Some(false)) {
            return Err(CommandError::new(31253, "Cannot do inclusion on field _id in exclusion projection"));
        }
        parsed.keeps = kind.unwrap_or(named_id == Some(true));
        Ok(parsed)
    }

    pub(crate) fn apply(&self, document: &Document) -> Document {
        let mut projected = if self.keeps { keep(document, &self.tree) } else { remove(document, &self.tree) };
        let computes_id = self.tree.iter().any(|(name, _)| name == "_id");
        if !computes_id {
            projected.remove("_id");
            if let Some(id) = document.get("_id").filter(|_| self.id) {
                let rest = std::mem::take(&mut projected);
                projected.insert("_id", id.clone());
                projected.extend(rest);
            }
        }
        compute(&mut projected, document, &self.tree);
        projected
    }
}

/// Adds the field `rest` of the whole path `name`. `kind` is whether fields are kept or removed.
fn collect(
    tree: &mut Vec<(String, Node)>,
    kind: &mut Option<bool>,
    name: &str,
    rest: &str,
    value: &Bson,
) -> Result<()> {
    if rest.is_empty() || rest.starts_with('.') || rest.ends_with('.') {
        return Err(CommandError::new(40353, "FieldPath must not end with a '.'."));
    }
    if rest.starts_with('$') || rest.contains(".$") {
        return Err(CommandError::new(31325, format!("Unknown expression {rest}")));
    }
    let (first, below) = rest.split_once('.').map_or((rest, None), |(first, below)| (first, Some(below)));
    let collision = || CommandError::new(31250, format!("Path collision at {name}"));
    let place = tree.iter().position(|(known, _)| known == first);
    if let Some(below) = below {
        let place = place.unwrap_or_else(|| {
            tree.push((first.to_owned(), Node::Below(Vec::new())));
            tree.len() - 1
        });
        return match &mut tree[place].1 {
            Node::Below(inner) => collect(inner, kind, name, below, value),
            _ => Err(collision()),
        };
    }
    let mut decide = |keeps: bool| {
        let agreed = *kind.get_or_insert(keeps) == keeps;
        let (code, what, within) =
            if keeps { (31253, "inclusion", "exclusion") } else { (31254, "exclusion", "inclusion") };
        agreed
            .then_some(())
            .ok_or_else(|| CommandError::new(code, format!("Cannot do {what} on field {name} in {within} projection")))
    };
    let node = match value {
        Bson::Boolean(_) | Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) => {
            decide(is_true(value))?;
            Node::Named
        }
        Bson::Document(inner) if inner.keys().all(|name| !name.starts_with('$')) && !inner.is_empty() => {
            let mut nodes = Vec::new();
            for (field, value) in inner {
                collect(&mut nodes, kind, &format!("{name}.{field}"), field, value)?;
            }
            Node::Below(nodes)
        }
        value => {
            decide(true)?;
            Node::Computed(Expression::parse(value)?)
        }
    };
    if place.is_some() {
        return Err(collision());
    }
    tree.push((first.to_owned(), node));
    Ok(())
}

fn node<'t>(tree: &'t [(String, Node)], name: &str) -> Option<&'t Node> {
    tree.iter().find(|(known, _)| known == name).map(|(_, node)| node)
}

fn keep(document: &Document, tree: &[(String, Node)]) -> Document {
    let kept = document.iter().filter_map(|(name, value)| {
        let value = match node(tree, name)? {
            Node::Named => value.clone(),
            Node::Computed(_) => return None,
            Node::Below(inner) => keep_below(value, inner)?,
        };
        Some((name.clone(), value))
    });
    kept.collect()
}

fn keep_below(value: &Bson, tree: &[(String, Node)]) -> Option<Bson> {
    match value {
        Bson::Document(inner) => Some(Bson::Document(keep(inner, tree))),
        Bson::Array(items) => Some(Bson::Array(items.iter().filter_map(|item| keep_below(item, tree)).collect())),
        _ => None,
    }
}

fn remove(document: &Document, tree: &[(String, Node)]) -> Document {
    let rest = document.iter().filter_map(|(name, value)| match node(tree, name) {
        None => Some((name.clone(), value.clone())),
        Some(Node::Below(inner)) => Some((name.clone(), remove_below(value, inner))),
        Some(_) => None,
    });
    rest.collect()
}

fn remove_below(value: &Bson, tree: &[(String, Node)]) -> Bson {
    match value {
        Bson::Document(inner) => Bson::Document(remove(inner, tree)),
        Bson::Array(items) => Bson::Array(items.iter().map(|item| remove_below(item, tree)).collect()),
        other => other.clone(),
    }
}

/// Adds the computed fields.
fn compute(projected: &mut Document, source: &Document, tree: &[(String, Node)]) {
    for (name, node) in tree {
        match node {
            Node::Named => {}
            Node::Computed(expression) => {
                if let Some(value) = expression.evaluate(source) {
                    projected.insert(name, value);
                }
            }
            Node::Below(inner) if computes(inner) => match projected.get_mut(name) {
                Some(value) => compute_below(value, source, inner),
                None => {
                    let mut below = Document::new();
                    compute(&mut below, source, inner);
                    projected.insert(name, below);
                }
            },
            Node::Below(_) => {}
        }
    }
}

fn compute_below(value: &mut Bson, source: &Document, tree: &[(String, Node)]) {
    match value {
        Bson::Document(inner) => compute(inner, source, tree),
        Bson::Array(items) => items.iter_mut().for_each(|item| compute_below(item, source, tree)),
        other => {
            let mut below = Document::new();
            compute(&mut below, source, tree);
            *other = Bson::Document(below);
        }
    }
}

fn computes(tree: &[(String, Node)]) -> bool {
    tree.iter().any(|(_, node)| match node {
        Node::Named => false,
        Node::Computed(_) => true,
        Node::Below(inner) => computes(inner),
    })
}

#[cfg(test)]
mod tests {
    use bson::doc;

    use super::*;

    #[test]
    fn projection_keeps_removes_and_computes_fields() {
        let document = doc! {"_id": 1, "a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}, 3], "z": 5};
        for (projection, expected) in [
            (doc! {}, document.clone()),
            (doc! {"z": 1}, doc! {"_id": 1, "z": 5}),
            (doc! {"_id": 0, "a.b": 1}, doc! {"a": {"b": 1}}),
            (doc! {"a": {"c": true}, "_id": false}, doc! {"a": {"c": 2}}),
            (doc! {"l.x": 1, "_id": 0}, doc! {"l": [{"x": 1}]}),
            (doc! {"l.x": 0, "a": 0}, doc! {"_id": 1, "l": [{"y": 2}, 3], "z": 5}),
            (doc! {"_id": 1}, doc! {"_id": 1}),
            (doc! {"n": "$a.b", "_id": 0}, doc! {"n": 1}),
            (doc! {"_id": "$z"}, doc! {"_id": 5}),
            (doc! {"n": "$l.x", "_id": 0}, doc! {"n": [1]}),
        ] {
            let projected = Projection::parse(&projection).unwrap().apply(&document);
            assert_eq!(projected.to_string(), expected.to_string(), "{projection}");
        }
        for (projection, code) in [
            (doc! {"a": 1, "b": 0}, 31254),
            (doc! {"a": 0, "b": 1}, 31253),
            (doc! {"a": 0, "_id": 1}, 31253),
            (doc! {"a": 1, "a.b": 1}, 31250),
            (doc! {"a": {"$slice": 1}}, 168),
            (doc! {"a.$": 1}, 31325),
        ] {
            assert_eq!(Projection::parse(&projection).unwrap_err().code, code, "{projection}");
        }
    }
}
