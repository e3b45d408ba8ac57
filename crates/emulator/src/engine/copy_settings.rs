//! Copy settings that follow the regions of a cluster.
//!
//! With automatic copying each zone has one setting for each region besides its primary one, with the rules of the
//! schedule's items. Settings of the client's own change only where the primary moves into a region that has copies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::{
    clusters::{Cluster, Shard},
    ids::ObjectId,
    schedule::{PolicyItem, Schedule},
};

/// The settings that automatic copying gives `schedule` on `cluster`.
pub(crate) fn automatic(cluster: &Cluster, schedule: &Schedule) -> Vec<Value> {
    let mut settings = Vec::new();
    for shard in zones(cluster) {
        for region in shard.regions.iter().skip(1) {
            let mut setting = json!({
                "cloudProvider": region.provider,
                "regionName": region.name,
                "shouldCopyOplogs": cluster.pit_enabled,
                "zoneId": shard.zone.to_string(),
            });
            if schedule.copy_policy_items {
                setting["copyPolicyItems"] = copy_policy_items(schedule);
            } else {
                setting["frequencies"] = schedule.items.iter().map(|item| item.frequency.in_capitals()).collect();
            }
            settings.push(setting);
        }
    }
    settings
}

/// Lets the settings of `schedule` follow the change of a cluster from `before` to `after`.
pub(crate) fn follow(schedule: &mut Schedule, before: &Cluster, after: &Cluster) {
    let primaries = |cluster: &Cluster| -> BTreeMap<ObjectId, String> {
        let primary = |shard: &Shard| Some((shard.zone, shard.regions.first()?.name.clone()));
        zones(cluster).filter_map(primary).collect()
    };
    let (old, new) = (primaries(before), primaries(after));
    if schedule.auto_copy {
        schedule.copy_settings = automatic(after, schedule);
        return;
    }
    for setting in &mut schedule.copy_settings {
        let zone = setting["zoneId"].as_str().and_then(|zone| zone.parse().ok()).unwrap_or_default();
        if let (Some(old), Some(new)) = (old.get(&zone), new.get(&zone))
            && old != new
            && setting["regionName"] == *new
        {
            setting["regionName"] = old.as_str().into();
        }
    }
}

/// The first shard of each zone.
fn zones(cluster: &Cluster) -> impl Iterator<Item = &Shard> {
    let shards = cluster.shards.iter().enumerate();
    shards.filter(|(n, s)| cluster.shards[..*n].iter().all(|other| other.zone != s.zone)).map(|(_, shard)| shard)
}

/// One rule a frequency, the longest where the schedule has several.
fn copy_policy_items(schedule: &Schedule) -> Value {
    let longest = |item: &&PolicyItem| {
        let others = schedule.items.iter().filter(|other| other.frequency == item.frequency);
        others.max_by_key(|other| other.nominal_days()).is_some_and(|other| other.id == item.id)
    };
    let rule = |item: &PolicyItem| {
        json!({
            "frequencyType": item.frequency.as_str(),
            "retentionUnit": item.retention_unit,
            "retentionValue": item.retention_value,
        })
    };
    schedule.items.iter().filter(longest).map(rule).collect()
}
