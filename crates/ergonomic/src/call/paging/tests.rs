use serde_json::{Value, json};

use crate::{
    Client, ErrorKind, Snapshots,
    testing::{CannedResponse, CannedService, SentRequest},
};

const PROJECT: &str = "32b6e34b3d91647abb20e7b8";

/// The snapshots of a service that responds with `page`, called with the page number and the query.
fn snapshots<A: Into<CannedResponse>>(
    page: impl Fn(usize, &SentRequest) -> A + Send + Sync + 'static,
) -> (Snapshots, CannedService) {
    let script = CannedService::respond_with(move |request, _| {
        let number = &request.query.iter().find(|(name, _)| name == "pageNum").expect("a page number").1;
        page(number.parse().expect("a number"), request)
    });
    let client = Client::builder().build_over(script.clone());
    (client.project(PROJECT).and_then(|p| p.cluster("Cluster0")).expect("a cluster").snapshots(), script)
}

fn ids(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(|n| json!({ "id": format!("{n:024x}") })).collect()
}

fn next() -> Value {
    json!([{ "rel": "next", "href": "https://evil.example.com/api/atlas/v1.0/steal?pageNum=99" }])
}

#[tokio::test]
async fn pages_are_fetched_by_number_and_links_never_followed() {
    let (snapshots, script) = snapshots(|number, _| match number {
        1 => json!({ "results": ids(0..2), "links": next(), "totalCount": 5 }),
        2 => json!({ "results": ids(2..4), "links": next(), "totalCount": 5 }),
        _ => json!({ "results": ids(4..5), "links": [], "totalCount": 5 }),
    });
    let all = snapshots.list().items_per_page(2).all().await.expect("all");
    assert_eq!(all.len(), 5);
    for (number, request) in script.sent().iter().enumerate() {
        assert!(request.url.starts_with("http://127.0.0.1/"));
        assert_eq!(request.raw_query(), Some(&*format!("itemsPerPage=2&pageNum={}", number + 1)));
    }
    assert_eq!(script.sent().len(), 3);
}

