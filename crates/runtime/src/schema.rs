//! JSON Schema of the types, behind the feature `schemars`: what a request takes and a response holds, with the
//! document's words. The schemas are data; each type's implementation looks its own up and registers those it names.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// The schema of the type `name`; `register` makes a type that it names known to the generator and answers its schema.
pub fn lookup(
    table: &Map<String, Value>,
    name: &str,
    generator: &mut SchemaGenerator,
    register: fn(&str, &mut SchemaGenerator) -> Option<Schema>,
) -> Schema {
    let mut schema = table.get(name).cloned().unwrap_or(Value::Bool(true));
    point(&mut schema, generator, register);
    Schema::try_from(schema).unwrap_or_default()
}

/// Lets each reference point at where the generator puts the type.
fn point(
    schema: &mut Value,
    generator: &mut SchemaGenerator,
    register: fn(&str, &mut SchemaGenerator) -> Option<Schema>,
) {
    match schema {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/$defs/"));
            if let Some(found) = name.and_then(|name| register(name, generator)) {
                *schema = found.to_value();
                return;
            }
            object.iter_mut().for_each(|(_, value)| point(value, generator, register));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, generator, register)),
        _ => {}
    }
}

/// Implements `JsonSchema` for the types by their names.
#[macro_export]
macro_rules! schemas {
    ($table:literal; $($name:ident),* $(,)?) => {
        static TABLE: std::sync::LazyLock<serde_json::Map<String, serde_json::Value>> = std::sync::LazyLock::new(|| {
            serde_json::from_str(include_str!($table)).expect("the generator writes JSON")
        });

        fn register(name: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
            Some(match name {
                $(stringify!($name) => generator.subschema_for::<$name>(),)*
                _ => return None,
            })
        }

        $(impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::schema::lookup(&TABLE, stringify!($name), generator, register)
            }
        })*
    };
}
