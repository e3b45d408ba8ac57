use super::*;
use crate::testing::reply;

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
fn limiter_has_bucket_per_set_and_project() {
    let limiter = Limiter::default();
    let bucket = |set, path| limiter.bucket(set, path);
    let (a, b) = ("/api/atlas/v2/groups/a/clusters", "/api/atlas/v2/groups/b/clusters");
    assert!(Arc::ptr_eq(&bucket("Clusters", a), &bucket("Clusters", "/proxy/api/atlas/v2/groups/a/flexClusters")));
    assert!(!Arc::ptr_eq(&bucket("Clusters", a), &bucket("Clusters", b)));
    assert!(!Arc::ptr_eq(&bucket("Clusters", a), &bucket("Cloud Backups", a)));
    assert_eq!((project("/api/atlas/v2/orgs"), project("/api/atlas/v2/groups")), ("", ""));
}

#[tokio::test(start_paused = true)]
async fn limiter_waits_only_for_empty_bucket() {
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
async fn limiter_429_stops_bucket_and_sets_refill() {
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
        // One after half a minute, then two per second.
        let expected = 30_000 + 500 * at as u128;
        assert!((expected..expected + 20).contains(elapsed), "{admitted:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn limiter_admits_tasks_in_order() {
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
async fn limiter_never_fails_call_on_a_guess() {
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
async fn call_without_time_for_429_fails_at_once_while_others_wait() {
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
async fn dropped_task_returns_its_admission() {
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
    // The task whose turn it is, and one behind it.
    tasks[0].abort();
    tasks[2].abort();
    let mut elapsed = Vec::new();
    for task in tasks {
        elapsed.extend(task.await);
    }
    // 600 in the bucket, 4 a second assumed.
    assert!(elapsed.len() == 2 && elapsed[0] < 260 && elapsed[1] < 510, "{elapsed:?}");
    assert_eq!(bucket.state().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn limiter_counts_in_flight_but_not_dropped_requests() {
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
async fn limiter_starts_unknown_bucket_slowly() {
    let bucket = Arc::<Bucket>::default();
    let deadline = Instant::now() + MINUTE;
    let mut first = Vec::new();
    for _ in 0..MAX_UNKNOWN_SET {
        first.push(bucket.admission(deadline).await.expect("a token"));
    }
    let in_vain = tokio::time::timeout(Duration::from_secs(1), bucket.admission(deadline)).await;
    assert!(in_vain.is_err());
    // A cancelled request makes room for one; a response without rate limit headers for all.
    drop(first.pop());
    first.push(bucket.admission(deadline).await.expect("a token"));
    // A failure states nothing, but makes room too.
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
async fn limiter_starts_new_bucket_with_level_of_its_set() {
    let limiter = Limiter::default();
    let deadline = Instant::now() + MINUTE;
    for (reported, expected) in
        [(&[][..], MAX_UNKNOWN_BUCKET), (&[("ratelimit-limit", "48"), ("ratelimit-remaining", "47")], 12)]
    {
        let set = if reported.is_empty() { "free" } else { "limited" };
        let first = limiter.bucket(set, "/api/atlas/v2/groups/a");
        first.admission(deadline).await.expect("a token").answered(&reply(200, reported, ""));
        let (next, mut held) = (limiter.bucket(set, "/api/atlas/v2/groups/b"), Vec::new());
        for _ in 0..expected {
            held.push(next.admission(deadline).await.expect("a token"));
        }
        let in_vain = tokio::time::timeout(Duration::from_secs(1), next.admission(deadline)).await;
        assert!(in_vain.is_err(), "{set}");
    }
}

#[tokio::test(start_paused = true)]
async fn answer_that_arrives_late_does_not_raise_the_level() {
    let bucket = Arc::<Bucket>::default();
    let deadline = Instant::now() + MINUTE;
    let late = bucket.admission(deadline).await.expect("a token");
    for remaining in ["18", "17", "16"] {
        let answer = reply(200, &[("ratelimit-limit", "20"), ("ratelimit-remaining", remaining)], "");
        bucket.admission(deadline).await.expect("a token").answered(&answer);
    }
    assert_eq!(bucket.state().level.map(|(level, _)| level), Some(15.0));
    late.answered(&reply(200, &[("ratelimit-limit", "20"), ("ratelimit-remaining", "19")], ""));
    assert_eq!(bucket.state().level.map(|(level, _)| level), Some(15.0));
    // The next response corrects it.
    let answer = reply(200, &[("ratelimit-limit", "20"), ("ratelimit-remaining", "16")], "");
    bucket.admission(deadline).await.expect("a token").answered(&answer);
    assert_eq!(bucket.state().level.map(|(level, _)| level), Some(16.0));
}

#[tokio::test(start_paused = true)]
async fn burst_with_answers_out_of_order_stays_within_the_bucket() {
    // The service's bucket: 20 tokens, almost no refill. Responses take long, the first ones longest.
    let (bucket, left) = (Arc::<Bucket>::default(), Arc::new(Mutex::new(20_i64)));
    let known = reply(200, &[("ratelimit-limit", "20"), ("ratelimit-remaining", "20")], "");
    bucket.admission(Instant::now() + MINUTE).await.expect("a token").answered(&known);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40_u64 {
        let (bucket, left) = (bucket.clone(), left.clone());
        tasks.spawn(async move {
            let Ok(admission) = bucket.admission(Instant::now() + MINUTE).await else { return };
            let remaining = {
                let mut left = left.lock().expect("not poisoned");
                *left -= 1;
                *left
            };
            tokio::time::sleep(Duration::from_millis(900 - 20 * n)).await;
            let text = remaining.max(0).to_string();
            admission.answered(&reply(200, &[("ratelimit-limit", "20"), ("ratelimit-remaining", &text)], ""));
        });
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let left = *left.lock().expect("not poisoned");
    assert!(left >= 0, "{} requests too many", -left);
}

proptest::proptest! {
    #[test]
    fn limiter_accepts_any_429(parameters in "[\\[\\]{}\":,a-z0-9 .-]{0,64}") {
        let _refill = refill(format!("{{\"parameters\":{parameters}}}").as_bytes());
    }
}
