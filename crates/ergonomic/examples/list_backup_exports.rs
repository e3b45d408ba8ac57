//! Lists the export jobs of a dedicated cluster page by page (`listGroupClusterBackupExports`).
//!
//! ```text
//! export MONGODB_ATLAS_CLIENT_ID=… MONGODB_ATLAS_CLIENT_SECRET=…              # a service account, or
//! export MONGODB_ATLAS_PUBLIC_API_KEY=… MONGODB_ATLAS_PRIVATE_API_KEY=…      # an API key
//! cargo run --example list_backup_exports -- PROJECT CLUSTER [ITEMS_PER_PAGE [PAGE]] [--no-count] [--envelope] [--pretty]
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it got")]

use std::env;

use atlas_backup::{Client, Export, Page};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, words): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let [project, cluster, paging @ ..] = &words[..] else {
        return Err("usage: PROJECT CLUSTER [ITEMS_PER_PAGE [PAGE]] [--no-count] [--envelope] [--pretty]".into());
    };
    let flag = |name: &str| flags.iter().any(|flag| flag == name);

    let atlas = Client::builder().from_env()?.envelope(flag("--envelope")).pretty(flag("--pretty")).build()?;
    let mut exports = atlas.project(project)?.cluster(cluster)?.exports().list().include_count(!flag("--no-count"));
    if let Some(items) = paging.first() {
        exports = exports.items_per_page(items.parse()?);
    }
    // With a page number only that page, otherwise all of them.
    if let Some(number) = paging.get(1) {
        show(exports.page(number.parse()?).await?)?;
    } else {
        let mut pages = exports.pages();
        while let Some(page) = pages.next().await {
            show(page?)?;
        }
    }
    Ok(())
}

fn show(page: Page<Export>) -> Result<(), atlas_backup::Error> {
    match page.total_count {
        Some(total) => println!("page {} of {total} export jobs", page.number),
        None => println!("page {}", page.number),
    }
    for export in page.items {
        let export = export?;
        println!("{} {}", export.id, export.state.as_ref().map_or("unknown", |state| state.as_str()));
    }
    Ok(())
}
