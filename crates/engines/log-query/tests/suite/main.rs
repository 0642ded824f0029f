//! The suite of this crate: cases as data, and comparisons with evaluators that are written for nothing but clarity.

// `cfg(test)` tells clippy that helpers here are test code, which may panic.
#[cfg(test)]
mod compare_filter;
#[cfg(test)]
mod compare_insights;
#[cfg(test)]
mod data;
#[cfg(test)]
mod filter_cases;
#[cfg(test)]
mod insights_cases;
#[cfg(test)]
mod model;
