//! Tests of the signature engine through its public interface.

#[cfg(test)]
mod botocore;
#[cfg(test)]
mod chunked;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod known_answers;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod support;
