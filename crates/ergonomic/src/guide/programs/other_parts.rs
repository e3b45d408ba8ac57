use atlas_backup::{Client, Method, Result};
use serde_json::Value;

/// Reads something that this crate has no method for, by its path.
pub(crate) async fn project_settings(atlas: &Client, project: &str) -> Result<Value> {
    let path = format!("/api/atlas/v2/groups/{project}/settings");
    let response = atlas.path(Method::GET, path).version("2023-01-01".parse()?).await?;
    response.json()
}
