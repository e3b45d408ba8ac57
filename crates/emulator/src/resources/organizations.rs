//! Organizations: only listed, since the emulator has the ones its seed gave it.

use serde_json::json;

use crate::{
    call::{Answer, Call},
    errors::ApiError,
    paging::page,
    records::Organization,
    state::ObjectId,
};

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    call.store.read(|state| {
        let named = call.query.get("name").unwrap_or_default().to_lowercase();
        let fits = |o: &&Organization| o.name.to_lowercase().starts_with(&named);
        let organizations: Vec<_> = state.organizations.below(ObjectId::default()).filter(fits).collect();
        Ok(page(call, &organizations, |o| {
            let path = format!("/api/atlas/v2/orgs/{}", o.id);
            json!({
                "id": o.id.to_string(),
                "name": o.name,
                "isDeleted": false,
                "links": [call.link("self", &path)],
            })
        }))
    })
}
