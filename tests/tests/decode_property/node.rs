//! JSON whose objects keep the order of their keys, so that a discriminator can stand anywhere.

use serde_json::{Value, json};

use crate::choices::Choices;

/// A JSON value.
#[derive(Debug)]
pub(crate) enum Node {
    /// A value without children of interest.
    Leaf(Value),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
}

const DEEPEST: usize = 3;

impl Node {
    /// Any JSON at all.
    pub(crate) fn any(choices: &mut Choices<'_>, depth: usize) -> Node {
        let leaves = [
            json!(null),
            json!(true),
            json!(""),
            json!("text"),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(1e300),
            json!(i64::MIN),
            json!(u64::MAX),
            json!("2026-03-04T05:06:07Z"),
            json!("\u{0}\"\\ é \u{1f980}"),
        ];
        let kinds = if depth < DEEPEST { leaves.len() + 4 } else { leaves.len() };
        match choices.below(kinds) {
            leaf if leaf < leaves.len() => Node::Leaf(leaves[leaf].clone()),
            kind if kind % 2 == 0 => Node::List((0..choices.below(4)).map(|_| Node::any(choices, depth + 1)).collect()),
            _ => {
                let keys = ["id", "", "type", "results", "cloudProvider", "a/b~c", "é"];
                let fields = (0..choices.below(5)).map(|_| {
                    let key = choices.one_of(&keys).copied().unwrap_or_default();
                    (key.to_owned(), Node::any(choices, depth + 1))
                });
                Node::Object(fields.collect())
            }
        }
    }

    /// A value somewhere in this one, or this one itself.
    pub(crate) fn somewhere(&mut self, choices: &mut Choices<'_>) -> &mut Node {
        let children = match self {
            Node::Leaf(_) => 0,
            Node::List(items) => items.len(),
            Node::Object(fields) => fields.len(),
        };
        if children == 0 || choices.happens(1, 4) {
            return self;
        }
        let at = choices.below(children);
        match self {
            Node::Leaf(_) => self,
            Node::List(items) => items[at].somewhere(choices),
            Node::Object(fields) => fields[at].1.somewhere(choices),
        }
    }

    /// The JSON text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Node::Leaf(value) => text.push_str(&value.to_string()),
            Node::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    item.write(text);
                }
                text.push(']');
            }
            Node::Object(fields) => {
                text.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    text.push_str(&Value::from(key.as_str()).to_string());
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}
