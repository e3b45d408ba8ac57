//! Spans and metrics.
//!
//! **Spans** of `tracing`. Attributes with a dot follow the OpenTelemetry conventions for HTTP; `error.type` is the
//! [name of the kind](crate::ErrorKind::as_str) of the error. No span holds a secret or a body.
//!
//! | span | level | one for each | fields |
//! |---|---|---|---|
//! | `atlas_wait` | info | wait | `operation`, `project`, `cluster`, `object`, `polls`, `error.type` |
//! | `atlas_call` | info | call, repeats included | `operation`, `version`, `project`, `cluster`, `http.request.method`, `http.response.status_code`, `error.type` |
//! | `atlas_attempt` | debug | request | `attempt`, `wait` (milliseconds), `budget` (repeats left), `otel.kind`, `http.request.method`, `http.request.resend_count`, `server.address`, `server.port`, `http.response.status_code`, `error.type` |
//!
//! **Metrics** (feature `metrics`) go to the recorder that the program installs for the `metrics` crate:
//!
//! | metric | type | labels | counts |
//! |---|---|---|---|
//! | `atlas_backup_requests_total` | counter | `operation` | calls, repeats not included |
//! | `atlas_backup_attempts_total` | counter | `operation` | requests sent, repeats included |
//! | `atlas_backup_errors_total` | counter | `operation`, `kind` | calls that failed |
//! | `atlas_backup_limiter_seconds` | histogram | `operation` | time that a request waited for the rate limiter |
//! | `atlas_backup_rate_limit_remaining` | gauge | `endpoint_set`, `project` | requests left, as the last response says |
//!
//! `operation` is an operation ID, or `path` for a [call by path](crate::Client::path) that is not in the table.
//!
//! **Layers.** A tower layer sees each request as it leaves: [`Builder::http_layer`](crate::Builder::http_layer). A service can take
//! the place of the HTTP client: [`Builder::http_service`](crate::Builder::http_service).
