use atlas_backup::{Client, Result, Retention, SnapshotId};
use tokio::sync::mpsc;

/// What the handlers of a web service share.
#[derive(Clone)]
pub(crate) struct App {
    /// One client for all requests. Clones share connections, tokens, limits and the retry
    /// budget.
    atlas: Client,
    /// Held by each task that must end before the process does.
    running: mpsc::Sender<()>,
}

impl App {
    /// The state of the handlers, and what [`shut_down`] needs.
    pub(crate) fn new(atlas: Client) -> (Self, mpsc::Receiver<()>) {
        let (running, ended) = mpsc::channel(1);
        (App { atlas, running }, ended)
    }

    /// `GET /projects/{project}/clusters/{cluster}/snapshots`. If the caller goes away, the
    /// server drops this future. That ends the request to Atlas as well, and nothing is lost:
    /// it only reads.
    pub(crate) async fn list(&self, project: &str, cluster: &str) -> Result<Vec<String>> {
        let snapshots = self.atlas.project(project)?.any_cluster(cluster)?.snapshots().all().await?;
        Ok(snapshots.iter().map(|snapshot| snapshot.id().to_string()).collect())
    }

    /// `POST /projects/{project}/clusters/{cluster}/snapshots`. A request that starts a job
    /// runs in a separate task: a caller that disconnects must not drop it between request and
    /// response, when the job exists but its ID is not known.
    pub(crate) async fn take(&self, project: &str, cluster: &str) -> Result<SnapshotId> {
        let cluster = self.atlas.project(project)?.any_cluster(cluster)?;
        let running = self.running.clone();
        let task = tokio::spawn(async move {
            let taken = cluster.take_snapshot("from the web", Retention::days(7)).await;
            drop(running);
            taken.map(|snapshot| snapshot.id().clone())
        });
        task.await.expect("the task does not panic, and nothing aborts it")
    }
}

/// Waits for the tasks that were started. Call it after the server has stopped accepting
/// requests.
pub(crate) async fn shut_down(app: App, mut ended: mpsc::Receiver<()>) {
    drop(app);
    // Returns once every clone of the sender is gone.
    let _none_left = ended.recv().await;
}
