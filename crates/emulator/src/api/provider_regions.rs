//! Regions of each cluster tier: a realistic excerpt, the same for every project.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        lookup,
        paging::page,
    },
    domain::error::ApiError,
};

const TIERS: [&str; 5] = ["M10", "M20", "M30", "M40", "M50"];
/// The first region of each provider is the default.
const REGIONS: [(&str, &[&str]); 3] = [
    ("AWS", &["US_EAST_1", "EU_WEST_1", "EU_CENTRAL_1", "US_WEST_2", "AP_SOUTHEAST_1"]),
    ("AZURE", &["US_EAST_2", "EUROPE_WEST", "EUROPE_NORTH", "ASIA_SOUTH_EAST"]),
    ("GCP", &["CENTRAL_US", "WESTERN_EUROPE", "EASTERN_US", "SOUTHEASTERN_ASIA_PACIFIC"]),
];

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| lookup::project(call, state).map(drop))?;
    let wanted: Vec<&str> = call.query.all("providers").collect();
    let tier = call.query.get("tier");
    let shown: Vec<_> = REGIONS.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name)).collect();
    Ok(page(call, &shown, |(provider, regions)| view(provider, regions, tier)))
}

fn view(provider: &str, regions: &[&str], tier: Option<&str>) -> Value {
    let regions = regions.iter().enumerate().map(|(place, name)| json!({"default": place == 0, "name": name}));
    let regions: Vec<Value> = regions.collect();
    let tiers = TIERS.iter().filter(|name| tier.is_none_or(|tier| tier == **name));
    let sizes = tiers.map(|name| json!({"availableRegions": regions, "name": name}));
    json!({"instanceSizes": sizes.collect::<Vec<_>>(), "provider": provider})
}
