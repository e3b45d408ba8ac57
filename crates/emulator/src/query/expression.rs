//! Expressions of pipelines: field paths, constants and documents of them.

use bson::{Bson, Document};

use crate::query::{
    error::{CommandError, INVALID_PIPELINE_OPERATOR, Result},
    paths::{Path, path},
};

#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Field(Path),
    Constant(Bson),
    Document(Vec<(String, Expression)>),
    Array(Vec<Expression>),
    Root,
}

impl Expression {
    pub(crate) fn parse(value: &Bson) -> Result<Self> {
        match value {
            Bson::String(text) if text == "$$ROOT" || text == "$$CURRENT" => Ok(Self::Root),
            Bson::String(text) if text.starts_with("$$") => {
                let variable = text[2..].split('.').next().unwrap_or_default();
                Err(CommandError::new(17276, format!("Use of undefined variable: {variable}")))
            }
            Bson::String(text) => match text.strip_prefix('$') {
                Some("") => Err(CommandError::new(16872, "'$' by itself is not a valid FieldPath")),
                Some(field) => Ok(Self::Field(path(field))),
                None => Ok(Self::Constant(value.clone())),
            },
            Bson::Document(fields) => {
                if let Some(constant) = fields.get("$literal").filter(|_| fields.len() == 1) {
                    return Ok(Self::Constant(constant.clone()));
                }
                if let Some(operator) = fields.keys().find(|name| name.starts_with('$')) {
                    let message = format!("Unrecognized expression '{operator}'");
                    return Err(CommandError::new(INVALID_PIPELINE_OPERATOR, message));
                }
                let field = |(name, value): (&String, &Bson)| match name.contains('.') {
                    true => Err(CommandError::new(16412, "FieldPath field names may not contain '.'.")),
                    false => Ok((name.clone(), Self::parse(value)?)),
                };
                Ok(Self::Document(fields.iter().map(field).collect::<Result<_>>()?))
            }
            Bson::Array(items) => Ok(Self::Array(items.iter().map(Self::parse).collect::<Result<_>>()?)),
            constant => Ok(Self::Constant(constant.clone())),
        }
    }

    /// Its value. `None` if a field is missing.
    pub(crate) fn evaluate(&self, document: &Document) -> Option<Bson> {
        match self {
            Self::Field(path) => field(document, path),
            Self::Constant(value) => Some(value.clone()),
            Self::Document(fields) => {
                let fields = fields.iter().filter_map(|(name, e)| Some((name.clone(), e.evaluate(document)?)));
                Some(Bson::Document(fields.collect()))
            }
            Self::Array(items) => {
                Some(Bson::Array(items.iter().map(|item| item.evaluate(document).unwrap_or(Bson::Null)).collect()))
            }
            Self::Root => Some(Bson::Document(document.clone())),
        }
    }
}

/// The value of a field. Below an array, the values in its documents; an expression knows no indexes.
fn field(document: &Document, path: &[String]) -> Option<Bson> {
    let (first, rest) = path.split_first()?;
    below(document.get(first)?, rest)
}

fn below(value: &Bson, rest: &[String]) -> Option<Bson> {
    match value {
        value if rest.is_empty() => Some(value.clone()),
        Bson::Document(inner) => field(inner, rest),
        Bson::Array(items) => {
            let inner = items.iter().filter(|item| matches!(item, Bson::Document(_) | Bson::Array(_)));
            Some(Bson::Array(inner.filter_map(|item| below(item, rest)).collect()))
        }
        _ => None,
    }
}
