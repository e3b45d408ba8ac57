//! What calls cost: processor time and page faults of the thread that makes them.

/// The ID of everything that the service has, as in `service.rs`.
pub(crate) const ID: &str = "5f3e8e7d9b1c2a0012345678";

/// Calls some times and prints the nanoseconds of processor time of a call, and the page faults of a hundred. The first calls
/// connect and fill caches, and are not counted.
pub(crate) async fn measure(times: &str, call: impl AsyncFn()) {
    let times: u64 = times.parse().expect("a number");
    for _ in 0..10 {
        call().await;
    }
    let (before, faults_before) = (processor_time(), page_faults());
    for _ in 0..times {
        call().await;
    }
    let (time, faults) = (processor_time() - before, page_faults() - faults_before);
    println!("{} {}", time / times, faults * 100 / times);
}

/// The processor time of this thread, user's and kernel's together, in nanoseconds.
fn processor_time() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).expect("it counts up")
}

/// The page faults of this process that needed no disk.
fn page_faults() -> u64 {
    let line = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = line.rsplit_once(')').expect("a name");
    fields.split_whitespace().nth(7).and_then(|field| field.parse().ok()).expect("a number")
}
