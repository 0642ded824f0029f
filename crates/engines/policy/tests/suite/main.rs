//! The engine against cases written from AWS's documentation, and against a second, naive evaluator.

// `cfg(test)` tells clippy that helpers here are test code, which may panic.
#[cfg(test)]
mod allocation;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod model;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod scenario;
