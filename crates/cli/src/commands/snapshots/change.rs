//! Keeping a snapshot for another time, and deleting one. Both can cost data, so both ask first; to keep one longer costs
//! nothing and asks nothing.

use atlas_backup::{Cluster, Retention};
use chrono::{DateTime, TimeDelta, Utc};

use super::{documents::AnySnapshot, read};

use crate::{
    context::{clusters::Kind, confirmation::Confirmation, policy_items::Kept, session::Session},
    ui::{
        exit::{Failure, Outcome},
        messages,
    },
};

/// Changes how long a snapshot is kept.
pub(super) async fn retain(
    cluster: &Cluster,
    id: &str,
    kept: &Kept,
    confirmation: Confirmation,
    session: &Session,
) -> Outcome {
    let snapshot = read::fetch(cluster, id, session).await?;
    let retention = kept.retention()?;
    let shorter = |(created, expires): (DateTime<Utc>, DateTime<Utc>)| created + least(kept) < expires;
    if snapshot.life().is_none_or(shorter) {
        let deed = format!("Keeps snapshot {id} of {} for a shorter time, perhaps", cluster.name());
        confirmation.ask(&deed, cluster.name().as_str(), session).await?;
    }
    cluster.snapshots().change_retention(id, retention).await?;
    session.printer().one(&read::fetch(cluster, id, session).await?).await
}

/// The least time that a retention can mean: a month may have 28 days.
fn least(kept: &Kept) -> TimeDelta {
    use atlas_backup::types::RetentionUnit::{Months, Weeks, Years};
    let days = match kept.unit {
        Weeks => 7,
        Months => 28,
        Years => 365,
        _ => 1,
    };
    TimeDelta::try_days(kept.value.saturating_mul(days)).unwrap_or(TimeDelta::MAX)
}

/// Deletes a snapshot.
pub(super) async fn delete(cluster: &Cluster, id: &str, confirmation: Confirmation, session: &Session) -> Outcome {
    let kind = match read::fetch(cluster, id, session).await? {
        AnySnapshot::ReplicaSet(_) => Kind::ReplicaSet,
        AnySnapshot::Sharded(_) => Kind::Sharded,
    };
    let name = cluster.name();
    confirmation.ask(&format!("Deletes snapshot {id} of {name}, for good"), name.as_str(), session).await?;
    match kind {
        Kind::Sharded => cluster.sharded_snapshots().delete(id).await?,
        Kind::ReplicaSet | Kind::Flex => cluster.snapshots().delete(id).await?,
    };
    messages::note(format_args!("snapshot {id} of {name} is deleted"));
    Ok(())
}

impl Kept {
    /// As the library has it.
    fn retention(&self) -> Outcome<Retention> {
        use atlas_backup::types::RetentionUnit::{Months, Weeks, Years};
        let value = u32::try_from(self.value);
        let value = value.map_err(|_| Failure::usage("that is longer than anything is kept", "say less"))?;
        Ok(match self.unit {
            Weeks => Retention::weeks(value),
            Months => Retention::months(value),
            Years => Retention::years(value),
            _ => Retention::days(value),
        })
    }
}
