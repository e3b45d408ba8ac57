//! The login of the verify command: a database user that may read the target cluster, and an entry for the caller's address
//! in the access list of its project. The teardown removes both; if it cannot run, both expire.
//!
//! The password exists in memory and in the environment of the verify command only.

use std::{fmt::Write as _, future::Future, net::IpAddr};

use atlas_backup::{Acknowledged, ErrorKind, HasState as _, NewDatabaseUser, StateWords, types::AccessListEntry};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use crate::{
    context::session::Session,
    drill::{
        context::Drill,
        options::DrillOptions,
        plan::random,
        record::{Leftover, StepOutcome},
        requests::RequestState,
        scratch::ScratchCluster,
        teardown::{self, add_leftover},
    },
    ui::{
        exit::{Failure, Outcome},
        hints::Command,
    },
};

/// A login that the drill will create.
#[derive(Debug, Clone)]
pub(super) struct PlannedLogin {
    pub(super) user: String,
    /// Address or range from which the verify command connects.
    pub(super) address: String,
}

/// A login that exists.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: SecretString,
}

impl PlannedLogin {
    /// The login that the flags ask for.
    ///
    /// # Errors
    /// The address is unknown: only for a service on this machine it is clear.
    pub(super) fn new(command: &DrillOptions, drill_id: &str, session: &Session) -> Outcome<Option<Self>> {
        if !command.login {
            return Ok(None);
        }
        let service: Option<http::Uri> = session.client().base_url().parse().ok();
        let host = service.as_ref().and_then(http::Uri::host).unwrap_or_default().trim_matches(['[', ']']);
        let is_local = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        let address = command.login_from.clone().or_else(|| is_local.then(|| "127.0.0.1".to_owned()));
        let address = address.ok_or_else(|| {
            Failure::usage(
                "missing address: the access list needs the public address of this machine",
                "pass it with `--login-from`, such as `--login-from \"$(curl -s https://checkip.amazonaws.com)\"`",
            )
        })?;
        let user = format!("drill-{}", drill_id.rsplit('-').next().unwrap_or(drill_id));
        Ok(Some(PlannedLogin { user, address }))
    }
}

/// Parses an address or a range of addresses.
pub(super) fn address(text: &str) -> Result<String, String> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let address: IpAddr = address.parse().map_err(|_| "expected an IP address or a range such as 203.0.113.0/24")?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    match length.map(str::parse::<u8>) {
        Some(Ok(length)) if length <= longest => Ok(text.to_owned()),
        Some(_) => Err(format!("expected a prefix length from 0 to {longest}")),
        None => Ok(text.to_owned()),
    }
}

impl Login {
    /// The connection string with the login. User name and password need no encoding.
    pub(super) fn uri(&self, uri: &str) -> SecretString {
        let Some((scheme, rest)) = uri.split_once("://") else { return uri.into() };
        format!("{scheme}://{}:{}@{rest}", self.user, self.password.expose_secret()).into()
    }
}

/// Creates the login, and waits until it works. `now` is the time of the service.
pub(super) async fn create(
    drill: &Drill<'_>,
    planned: &PlannedLogin,
    target: &ScratchCluster,
    now: DateTime<Utc>,
) -> Outcome<Login> {
    drill.log.begin_step("login");
    let PlannedLogin { user, address } = planned.clone();
    let project = target.cluster.project().clone();
    let end = end(drill, now);
    let list = project.access_list();
    // A permanent entry must not become a temporary one.
    match list.get(address.as_str()).await {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let comment = format!("atlas-backup drill {}", drill.plan.drill_id);
            let entry = AccessListEntry::new().with_comment(comment).with_delete_after_date(end);
            let entry = match address.contains('/') {
                true => entry.with_cidr_block(&address),
                false => entry.with_ip_address(&address),
            };
            let adding = project.access_list();
            drill.started.entry.send(async move { adding.add(&[entry]).await }, |_| ()).await?;
        }
        Err(error) => return Err(error.into()),
    }
    let wait = drill.step_wait(format!("access list entry {address}"), StateWords::ACCESS_LIST_ENTRY.steps());
    wait.run(list.wait(address.as_str()), |status| status.state_word()).await?;

    let password = password()?;
    let new = NewDatabaseUser::with_password(user.as_str(), &password)?.with_role("readAnyDatabase", "admin");
    let new = new.only_on(target.cluster.name())?.until(end);
    let users = project.database_users();
    drill.started.user.send(async move { users.create(new).await }, |_| ()).await?;
    if target.is_dedicated() {
        let wait = drill.step_wait(format!("database user {user}"), StateWords::CLUSTER_CHANGES.steps());
        wait.run(target.cluster.dedicated().wait_applied(), |status| status.state_word()).await?;
    }
    drill.finish_step("login", Some(format!("database user {user}, address {address}")));
    Ok(Login { user, password })
}

