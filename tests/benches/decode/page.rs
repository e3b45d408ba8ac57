//! The page that is decoded: 500 snapshots of one dedicated cluster, with values of the kind that the service sends.

use serde_json::{Value, json};

const GROUP: &str = "65a0c0ffee00000000000000";

/// The page as the service would send it, with or without a field on each item that no specification defines.
pub(crate) fn json(undocumented: bool) -> Vec<u8> {
    let cluster = format!("https://cloud.mongodb.com/api/atlas/v2/groups/{GROUP}/clusters/orders-production");
    let list = format!("{cluster}/backup/snapshots?includeCount=true&pageNum=1&itemsPerPage=500");
    let page = json!({
        "links": [{ "href": list, "rel": "self" }],
        "results": (0..500).map(|number| snapshot(number, undocumented)).collect::<Vec<_>>(),
        "totalCount": 500,
    });
    page.to_string().into_bytes()
}

fn snapshot(number: usize, undocumented: bool) -> Value {
    let id = format!("65a0c0ffee{number:014x}");
    let (month, day, hour) = (1 + number / 24 / 28, 1 + number / 24 % 28, number % 24);
    let frequency = match hour {
        0 => "daily",
        12 => "ondemand",
        _ => "hourly",
    };
    let taken = if frequency == "ondemand" { "onDemand" } else { "scheduled" };
    let mut snapshot = json!({
        "cloudProvider": (["AWS", "AZURE", "GCP"][number % 3]),
        "copyRegions": [],
        "createdAt": format!("2026-{month:02}-{day:02}T{hour:02}:31:07Z"),
        "expiresAt": format!("2026-{:02}-{day:02}T{hour:02}:31:42Z", month + 1),
        "frequencyType": frequency,
        "id": id,
        "links": [{
            "href": format!("https://cloud.mongodb.com/api/atlas/v2/groups/{GROUP}/clusters/orders-production/backup/snapshots/{id}"),
            "rel": "self",
        }],
        "mongodVersion": "8.0.29",
        "policyItems": [format!("65a0c0ffee{:014x}", 0xffff + hour)],
        "replicaSetName": "atlas-3fk2qe-shard-0",
        "snapshotType": taken,
        "status": "completed",
        "storageSizeBytes": 4_186_517_504_u64 + 65_536 * number as u64,
        "type": "replicaSet",
    });
    if frequency == "ondemand" {
        snapshot["description"] = json!("before the monthly migration");
    }
    if undocumented {
        snapshot["dataTier"] = json!("STANDARD");
    }
    snapshot
}
