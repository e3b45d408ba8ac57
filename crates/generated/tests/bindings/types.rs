//! The rules by which the types read and write JSON, held against each of them.

use serde_json::{Value, json};

use crate::{
    generated::TYPES,
    sample::{self, resolved},
    trial::Specimen,
};

/// The types with named fields, each with its schema and a sample of it.
pub(crate) fn objects() -> impl Iterator<Item = (&'static Specimen, Value, Value)> {
    let all = TYPES.iter().map(|specimen| (specimen, (specimen.schema)()));
    all.filter(|(_, schema)| schema["properties"].is_object()).map(|(specimen, schema)| {
        let sample = sample::of(&schema);
        (specimen, schema, sample)
    })
}

/// The open enums.
pub(crate) fn enums() -> impl Iterator<Item = &'static Specimen> {
    TYPES.iter().filter(|specimen| (specimen.schema)().pointer("/anyOf/0/enum").is_some())
}

/// The unions.
pub(crate) fn unions() -> impl Iterator<Item = &'static Specimen> {
    TYPES.iter().filter(|specimen| (specimen.schema)().pointer("/anyOf/0/$ref").is_some())
}

fn recoded(specimen: &Specimen, body: &Value) -> Value {
    (specimen.recode)(&body.to_string()).unwrap_or_else(|error| panic!("{}: {error}: {body}", specimen.name))
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

#[test]
fn every_documented_field_is_read_and_written_back() {
    for specimen in TYPES {
        let sample = sample::of(&(specimen.schema)());
        assert_eq!(recoded(specimen, &sample), sample, "{}", specimen.name);
    }
}

#[test]
fn unknown_field_is_kept_and_written_back() {
    for (specimen, _, sample) in objects() {
        let body = with(&sample, "madeUp", json!({ "deep": [1, null] }));
        assert_eq!(recoded(specimen, &body), body, "{}", specimen.name);
    }
}

#[test]
fn null_is_absent_unless_nullable_in_request() {
    for (specimen, schema, sample) in objects() {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for field in sample.as_object().unwrap().keys().filter(|field| !required.contains(&field.as_str())) {
            let written = recoded(specimen, &with(&sample, field, Value::Null));
            let left = written.get(field).cloned().unwrap_or_default();
            // The list of a page is empty instead.
            assert!(left.is_null() || left == json!([]), "{}.{field}: {left}", specimen.name);
        }
    }
}

#[test]
fn required_field_that_is_missing_or_null_is_named() {
    for (specimen, schema, sample) in objects() {
        for field in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut without = sample.clone();
            without.as_object_mut().unwrap().remove(field);
            for body in [without, with(&sample, field, Value::Null)] {
                // An answer promises nothing, whatever its schema says.
                if let Err(error) = (specimen.recode)(&body.to_string()) {
                    let reported = error.to_string().starts_with(&format!("missing field `{field}`"));
                    assert!(reported, "{}: {error}", specimen.name);
                }
            }
        }
    }
}

#[test]
fn unknown_value_of_an_enum_is_kept() {
    for specimen in enums() {
        assert_eq!(recoded(specimen, &json!("NEVER_HEARD_OF")), json!("NEVER_HEARD_OF"), "{}", specimen.name);
    }
}

#[test]
fn union_of_unknown_kind_or_without_tag_is_kept() {
    for specimen in unions() {
        for body in [json!({ "priority": 7 }), json!({ "providerName": null, "x": [null] })] {
            assert_eq!(recoded(specimen, &body), body, "{}", specimen.name);
        }
    }
}

#[test]
fn last_of_duplicate_keys_wins() {
    for (specimen, _, sample) in objects() {
        let text = sample.to_string();
        let twice = format!("{},\"x\":1,\"x\":2}}", text.strip_suffix('}').unwrap());
        let written = (specimen.recode)(&twice).unwrap_or_else(|error| panic!("{}: {error}", specimen.name));
        assert_eq!(written["x"], json!(2), "{}", specimen.name);
    }
}

#[test]
fn decode_error_names_type_and_position() {
    for (specimen, ..) in objects() {
        let error = (specimen.recode)("[1]").unwrap_err().to_string();
        let expected = format!("invalid type: sequence, expected an object ({}) at line 1 column 0", specimen.name);
        assert_eq!(error, expected);
    }
}

#[test]
fn json_schema_resolves_and_leaves_enums_and_unions_open() {
    for specimen in TYPES {
        let schema = (specimen.schema)();
        let mut queue = vec![&schema];
        while let Some(node) = queue.pop() {
            if node["$ref"].is_string() {
                assert!(!resolved(&schema, node).is_null(), "{}: {}", specimen.name, node["$ref"]);
            }
            if let Some(any) = node["anyOf"].as_array() {
                let last = any.last().unwrap();
                assert!(*last == json!({ "type": "string" }) || *last == json!({ "type": "object" }), "{last}");
            }
            match node {
                Value::Object(members) => queue.extend(members.values()),
                Value::Array(items) => queue.extend(items),
                _ => {}
            }
        }
    }
}
