//! Organizations: only listed, since the emulator has the ones its seed gave it.

use serde_json::{Value, json};

use crate::{
    api::{
        call::{ApiResponse, Call},
        paging::page,
    },
    domain::{error::ApiError, ids::ObjectId, projects::Organization},
};

pub(crate) fn list(call: &Call<'_>) -> Result<ApiResponse, ApiError> {
    call.store.read(|state| {
        let named = call.query.get("name").unwrap_or_default().to_lowercase();
        let fits = |o: &&Organization| o.name.to_lowercase().starts_with(&named);
        let organizations: Vec<_> = state.organizations.below(ObjectId::default()).filter(fits).collect();
        Ok(page(call, &organizations, |o| view(call, o)))
    })
}

pub(crate) fn view(call: &Call<'_>, organization: &Organization) -> Value {
    let path = format!("/api/atlas/v2/orgs/{}", organization.id);
    json!({
        "id": organization.id.to_string(),
        "name": organization.name,
        "isDeleted": false,
        "links": [call.link("self", &path)],
    })
}
