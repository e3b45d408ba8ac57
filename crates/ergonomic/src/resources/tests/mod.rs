//! Requests of the methods, and results of the waits, on a wire with scripted responses.

mod errors;
mod outages;
mod pages;
mod requests;
mod waits;

use serde_json::Value;

use crate::{
    Client, Cluster, FlexCluster, Project, Result, RetryPolicy,
    testing::{CannedResponse, CannedService, SentRequest},
};

const PROJECT: &str = "32b6e34b3d91647abb20e7b8";
const ID: &str = "5f3e8e7d9b1c2a0012345678";

/// A client and its requests, with `answers` in order and the last one repeated.
fn scripted(answers: Vec<(u16, Value)>) -> (Client, CannedService) {
    let script = CannedService::respond_with(move |_, before| {
        let (status, body) = &answers[before.min(answers.len() - 1)];
        CannedResponse::status(*status).bytes(if body.is_null() { String::new() } else { body.to_string() })
    });
    (Client::builder().build_over(script.clone()), script)
}

/// A client whose every request is answered with `response`, without repeats.
fn answering(response: impl Into<CannedResponse>) -> Client {
    let response = response.into();
    let script = CannedService::respond_with(move |_, _| response.clone());
    Client::builder().retry(RetryPolicy::none()).build_over(script)
}

fn project(client: &Client) -> Project {
    client.project(PROJECT).expect("an id")
}

fn cluster(client: &Client) -> Cluster {
    project(client).cluster("Cluster0").expect("a name")
}

fn flex(client: &Client) -> FlexCluster {
    project(client).flex_cluster("Flex0").expect("a name")
}

/// The requests of a call, one per line: method, path with `P` for the project and `I` for an ID, query, body.
async fn asked<T>(answer: Value, call: impl AsyncFnOnce(Client) -> Result<T>) -> Vec<String> {
    let (client, script) = scripted(vec![(200, answer)]);
    call(client).await.map(drop).expect("it is answered");
    lines(&script)
}

fn lines(script: &CannedService) -> Vec<String> {
    let line = |request: SentRequest| {
        let path = request.path.trim_start_matches("/api/atlas/v2").replace(PROJECT, "P").replace(ID, "I");
        let query = request.raw_query().map(|query| format!("?{query}").replace(PROJECT, "P")).unwrap_or_default();
        let body = request.body.as_ref().map(|body| format!(" {}", String::from_utf8_lossy(body))).unwrap_or_default();
        format!("{} {path}{query}{}", request.method, body.replace(PROJECT, "P").replace(ID, "I"))
    };
    script.sent().into_iter().map(line).collect()
}
