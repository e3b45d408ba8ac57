//! Runs progenitor on the normalised document and reads what the emitter needs: the types with their Rust field names
//! and types, and the methods with their arguments. Bodies, builders and serde attributes are discarded.

use std::{
    cell::Cell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use anyhow::{Context, Result, anyhow};
use heck::{ToPascalCase, ToSnakeCase};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use serde_json::Value;
use syn::{Attribute, Expr, Fields, FnArg, GenericArgument, Ident, ImplItem, Item, Pat, Type};

use super::{naming, passes::UNION};
use crate::openapi::document::{Document, schemas, schemas_mut, string_enum};

/// The output of progenitor.
pub(crate) struct Bindings {
    /// Structs by Rust name.
    pub(crate) records: BTreeMap<String, Vec<Field>>,
    /// String enums by Rust name.
    pub(crate) enums: BTreeMap<String, Vec<Variant>>,
    /// Methods by name.
    pub(crate) methods: BTreeMap<String, Method>,
}

/// A field of a struct.
pub(crate) struct Field {
    /// The name on the wire.
    pub(crate) key: String,
    /// The Rust name as part of other names, without the mark of a keyword.
    pub(crate) stem: String,
    /// The Rust name.
    pub(crate) name: Ident,
    /// The Rust type, paths relative to the `types` module.
    pub(crate) ty: Type,
}

/// A variant of a string enum.
pub(crate) struct Variant {
    /// The value on the wire.
    pub(crate) value: String,
    /// The Rust name.
    pub(crate) name: Ident,
}

/// A method of the client.
pub(crate) struct Method {
    /// Arguments after `self`.
    pub(crate) arguments: Vec<(Ident, Type)>,
    /// The response type, a path starting with `types::`.
    pub(crate) answer: Type,
}

/// The Rust name of a component, as the generator creates it.
pub(crate) fn type_name(component: &str) -> String {
    component.to_pascal_case()
}

thread_local! {
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread runs progenitor, whose panics become errors and need no message of their own.
pub(crate) fn is_running() -> bool {
    IS_RUNNING.get()
}

/// Runs the generator.
///
/// # Errors
/// Returns an error if the document is not OpenAPI 3.0, or the generator refuses a part of it.
pub(crate) fn run(document: &Document) -> Result<Bindings> {
    let mut named = document.clone();
    let wire = name_members(&mut named);
    let spec: openapiv3::OpenAPI =
        serde_json::from_value(named).context("the normalised document is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::new();
    settings.with_interface(InterfaceStyle::Positional).with_map_type("::std::collections::BTreeMap");
    for (name, schema) in schemas(document) {
        if schema.get(UNION).is_some() {
            let name = type_name(name);
            settings.with_replacement(&name, format!("crate::types::{name}"), std::iter::empty::<TypeImpl>());
        }
    }
    // The generator panics on constructs without a rule. The caller gets an error instead.
    IS_RUNNING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&spec)));
    IS_RUNNING.set(false);
    let outcome = outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        anyhow!("progenitor panicked: {}", text.unwrap_or("without a message"))
    })?;
    let tokens = outcome.map_err(|error| anyhow!("progenitor: {error}"))?;
    let file: syn::File = syn::parse2(tokens).context("progenitor's output does not parse")?;
    let mut bindings = read(&file)?;
    for (owner, members) in &wire {
        for field in bindings.records.get_mut(owner).into_iter().flatten() {
            field.key = members.get(&field.key).unwrap_or(&field.key).clone();
        }
        for variant in bindings.enums.get_mut(owner).into_iter().flatten() {
            variant.value = members.get(&variant.value).unwrap_or(&variant.value).clone();
        }
    }
    Ok(bindings)
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(char::is_lowercase) && name.chars().all(char::is_alphanumeric)
}

/// The plain name of a value. `Unknown` holds the values that the document does not list.
fn variant_name(value: &str) -> String {
    let name = value.to_pascal_case();
    if name == "Unknown" { "UnknownValue".to_owned() } else { name }
}

