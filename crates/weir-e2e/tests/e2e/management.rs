//! The management API as operators and their tools meet it. The official clients have suites of
//! their own, in `clients`.

mod analytics;
mod billing;
mod concurrency;
mod custom_providers;
mod document;
mod drift;
mod effect;
mod full_disk;
mod pricing;
mod secrecy;
