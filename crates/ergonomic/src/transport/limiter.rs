//! Keeping within the service's rate limits instead of running into them.
//!
//! The service has a token bucket for each endpoint set and project, tells its level in the `RateLimit` headers, and
//! after 429 when to come back. Here is a copy of each bucket, one for each tag of operations and project, corrected by
//! every answer. Until the first answer has come only a few requests go; where answers say nothing of limits there are
//! none. Who finds the bucket empty waits in line, first come first served. The copy is a guess (others draw from the
//! same bucket): it may delay a call, but only the service's own word, a 429, may fail one that waited in vain.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use super::Reply;
use crate::{
    error::{Error, ErrorKind, Result},
    meta,
};

/// Buckets kept at once; those that nobody uses are forgotten first.
const KEPT: usize = 4096;
/// What is assumed of an unknown bucket: how much of it flows in each second. The service's defaults are 5/12 and 1/2 of
/// the bucket a minute.
const ASSUMED_INFLOW: f64 = 0.4 / 60.0;
/// How much an unknown bucket is assumed to hold, after a 429 that doesn't tell.
const ASSUMED_CAPACITY: f64 = 1200.0;
/// How many requests may be under way while nothing is known about a bucket nor about others of its endpoint set.
const FEW: u32 = 16;
/// How many at most while nothing is known about the bucket itself.
const MANY: u32 = 32;
/// The longest wait for a guess. Then one request goes out to see, and its answer corrects the guess.
const LONGEST_GUESS: Duration = Duration::from_secs(2);
/// How long to wait after a 429 that doesn't say how long.
const UNSAID: Duration = Duration::from_secs(1);

/// All buckets of a client, by project and endpoint set.
#[derive(Default)]
pub(crate) struct Limiter {
    buckets: Mutex<HashMap<Box<str>, Sets>>,
    bursts: Mutex<HashMap<&'static str, Arc<Burst>>>,
}

/// How many requests a bucket of an endpoint set may begin with. The set is limited alike in all projects, so what one
/// bucket has told goes for the next one's first moments.
struct Burst(AtomicU32);

impl Default for Burst {
    fn default() -> Self {
        Burst(AtomicU32::new(FEW))
    }
}

/// A project's buckets by the endpoint sets' names. There are few.
type Sets = Vec<(&'static str, Arc<Bucket>)>;

impl Limiter {
    /// The bucket of `path`, an operation of `set`.
    pub(crate) fn bucket(&self, set: &'static str, path: &str) -> Arc<Bucket> {
        let project = project(path);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sets) = buckets.get_mut(project) {
            if let Some((_, bucket)) = sets.iter().find(|(name, _)| *name == set) {
                return bucket.clone();
            }
            let bucket = self.new_bucket(set);
            sets.push((set, bucket.clone()));
            return bucket;
        }
        if buckets.len() >= KEPT {
            buckets.retain(|_, sets| sets.iter().any(|(_, bucket)| Arc::strong_count(bucket) > 1));
        }
        let bucket = self.new_bucket(set);
        buckets.insert(project.into(), vec![(set, bucket.clone())]);
        bucket
    }

    fn new_bucket(&self, set: &'static str) -> Arc<Bucket> {
        let mut bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::new(Bucket { burst: bursts.entry(set).or_default().clone(), ..Bucket::default() })
    }
}

/// The project in a path, empty where it names none: such calls are counted together.
fn project(path: &str) -> &str {
    let mut segments = path.split('/').skip_while(|segment| *segment != "groups");
    segments.nth(1).unwrap_or_default()
}

/// The copy of one of the service's buckets.
#[derive(Default)]
pub(crate) struct Bucket {
    /// Held by the one task that waits for a token; the others queue for it in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    /// Told of every answer, for the one that waits for it.
    told: tokio::sync::Notify,
    burst: Arc<Burst>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether there was any answer that a limit would be told in.
    known: bool,
    /// The level as it was `at`; `None` before the service has told it.
    level: Option<(f64, Instant)>,
    capacity: f64,
    /// Tokens a second, once the service has told them.
    inflow: Option<f64>,
    /// Until when the service wants no request.
    blocked: Option<Instant>,
    /// Requests whose answers are still to come.
    under_way: u32,
}

/// Whether a request may go.
enum Verdict {
    Go,
    /// Not before there is an answer.
    Hold,
    /// Not before then.
    Wait(Instant),
    /// Not before then, by the service's own word.
    Blocked(Instant),
}

