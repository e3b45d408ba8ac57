//! Templates for the documents of emulated clusters.
//!
//! Together they contain every BSON type that a restore could lose, and indexes and options of every kind in a dump's
//! metadata. A document is a function of a seed and its position: the same on every machine and in every run.

use bson::{Bson, Document, cstr, doc, oid::ObjectId, spec::BinarySubtype};
use serde::{Deserialize, Serialize};

/// A template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Template {
    Customers,
    Orders,
    Products,
    Events,
    Audit,
}

impl Template {
    pub(crate) const ALL: [Self; 5] = [Self::Customers, Self::Orders, Self::Products, Self::Events, Self::Audit];

    /// Database, collection and number of documents in a new cluster.
    pub(crate) fn home(self) -> (&'static str, &'static str, u32) {
        match self {
            Self::Customers => ("shop", "customers", 120),
            Self::Orders => ("shop", "orders", 400),
            Self::Products => ("shop", "products", 60),
            Self::Events => ("telemetry", "events", 600),
            Self::Audit => ("telemetry", "audit", 80),
        }
    }

    /// The options of the collection, as `create` takes them.
    pub(crate) fn options(self) -> Document {
        match self {
            Self::Products => doc! {"validator": {"$jsonSchema": {"bsonType": "object", "required": ["sku", "price"]}}},
            Self::Audit => doc! {"capped": true, "size": 1_048_576},
            _ => doc! {},
        }
    }

    /// The indexes besides the one on `_id`: name, keys and options.
    pub(crate) fn indexes(self) -> Vec<(&'static str, Document, Document)> {
        match self {
            Self::Customers => vec![
                ("email_1", doc! {"email": 1}, doc! {"unique": true}),
                ("home_2dsphere", doc! {"home": "2dsphere"}, doc! {"2dsphereIndexVersion": 3}),
            ],
            Self::Orders => vec![
                ("customer_1_placed_-1", doc! {"customer": 1, "placed": -1}, doc! {}),
                ("open_orders", doc! {"state": 1}, doc! {"partialFilterExpression": {"state": "open"}}),
            ],
            Self::Products => vec![("sku_1", doc! {"sku": 1}, doc! {"unique": true, "sparse": true})],
            Self::Events => vec![("at_1", doc! {"at": 1}, doc! {"expireAfterSeconds": 31_536_000})],
            Self::Audit => Vec::new(),
        }
    }

    /// The `_id` of document `n`.
    pub(crate) fn id(self, seed: u64, n: u32) -> Bson {
        self.drawn_id(&mut SplitMix64::at(seed, n), n)
    }

    fn drawn_id(self, draws: &mut SplitMix64, n: u32) -> Bson {
        let id = ObjectId::from_bytes(draws.bytes());
        match self {
            // Not every `_id` is an ObjectId.
            Self::Products => Bson::Int32(i32::try_from(n).unwrap_or(i32::MAX)),
            Self::Audit => doc! {"node": i32::try_from(draws.below(3)).unwrap_or_default(), "n": i64::from(n)}.into(),
            _ => id.into(),
        }
    }