#[tokio::test]
async fn full_page_without_next_link_continues_only_without_count() {
    let page = |number: usize, _: &SentRequest| match number {
        1 => json!({ "results": ids(0..2), "totalCount": 0 }),
        2 => json!({ "results": ids(2..4), "totalCount": 0 }),
        _ => json!({ "results": [], "totalCount": 0 }),
    };
    let (uncounted, script) = snapshots(page);
    assert_eq!(uncounted.list().items_per_page(2).include_count(false).all().await.expect("all").len(), 4);
    assert_eq!(script.sent().len(), 3);

    let (counted, script) = snapshots(page);
    assert_eq!(counted.list().items_per_page(2).all().await.expect("all").len(), 2);
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn short_page_without_next_link_continues_to_the_count() {
    let (snapshots, script) = snapshots(|number, _| match number {
        1 => json!({ "results": ids(0..3), "totalCount": 5 }),
        _ => json!({ "results": ids(3..5), "totalCount": 5 }),
    });
    assert_eq!(snapshots.list().items_per_page(100).all().await.expect("all").len(), 5);
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test]
async fn empty_page_ends_list_despite_next_link() {
    let (snapshots, script) = snapshots(|_, _| json!({ "results": [], "links": next() }));
    assert!(snapshots.list().all().await.expect("all").is_empty());
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn malformed_item_keeps_its_page_and_later_pages() {
    let (snapshots, _) = snapshots(|number, _| match number {
        1 => json!({
            "results": [{ "id": "a", "storageSizeBytes": "many" }, { "id": "b", "status": "hibernating" }, 7, {}],
            "links": next(),
            "totalCount": 5,
        }),
        _ => json!({ "results": [{ "id": "c" }] }),
    });
    let mut items = snapshots.list().items();
    let odd = items.next().await.expect("an item").expect("a size in words costs the size only");
    assert_eq!((odd.id.as_str(), odd.storage_size_bytes, &odd.extra["storageSizeBytes"]), ("a", None, &json!("many")));
    let unknown = items.next().await.expect("an item").expect("an unknown state is accepted");
    assert_eq!((unknown.id.as_str(), unknown.status.as_ref().map(|s| s.as_str())), ("b", Some("hibernating")));
    let odd = items.next().await.expect("an item").expect_err("a number");
    assert_eq!((odd.kind(), odd.document()), (ErrorKind::Decode, Some(&json!(7))));
    assert_eq!(odd.operation(), Some("listGroupClusterBackupSnapshots"));
    assert!(items.next().await.expect("an item").expect_err("no id").to_string().contains("no usable snapshot ID"));
    assert_eq!(items.next().await.expect("an item").expect("the next page").id.as_str(), "c");
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn one_page_is_taken_by_its_number() {
    let (snapshots, script) = snapshots(|_, _| json!({ "results": ids(5..7), "links": next(), "totalCount": 40 }));
    let page = snapshots.list().items_per_page(2).include_count(true).page(3).await.expect("a page");
    assert_eq!((page.number, page.items.len(), page.total_count), (3, 2, Some(40)));
    assert_eq!(script.sent()[0].raw_query(), Some("includeCount=true&itemsPerPage=2&pageNum=3"));
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test]
async fn page_size_that_the_service_refuses_is_not_sent() {
    let (snapshots, script) = snapshots(|_, _| json!({ "results": [] }));
    for items in [0, 501] {
        let refused = snapshots.list().items_per_page(items).all().await.expect_err("a wrong size");
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn stream_ends_after_a_failed_page() {
    let (snapshots, _) = snapshots(|number, _| match number {
        1 => json!({ "results": ids(0..1), "links": next() }),
        _ => json!("no page at all"),
    });
    let mut items = snapshots.list().items();
    assert!(items.next().await.expect("an item").is_ok());
    assert_eq!(items.next().await.expect("an error").expect_err("no page").kind(), ErrorKind::Decode);
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn dropped_page_future_is_resumed() {
    let (snapshots, script) = snapshots(|_, _| json!({ "results": ids(0..1) }));
    let mut items = snapshots.list().items();
    {
        let mut question = std::pin::pin!(items.next());
        std::future::poll_fn(|context| {
            assert!(question.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
    assert_eq!(items.next().await.expect("an item").expect("the item").id.as_str(), format!("{:024x}", 0));
    assert_eq!(script.sent().len(), 1, "the page was not requested twice");
}

#[tokio::test]
async fn list_without_paging_sends_one_request() {
    let script = CannedService::respond_with(|_, _| json!({ "results": ids(0..100), "links": next() }));
    let client = Client::builder().build_over(script.clone());
    let sharded = client.project(PROJECT).and_then(|p| p.cluster("Sharded0")).expect("a cluster").sharded_snapshots();
    assert_eq!(sharded.list().include_count(false).all().await.expect("all").len(), 100);
    assert_eq!((script.sent().len(), script.sent()[0].raw_query()), (1, None));
}

/// Three pages of one snapshot each.
fn three(number: usize, _: &SentRequest) -> Value {
    json!({ "results": ids(number..number + 1), "links": if number < 3 { next() } else { json!([]) } })
}

/// Lets every ready task run.
async fn turns() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn prefetch_loads_exactly_one_page_ahead() {
    let (snapshots, script) = snapshots(three);
    let mut pages = snapshots.list().pages();
    assert!(script.sent().is_empty());
    assert_eq!(pages.next().await.expect("a page").expect("the first").number, 1);
    turns().await;
    assert_eq!(script.sent().len(), 2, "one ahead");
    assert_eq!(pages.next().await.expect("a page").expect("the second").number, 2);
    turns().await;
    assert_eq!(script.sent().len(), 3);
    assert_eq!(pages.next().await.expect("a page").expect("the third").number, 3);
    assert!(pages.next().await.is_none());
    assert_eq!(script.sent().len(), 3);

    let (snapshots, script) = self::snapshots(three);
    let mut pages = snapshots.list().prefetch(false).pages();
    pages.next().await.expect("a page").expect("the first");
    turns().await;
    assert_eq!(script.sent().len(), 1, "not ahead when told not to");
}

#[tokio::test]
async fn prefetch_ends_with_stream() {
    let (snapshots, script) = snapshots(|number, request| match number {
        1 => three(1, request).into(),
        _ => CannedResponse::never(),
    });
    let mut items = snapshots.list().items();
    items.next().await.expect("an item").expect("the first");
    turns().await;
    assert_eq!(script.in_flight().0, 1, "the second page is being fetched");
    drop(items);
    turns().await;
    assert_eq!(script.in_flight().0, 0, "and over");
}

#[tokio::test]
async fn limit_ends_list_without_extra_pages() {
    let (snapshots, script) =
        snapshots(|number, _| json!({ "results": ids(number * 2..number * 2 + 2), "links": next() }));
    assert_eq!(snapshots.list().limit(3).items_per_page(2).all().await.expect("three").len(), 3);
    turns().await;
    assert_eq!(script.sent().len(), 2);
    assert_eq!(snapshots.list().limit(0).all().await.expect("none").len(), 0);
    assert_eq!(script.sent().len(), 2, "nothing is asked for nothing");

    assert_eq!(snapshots.list().limit(2).all().await.expect("two").len(), 2);
    assert_eq!(script.sent()[2].raw_query(), Some("itemsPerPage=2&pageNum=1"));
    assert_eq!(script.sent().len(), 3);
    let mut many = snapshots.list().limit(9000).pages();
    many.next().await.expect("a page").expect("the first");
    assert_eq!(script.sent()[3].raw_query(), Some("itemsPerPage=500&pageNum=1"));
}

#[tokio::test]
async fn counted_list_without_links_ends_at_count() {
    let (snapshots, script) = snapshots(|number, _| match number {
        1..=2 => json!({ "results": ids(2 * number..2 * number + 2), "totalCount": 5 }),
        _ => json!({ "results": ids(9..10), "totalCount": 5 }),
    });
    assert_eq!(snapshots.list().items_per_page(2).all().await.expect("all").len(), 5);
    assert_eq!(script.sent().len(), 3);
}

#[tokio::test]
async fn page_with_more_items_than_requested_is_refused() {
    for (size, items, fits) in [(None, 100, true), (None, 101, false), (Some(2), 2, true), (Some(2), 3, false)] {
        for odd in [false, true] {
            let (snapshots, _) = snapshots(move |_, _| {
                let mut page = json!({ "results": ids(0..items), "totalCount": items });
                if odd {
                    // The page is read item by item then.
                    page["results"][0] = json!(7);
                }
                page
            });
            let list = snapshots.list();
            let list = if let Some(size) = size { list.items_per_page(size) } else { list };
            let outcome = list.page(1).await;
            assert_eq!(outcome.is_ok(), fits, "{items} of {size:?}");
            if let Err(error) = outcome {
                let most = size.unwrap_or(100);
                assert!(error.to_string().contains(&format!("the page has more than {most} items")), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn list_without_page_size_has_a_bound_of_its_own() {
    for (items, fits) in [(10_000, true), (10_001, false)] {
        let script = CannedService::respond_with(move |_, _| json!({ "results": ids(0..items) }));
        let client = Client::builder().build_over(script);
        let sharded = client.project(PROJECT).and_then(|p| p.cluster("C")).expect("a cluster").sharded_snapshots();
        assert_eq!(sharded.list().all().await.is_ok(), fits, "{items}");
    }
}

#[tokio::test]
async fn empty_first_page_of_counted_list_is_refused() {
    let (snapshots, _) = snapshots(|_, _| json!({ "results": [], "totalCount": 3 }));
    let error = snapshots.list().all().await.expect_err("three snapshots are missing");
    assert_eq!((error.kind(), error.cluster()), (ErrorKind::Decode, Some("Cluster0")));
    assert!(error.to_string().contains("no items, though totalCount is 3"), "{error}");
    let error = snapshots.list().page(1).await.expect_err("three snapshots are missing");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(snapshots.list().page(2).await.expect("a page beyond the end").items.is_empty());
}

#[tokio::test]
async fn empty_later_page_of_counted_list_is_refused() {
    let (snapshots, _) = snapshots(|number, _| match number {
        1 => json!({ "results": ids(0..2), "links": next(), "totalCount": 4 }),
        _ => json!({ "results": [], "links": [], "totalCount": 4 }),
    });
    let error = snapshots.list().items_per_page(2).all().await.expect_err("two snapshots are missing");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("page 2 has no items, though totalCount is 4"), "{error}");
}

#[tokio::test]
async fn list_that_shrinks_while_it_is_read_is_complete() {
    let (snapshots, _) = snapshots(|number, _| match number {
        1 => json!({ "results": ids(0..2), "links": next(), "totalCount": 4 }),
        _ => json!({ "results": [], "links": [], "totalCount": 1 }),
    });
    assert_eq!(snapshots.list().items_per_page(2).all().await.expect("what is left").len(), 2);
}

#[tokio::test]
async fn malformed_link_does_not_end_list() {
    let (snapshots, _) = snapshots(|number, _| match number {
        1 => json!({ "results": [{ "id": "a" }, 7], "links": [7, { "rel": "self", "href": 1 }, { "rel": "next" }] }),
        2 => json!({ "results": [{ "id": "b" }], "links": [7, { "rel": "next", "href": [] }] }),
        _ => json!({ "results": [{ "id": "c" }], "links": "none" }),
    });
    let mut items = snapshots.list().items();
    let mut ids = Vec::new();
    while let Some(item) = items.next().await {
        ids.push(item.map(|item| item.id.to_string()).unwrap_or_default());
    }
    assert_eq!(ids, ["a", "", "b", "c"]);
}

#[tokio::test]
async fn list_rejects_response_without_results() {
    for odd in [
        json!({ "message": "maintenance" }),
        json!([]),
        json!({ "results": {} }),
        json!({ "totalCount": 0 }),
        json!("<html>"),
    ] {
        let (snapshots, _) = snapshots({
            let odd = odd.clone();
            move |_, _| odd.clone()
        });
        let error = snapshots.list().all().await.expect_err(&format!("no page: {odd}"));
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::Decode, Some("listGroupClusterBackupSnapshots")),
            "{odd}"
        );
    }
}

#[tokio::test]
async fn repeated_page_ends_list_with_error() {
    for links in [json!([]), next()] {
        let (snapshots, script) = snapshots(move |_, _| json!({ "results": ids(0..2), "links": links }));
        let error = snapshots.list().items_per_page(2).include_count(false).all().await.expect_err("no end");
        assert_eq!((error.kind(), script.sent().len()), (ErrorKind::Decode, 3));
        assert!(error.to_string().contains("the same page"), "{error}");
    }
    // Pages of one item are equal if an item was added in front of them meanwhile. That happens once, not repeatedly.
    let (snapshots, _) = snapshots(|number, _| match number {
        1..=4 => json!({ "results": ids(number / 2..number / 2 + 1), "links": next() }),
        _ => json!({ "results": ids(9..10) }),
    });
    assert_eq!(snapshots.list().items_per_page(1).all().await.expect("all").len(), 5);
}