/// When the service deletes the login by itself: after the deadline of the drill and its teardown, within a week.
fn end(drill: &Drill<'_>, now: DateTime<Utc>) -> DateTime<Utc> {
    let left = drill.until.saturating_duration_since(Instant::now()) + teardown::TIMEOUT;
    let left = TimeDelta::from_std(left).unwrap_or(TimeDelta::MAX).min(TimeDelta::days(6));
    now + left
}

fn password() -> Outcome<SecretString> {
    let bytes: [u8; 24] = random()?;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _infallible = write!(text, "{byte:02x}");
    }
    Ok(text.into())
}

/// Possible leftovers if the teardown never runs.
pub(super) fn expected(drill: &Drill<'_>) -> Vec<Leftover> {
    let Some((planned, target)) = drill.plan.login.as_ref().zip(drill.plan.into.target()) else { return Vec::new() };
    let left = |(what, command): (String, Command)| Leftover {
        what: format!("{what}, if it exists; it expires"),
        command: Some(drill.session.render_command(&command)),
    };
    [user(planned, target), entry(planned, target)].map(left).into()
}

fn user(planned: &PlannedLogin, target: &ScratchCluster) -> (String, Command) {
    let command =
        Command::new("api databaseUsers deleteDatabaseUser --databaseName admin --username").arg(&planned.user);
    let what = format!("database user {} of project {}", planned.user, target.project());
    (what, command.arg("--groupId").arg(target.project()).without_project())
}

fn entry(planned: &PlannedLogin, target: &ScratchCluster) -> (String, Command) {
    let command = Command::new("api projectIpAccessList deleteAccessListEntry --entryValue").arg(&planned.address);
    let what = format!("access list entry {} of project {}", planned.address, target.project());
    (what, command.arg("--groupId").arg(target.project()).without_project())
}

/// Removes what was created of the login, and records what could not be removed.
///
/// # Errors
/// Something could not be removed.
pub(super) async fn remove(drill: &Drill<'_>) -> Outcome {
    let (user_sent, entry_sent) = (drill.started.user.was_sent(), drill.started.entry.was_sent());
    let Some((planned, target)) = drill.plan.login.as_ref().zip(drill.plan.into.target()) else { return Ok(()) };
    if !user_sent && !entry_sent {
        return Ok(());
    }
    drill.log.begin_step("logout");
    let (user, entry) = (user(planned, target), entry(planned, target));
    let lasting = |(what, command): (String, Command)| (format!("{what}, which expires"), command);
    let (user, entry) = (lasting(user), lasting(entry));
    for (sent, (what, command)) in [(user_sent, &user), (entry_sent, &entry)] {
        if sent {
            add_leftover(drill, what.clone(), Some(drill.session.render_command(command)));
        }
    }
    // The verify command may still be connected.
    drill.started.work.finished().await;
    let project = target.cluster.project();
    let (users, list, address) = (project.database_users(), project.access_list(), planned.address.as_str());
    let delete = users.delete("admin", planned.user.as_str());
    let outcome = remove_one(drill, &user.0, drill.started.user.state().await, delete).await;
    let outcome =
        remove_one(drill, &entry.0, drill.started.entry.state().await, list.delete(address)).await.and(outcome);
    match &outcome {
        Ok(()) => drill.finish_step("logout", None),
        Err(failure) => {
            drill.log.end_step(StepOutcome::Failed, Some(failure.to_string()));
        }
    }
    outcome
}

/// Removes one part of the login, unless it was never requested or the service refused to create it.
async fn remove_one(
    drill: &Drill<'_>,
    what: &str,
    state: Option<RequestState<()>>,
    delete: impl Future<Output = atlas_backup::Result<Acknowledged>>,
) -> Outcome {
    let is_known = match state {
        None => return Ok(()),
        Some(RequestState::Refused) => None,
        Some(RequestState::Done(())) => Some(true),
        Some(_) => Some(false),
    };
    if let Some(is_known) = is_known {
        match delete.await {
            Ok(_) => {}
            // A request without a response may still be executed.
            Err(error) if error.kind() == ErrorKind::NotFound && !is_known => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    drill.log.update(|evidence| evidence.left.retain(|left| left.what != what));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uri_contains_login_which_debug_output_hides() {
        let login = Login { user: "drill-1".to_owned(), password: "hunter2".into() };
        let uri = login.uri("mongodb+srv://copy.example.net/?ssl=true");
        assert_eq!(uri.expose_secret(), "mongodb+srv://drill-1:hunter2@copy.example.net/?ssl=true");
        assert!(!format!("{login:?} {uri:?}").contains("hunter2"));
        assert_eq!(login.uri("").expose_secret(), "");
    }

    #[test]
    fn login_address_is_address_or_range() {
        for right in ["203.0.113.9", "203.0.113.0/24", "2001:db8::1", "2001:db8::/32"] {
            assert_eq!(address(right).as_deref(), Ok(right));
        }
        for wrong in ["", "office", "203.0.113.0/33", "2001:db8::/129", "203.0.113.0/", "sg-12345678"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