impl Bucket {
    /// Waits for a token. Who holds the admission is counted as under way.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] when the service wants no request before `deadline`.
    pub(crate) async fn admission(self: &Arc<Self>, deadline: Instant) -> Result<Admission> {
        let _turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => {
                self.state().refuse(Instant::now(), deadline)?;
                self.turn.lock().await
            }
        };
        let patience = Instant::now() + LONGEST_GUESS;
        loop {
            let now = Instant::now();
            let verdict = {
                let state = self.state();
                state.refuse(now, deadline)?;
                state.judge(now, self.burst.0.load(Relaxed))
            };
            match verdict {
                Verdict::Blocked(until) => tokio::time::sleep_until(until).await,
                Verdict::Hold => self.told.notified().await,
                // The guess may be wrong: rather than miss the deadline or lose patience, let the service decide. An
                // answer on its way may correct it before.
                Verdict::Wait(until) if until.min(patience) < deadline && now < patience => {
                    tracing::debug!(wait = ?(until - now), "waiting for the rate limit");
                    let _corrected = tokio::time::timeout_at(until.min(patience), self.told.notified()).await;
                }
                Verdict::Go | Verdict::Wait(_) => {
                    self.state().take(now);
                    return Ok(Admission { bucket: self.clone(), seen: false });
                }
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that may go; dropped, it has been answered or given up.
pub(crate) struct Admission {
    bucket: Arc<Bucket>,
    seen: bool,
}

impl Admission {
    /// Corrects the copy by what an answer says.
    pub(crate) fn answered(mut self, reply: &Reply) {
        self.seen = true;
        let mut state = self.bucket.state();
        state.under_way = state.under_way.saturating_sub(1);
        let was_known = state.known;
        state.learn(reply, Instant::now());
        if let (false, true, capacity) = (was_known, state.known, state.capacity) {
            // A bucket without a word about limits has no capacity, and its set no limit.
            let burst = if capacity > 0.0 { (capacity / 4.0) as u32 } else { MANY };
            self.bucket.burst.0.store(burst.clamp(1, MANY), Relaxed);
        }
        drop(state);
        self.bucket.told.notify_one();
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if !self.seen {
            let mut state = self.bucket.state();
            state.under_way = state.under_way.saturating_sub(1);
            drop(state);
            self.bucket.told.notify_one();
        }
    }
}

impl State {
    fn inflow(&self) -> f64 {
        self.inflow.unwrap_or(self.capacity * ASSUMED_INFLOW).max(f64::MIN_POSITIVE)
    }

    fn level(&self, now: Instant) -> Option<f64> {
        let (level, at) = self.level?;
        Some((level + now.saturating_duration_since(at).as_secs_f64() * self.inflow()).min(self.capacity))
    }

    /// Refuses who would have to wait beyond `deadline` by the service's own word.
    fn refuse(&self, now: Instant, deadline: Instant) -> Result<()> {
        match self.blocked {
            Some(until) if now < until && deadline <= until => {
                let message = "the service wants no request before the deadline";
                Err(Error::new(ErrorKind::RateLimited, message).retry_in(until - now).settled(0))
            }
            _ => Ok(()),
        }
    }

    fn judge(&self, now: Instant, burst: u32) -> Verdict {
        if let Some(until) = self.blocked
            && now < until
        {
            return Verdict::Blocked(until);
        }
        match self.level(now) {
            Some(level) if level < 1.0 => {
                let wait = ((1.0 - level) / self.inflow()).min(3600.0);
                Verdict::Wait(now + Duration::from_secs_f64(wait) + Duration::from_millis(1))
            }
            None if !self.known && self.under_way >= burst => Verdict::Hold,
            _ => Verdict::Go,
        }
    }

    fn take(&mut self, now: Instant) {
        self.under_way += 1;
        self.level = self.level(now).map(|level| (level - 1.0, now));
    }

    fn learn(&mut self, reply: &Reply, now: Instant) {
        // What failed may never have come to where requests are counted: it tells nothing.
        self.known |= !reply.status.is_server_error();
        if let (Some(limit), Some(remaining)) =
            (number(&reply.headers, &meta::LIMIT), number(&reply.headers, &meta::REMAINING))
        {
            (self.known, self.capacity) = (true, limit);
            // Those under way may or may not be counted already.
            self.level = Some(((remaining - f64::from(self.under_way)).min(limit), now));
        }
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let wait = meta::retry_after(&reply.headers, chrono::Utc::now()).unwrap_or(UNSAID);
            self.blocked = now.checked_add(wait).max(self.blocked);
            if let Some((capacity, inflow)) = refill(&reply.body) {
                (self.capacity, self.inflow) = (capacity, Some(inflow));
            }
            if self.capacity < 1.0 {
                self.capacity = ASSUMED_CAPACITY;
            }
            // By then there is one token, for whoever is first in line.
            self.level = self.blocked.map(|until| (1.0, until));
        } else if self.blocked.is_some_and(|until| until <= now) {
            self.blocked = None;
        }
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<f64> {
    meta::text(headers, name)?.trim().parse::<u32>().ok().map(f64::from)
}

/// Capacity and tokens a second, from the parameters of a 429: path, seconds to wait, capacity, refill, its seconds.
fn refill(body: &[u8]) -> Option<(f64, f64)> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let [_, _, capacity, refill, seconds] = document.get("parameters")?.as_array()?.as_slice() else { return None };
    let read =
        |value: &Value| value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|n| (1.0..1e9).contains(n));
    Some((read(capacity)?, read(refill)? / read(seconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::wire::tests::reply;

    const MINUTE: Duration = Duration::from_secs(60);

    fn limited(remaining: &str) -> Reply {
        reply(200, &[("ratelimit-limit", "600"), ("ratelimit-remaining", remaining)], "")
    }

    async fn seconds_to(bucket: &Arc<Bucket>, answer: &Reply) -> u64 {
        let began = Instant::now();
        bucket.admission(began + 10 * MINUTE).await.expect("a token").answered(answer);
        began.elapsed().as_secs()
    }

    #[test]
    fn each_endpoint_set_and_project_has_a_bucket_of_its_own() {
        let limiter = Limiter::default();
        let bucket = |set, path| limiter.bucket(set, path);
        let (a, b) = ("/api/atlas/v2/groups/a/clusters", "/api/atlas/v2/groups/b/clusters");
        assert!(Arc::ptr_eq(&bucket("Clusters", a), &bucket("Clusters", "/proxy/api/atlas/v2/groups/a/flexClusters")));
        assert!(!Arc::ptr_eq(&bucket("Clusters", a), &bucket("Clusters", b)));
        assert!(!Arc::ptr_eq(&bucket("Clusters", a), &bucket("Cloud Backups", a)));
        assert_eq!((project("/api/atlas/v2/orgs"), project("/api/atlas/v2/groups")), ("", ""));
    }

    #[tokio::test(start_paused = true)]
    async fn an_empty_bucket_is_waited_for_and_a_full_one_is_not() {
        let bucket = Arc::<Bucket>::default();
        assert_eq!(seconds_to(&bucket, &limited("1")).await, 0);
        assert_eq!(seconds_to(&bucket, &limited("0")).await, 0);
        // 600 in the bucket, 4 a second assumed.
        let began = Instant::now();
        for _ in 0..8 {
            drop(bucket.admission(began + MINUTE).await.expect("a token"));
        }
        assert!((Duration::from_millis(1900)..Duration::from_millis(2200)).contains(&began.elapsed()));
        assert_eq!(seconds_to(&bucket, &limited("599")).await, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_stops_every_task_of_its_bucket_and_teaches_the_refill() {
        let bucket = Arc::<Bucket>::default();
        let body = r#"{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/x","30",600,"120",60]}"#;
        assert_eq!(seconds_to(&bucket, &reply(429, &[("retry-after", "30")], body)).await, 0);
        let began = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..5 {
            let bucket = bucket.clone();
            tasks.spawn(async move {
                let admission = bucket.admission(began + 2 * MINUTE).await.expect("a token");
                drop(admission);
                (n, began.elapsed().as_millis())
            });
        }
        let admitted = tasks.join_all().await;
        for (at, (_, elapsed)) in admitted.iter().enumerate() {
            // One after half a minute, then two a second.
            let expected = 30_000 + 500 * at as u128;
            assert!((expected..expected + 20).contains(elapsed), "{admitted:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_are_admitted_in_the_order_in_which_they_came() {
        let bucket = Arc::<Bucket>::default();
        seconds_to(&bucket, &limited("0")).await;
        let (began, order) = (Instant::now(), Arc::new(Mutex::new(Vec::new())));
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let (bucket, order) = (bucket.clone(), order.clone());
            tasks.spawn(async move {
                drop(bucket.admission(began + MINUTE).await.expect("a token"));
                order.lock().expect("not poisoned").push(n);
            });
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        assert_eq!(*order.lock().expect("not poisoned"), (0..20).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_service_fails_a_call_that_has_no_time_left() {
        let bucket = Arc::<Bucket>::default();
        seconds_to(&bucket, &limited("0")).await;
        let soon = Instant::now() + Duration::from_millis(10);
        assert!(bucket.admission(soon).await.is_ok(), "a guess fails nothing");
        let began = Instant::now();
        bucket.admission(soon + MINUTE).await.expect("a token").answered(&reply(429, &[("retry-after", "90")], ""));
        let refused = bucket.admission(began + MINUTE).await.err().expect("refused");
        assert_eq!((refused.kind(), refused.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(90))));
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_no_time_to_wait_for_a_429_to_pass_is_told_at_once_though_others_wait() {
        let bucket = Arc::<Bucket>::default();
        seconds_to(&bucket, &reply(429, &[("retry-after", "90")], "")).await;
        let began = Instant::now();
        let patient = tokio::spawn({
            let bucket = bucket.clone();
            async move { bucket.admission(began + 10 * MINUTE).await.map(drop) }
        });
        tokio::task::yield_now().await;
        let refused = bucket.admission(began + MINUTE).await.err().expect("refused");
        assert_eq!((refused.kind(), began.elapsed().as_secs()), (ErrorKind::RateLimited, 0));
        assert_eq!((refused.retry_after(), refused.attempts()), (Some(Duration::from_secs(90)), 0));
        assert!(patient.await.expect("no panic").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_is_dropped_gives_its_place_back() {
        let bucket = Arc::<Bucket>::default();
        seconds_to(&bucket, &limited("0")).await;
        let (began, mut tasks) = (Instant::now(), Vec::new());
        for _ in 0..4 {
            let bucket = bucket.clone();
            tasks.push(tokio::spawn(async move {
                drop(bucket.admission(began + MINUTE).await.expect("a token"));
                began.elapsed().as_millis()
            }));
            tokio::task::yield_now().await;
        }
        // The one whose turn it is, and one in the line behind it.
        tasks[0].abort();
        tasks[2].abort();
        let mut elapsed = Vec::new();
        for task in tasks {
            elapsed.extend(task.await);
        }
        // 600 in the bucket, 4 a second assumed.
        assert!(elapsed.len() == 2 && elapsed[0] < 260 && elapsed[1] < 510, "{elapsed:?}");
        assert_eq!(bucket.state().under_way, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_under_way_count_and_those_given_up_do_not() {
        let bucket = Arc::<Bucket>::default();
        let deadline = Instant::now() + MINUTE;
        let (first, second, third) = (
            bucket.admission(deadline).await.expect("a token"),
            bucket.admission(deadline).await.expect("a token"),
            bucket.admission(deadline).await.expect("a token"),
        );
        drop(third);
        first.answered(&limited("5"));
        assert_eq!(bucket.state().level.map(|(level, _)| level), Some(4.0));
        second.answered(&limited("4"));
        assert_eq!(bucket.state().level.map(|(level, _)| level), Some(4.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_that_nothing_is_known_about_is_not_rushed() {
        let bucket = Arc::<Bucket>::default();
        let deadline = Instant::now() + MINUTE;
        let mut first = Vec::new();
        for _ in 0..FEW {
            first.push(bucket.admission(deadline).await.expect("a token"));
        }
        let in_vain = tokio::time::timeout(Duration::from_secs(1), bucket.admission(deadline)).await;
        assert!(in_vain.is_err());
        // One that was given up makes room for one; an answer without a word about limits for all.
        drop(first.pop());
        first.push(bucket.admission(deadline).await.expect("a token"));
        // A failure tells nothing, but makes room too.
        first.remove(0).answered(&reply(503, &[], ""));
        first.push(bucket.admission(deadline).await.expect("a token"));
        let in_vain = tokio::time::timeout(Duration::from_secs(1), bucket.admission(deadline)).await;
        assert!(in_vain.is_err());
        first.remove(0).answered(&reply(200, &[], ""));
        for _ in 0..100 {
            first.push(bucket.admission(deadline).await.expect("a token"));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_bucket_of_a_set_has_told_goes_for_the_next_ones_beginning() {
        let limiter = Limiter::default();
        let deadline = Instant::now() + MINUTE;
        for (told, expected) in [(&[][..], MANY), (&[("ratelimit-limit", "48"), ("ratelimit-remaining", "47")], 12)] {
            let set = if told.is_empty() { "free" } else { "limited" };
            let first = limiter.bucket(set, "/api/atlas/v2/groups/a");
            first.admission(deadline).await.expect("a token").answered(&reply(200, told, ""));
            let (next, mut held) = (limiter.bucket(set, "/api/atlas/v2/groups/b"), Vec::new());
            for _ in 0..expected {
                held.push(next.admission(deadline).await.expect("a token"));
            }
            let in_vain = tokio::time::timeout(Duration::from_secs(1), next.admission(deadline)).await;
            assert!(in_vain.is_err(), "{set}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_429_is_too_odd_to_be_read(parameters in "[\\[\\]{}\":,a-z0-9 .-]{0,64}") {
            let _refill = refill(format!("{{\"parameters\":{parameters}}}").as_bytes());
        }
    }
}
