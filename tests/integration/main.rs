//! Tests of the whole program, in one binary. `tests/run` runs them on PostgreSQL and Redis too.

mod harness;
mod http;
mod story;