/// Replaces fields and values whose plain names would be equal by distinct ones. Returns the names on the wire by Rust
/// type and new name.
fn name_members(document: &mut Document) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut wire = BTreeMap::new();
    for (name, schema) in schemas_mut(document) {
        let mut renamed = BTreeMap::new();
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            let names = properties.keys().map(String::as_str);
            let names = naming::precedence(names, is_camel_case);
            renamed = naming::distinct(names, str::to_snake_case);
            renamed.retain(|name, named| *named != name.to_snake_case());
            for (old, new) in &renamed {
                let property = properties.remove(old).unwrap_or_default();
                properties.insert(new.clone(), property);
            }
            for required in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(new) = required.as_str().and_then(|name| renamed.get(name)) {
                    *required = new.clone().into();
                }
            }
        } else if let Some(values) = string_enum(schema) {
            renamed = naming::distinct(values, variant_name);
            renamed.retain(|name, named| *named != name.to_pascal_case());
            for value in schema["enum"].as_array_mut().into_iter().flatten() {
                if let Some(new) = value.as_str().and_then(|name| renamed.get(name)) {
                    *value = new.clone().into();
                }
            }
        }
        if !renamed.is_empty() {
            wire.insert(type_name(name), renamed.into_iter().map(|(old, new)| (new, old)).collect());
        }
    }
    wire
}

fn read(file: &syn::File) -> Result<Bindings> {
    let mut bindings = Bindings { records: BTreeMap::new(), enums: BTreeMap::new(), methods: BTreeMap::new() };
    for item in &file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => {
                for item in module.content.iter().flat_map(|(_, items)| items) {
                    read_type(item, &mut bindings)?;
                }
            }
            Item::Impl(block) if block.trait_.is_none() => {
                for item in &block.items {
                    if let ImplItem::Fn(method) = item
                        && method.sig.asyncness.is_some()
                    {
                        bindings.methods.insert(method.sig.ident.to_string(), read_method(&method.sig)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(bindings)
}

fn read_type(item: &Item, bindings: &mut Bindings) -> Result<()> {
    match item {
        Item::Struct(item) => {
            let Fields::Named(fields) = &item.fields else {
                return Err(anyhow!("{} became a newtype; hoist or map its schema", item.ident));
            };
            let fields = fields.named.iter().map(|field| {
                let name = field.ident.clone().expect("the fields are named");
                let plain = name.to_string();
                let plain = plain.strip_prefix("r#").unwrap_or(&plain);
                let key = renamed(&field.attrs).unwrap_or_else(|| plain.to_owned());
                Field { stem: key.to_snake_case(), key, name, ty: field.ty.clone() }
            });
            bindings.records.insert(item.ident.to_string(), fields.collect());
        }
        Item::Enum(item) => {
            if item.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit)) {
                return Err(anyhow!("{} became an enum of types; a pass must map its schema", item.ident));
            }
            let variants = item.variants.iter().map(|variant| Variant {
                value: renamed(&variant.attrs).unwrap_or_else(|| variant.ident.to_string()),
                name: variant.ident.clone(),
            });
            bindings.enums.insert(item.ident.to_string(), variants.collect());
        }
        _ => {}
    }
    Ok(())
}

/// The name in `#[serde(rename = "…")]`.
fn renamed(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).find_map(|attribute| {
        let mut found = None;
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                found = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<Expr>()?;
            }
            Ok(())
        });
        found
    })
}

fn read_method(signature: &syn::Signature) -> Result<Method> {
    let arguments = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => Some((name.ident.clone(), (*argument.ty).clone())),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    });
    let answer = match &signature.output {
        syn::ReturnType::Type(_, ty) => first_argument(ty).and_then(first_argument),
        syn::ReturnType::Default => None,
    };
    let answer = answer.cloned().with_context(|| format!("{} has no response type", signature.ident))?;
    Ok(Method { arguments: arguments.collect(), answer })
}

/// The first type argument of a generic type: `T` of `Result<T, E>`.
pub(crate) fn first_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The last segment of a type's path: `Option` of `::std::option::Option<T>`.
pub(crate) fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => last_segment(&reference.elem),
        _ => None,
    }
}

/// The description of a schema or operation as the lines of a doc comment.
pub(crate) fn doc_of(value: &Value) -> String {
    value["description"].as_str().unwrap_or_default().trim().to_owned()
}