    /// Document `n` of the collection with this seed.
    pub(crate) fn document(self, seed: u64, n: u32) -> Document {
        let mut draws = SplitMix64::at(seed, n);
        let _id = self.drawn_id(&mut draws, n);
        // Between 2023 and 2026.
        let moment =
            |draws: &mut SplitMix64| bson::DateTime::from_millis(1_672_531_200_000 + draws.below(94_608_000_000));
        match self {
            Self::Customers => doc! {
                "_id": _id,
                "email": format!("{}.{n}@example.com", draws.one_of(&FIRST).to_lowercase()),
                "name": {"first": draws.one_of(&FIRST), "last": draws.one_of(&LAST)},
                "since": moment(&mut draws),
                "points": Bson::Int64(draws.below(1 << 60)),
                "newsletter": draws.below(2) == 1,
                "phone": Bson::Null,
                "home": {"type": "Point", "coordinates": [draws.degrees(180), draws.degrees(90)]},
                "token": bson::Binary { subtype: BinarySubtype::Uuid, bytes: draws.bytes::<16>().to_vec() },
            },
            Self::Orders => doc! {
                "_id": _id,
                "customer": ObjectId::from_bytes(draws.bytes()),
                "placed": moment(&mut draws),
                "state": draws.one_of(&["open", "paid", "sent", "returned"]),
                "total": decimal(draws.below(1_000_000)),
                "lines": (0..=draws.below(3)).map(|line| doc! {
                    "sku": format!("SKU-{:04}", draws.below(60)),
                    "line": i32::try_from(line).unwrap_or_default(),
                    "count": i32::try_from(1 + draws.below(9)).unwrap_or(1),
                }).collect::<Vec<_>>(),
            },
            Self::Products => doc! {
                "_id": _id,
                "sku": format!("SKU-{n:04}"),
                "name": format!("{} {}", draws.one_of(&["Small", "Große", "Blå", "小さな"]), draws.one_of(&LAST)),
                "price": decimal(draws.below(100_000)),
                "weight": f64::from(u32::try_from(draws.below(100_000)).unwrap_or_default()) / 1000.0,
                "image": bson::Binary { subtype: BinarySubtype::Generic, bytes: draws.bytes::<24>().to_vec() },
                "matches": bson::Regex { pattern: cstr!("^sku-").into(), options: cstr!("i").into() },
            },
            Self::Events => doc! {
                "_id": _id,
                "at": moment(&mut draws),
                "source": format!("sensor-{:03}", draws.below(200)),
                "reading": draws.degrees(100),
                "raw": Bson::Int64(i64::MIN + draws.below(1 << 40)),
            },
            Self::Audit => doc! {
                "_id": _id,
                "ts": bson::Timestamp {
                    time: u32::try_from(1_700_000_000 + draws.below(50_000_000)).unwrap_or(u32::MAX),
                    increment: n,
                },
                "action": draws.one_of(&["login", "logout", "grant", "revoke"]),
                "script": Bson::JavaScriptCode("function () { return 1; }".to_owned()),
                "bounds": [Bson::MinKey, Bson::MaxKey],
            },
        }
    }
}

const FIRST: [&str; 6] = ["Ada", "Björn", "Chidi", "Dana", "Emeka", "Fumiko"];
const LAST: [&str; 6] = ["Adler", "Brandt", "Costa", "Dvořák", "Eze", "Fujita"];

/// A price with two decimals.
fn decimal(cents: i64) -> Bson {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    text.parse().map_or(Bson::Null, Bson::Decimal128)
}

/// Numbers derived from a seed: SplitMix64.
struct SplitMix64(u64);

impl SplitMix64 {
    /// The numbers of document `n`.
    fn at(seed: u64, n: u32) -> Self {
        Self(seed ^ u64::from(n).wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    fn next_number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to `bound`, exclusive.
    fn below(&mut self, bound: i64) -> i64 {
        i64::try_from(self.next_number() % bound.unsigned_abs().max(1)).unwrap_or_default()
    }

    fn one_of(&mut self, of: &[&'static str]) -> &'static str {
        let place = usize::try_from(self.next_number()).unwrap_or_default() % of.len().max(1);
        of.get(place).copied().unwrap_or_default()
    }

    /// Between minus and plus `bound`, to four decimals.
    fn degrees(&mut self, bound: i64) -> f64 {
        let tenths = self.below(bound * 20_000) - bound * 10_000;
        f64::from(i32::try_from(tenths).unwrap_or_default()) / 10_000.0
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.next_number().to_be_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_depends_only_on_seed_and_position() {
        for template in Template::ALL {
            let document = template.document(7, 3);
            assert_eq!(document, template.document(7, 3));
            assert_eq!(document.get("_id"), Some(&template.id(7, 3)));
            assert_ne!(document, template.document(8, 3), "{template:?}");
            assert_ne!(document, template.document(7, 4), "{template:?}");
        }
    }

    #[test]
    fn templates_contain_every_bson_type_a_dump_could_lose() {
        let mut types = std::collections::BTreeSet::new();
        let mut note = |value: &Bson| {
            types.insert(value.element_type() as u8);
        };
        fn walk(value: &Bson, note: &mut impl FnMut(&Bson)) {
            note(value);
            match value {
                Bson::Document(fields) => fields.values().for_each(|v| walk(v, note)),
                Bson::Array(items) => items.iter().for_each(|v| walk(v, note)),
                _ => {}
            }
        }
        Template::ALL.into_iter().for_each(|t| walk(&t.document(1, 1).into(), &mut note));
        // Double, string, document, array, binary, ObjectId, boolean, date, null, regex, code, int32, timestamp, int64,
        // decimal, max key, min key.
        assert_eq!(
            types.into_iter().collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 16, 17, 18, 19, 127, 255]
        );
    }
}
