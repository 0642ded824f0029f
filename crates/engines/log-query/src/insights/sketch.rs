//! Distinct values and percentiles in bounded memory: exact while they are few, approximate beyond.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many distinct values are counted exactly.
const EXACT_DISTINCT: usize = 1024;

/// Registers of the estimate beyond: its standard error is 1.04 / √4096, or 1.6 %.
const REGISTER_BITS: u32 = 12;

/// How many values a percentile is exact for.
const EXACT_VALUES: usize = 1024;

/// The relative error of a percentile beyond.
const ERROR: f64 = 0.005;

/// Counts distinct texts: a set of hashes, then HyperLogLog.
/// Source: P. Flajolet et al., "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm".
#[derive(Debug)]
pub(crate) enum Distinct {
    Exact(HashSet<u64>),
    Estimate(Box<[u8]>),
}

impl Distinct {
    pub(crate) fn new() -> Self {
        Self::Exact(HashSet::new())
    }

    /// Counts `text`; how many bytes of memory that took.
    pub(crate) fn push(&mut self, text: &str) -> usize {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        match self {
            Self::Exact(hashes) if hashes.len() < EXACT_DISTINCT => {
                if hashes.insert(hash) {
                    16
                } else {
                    0
                }
            }
            Self::Exact(hashes) => {
                let mut registers = vec![0; 1 << REGISTER_BITS].into_boxed_slice();
                hashes.iter().for_each(|hash| register(&mut registers, *hash));
                register(&mut registers, hash);
                *self = Self::Estimate(registers);
                1 << REGISTER_BITS
            }
            Self::Estimate(registers) => {
                register(registers, hash);
                0
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
    pub(crate) fn count(&self) -> f64 {
        match self {
            Self::Exact(hashes) => hashes.len() as f64,
            Self::Estimate(registers) => {
                let count = registers.len() as f64;
                let sum: f64 = registers.iter().map(|rank| 0.5_f64.powi(i32::from(*rank))).sum();
                let raw = 0.7213 / (1.0 + 1.079 / count) * count * count / sum;
                let empty = registers.iter().filter(|rank| **rank == 0).count() as f64;
                let linear = raw <= 2.5 * count && empty > 0.0;
                (if linear { count * (count / empty).ln() } else { raw }).round()
            }
        }
    }
}

fn register(registers: &mut [u8], hash: u64) {
    let place = usize::try_from(hash >> (64 - REGISTER_BITS)).unwrap_or_default();
    let rank =
        u8::try_from((hash << REGISTER_BITS).leading_zeros().min(64 - REGISTER_BITS) + 1).unwrap_or(u8::MAX);
    if let Some(register) = registers.get_mut(place) {
        *register = rank.max(*register);
    }
}

/// Finds percentiles: all the values, then counts of values in ranges whose bounds grow by a constant factor.
/// Source: C. Masson, J. Rim, H. Lee, "DDSketch: a fast and fully-mergeable quantile sketch".
#[derive(Debug)]
pub(crate) enum Quantiles {
    Exact(Vec<f64>),
    Ranges { below: BTreeMap<i32, u64>, zeros: u64, above: BTreeMap<i32, u64> },
}

impl Quantiles {
    pub(crate) fn new() -> Self {
        Self::Exact(Vec::new())
    }

    /// Enters a finite value; how many bytes of memory that took.
    pub(crate) fn push(&mut self, value: f64) -> usize {
        match self {
            Self::Exact(values) if values.len() < EXACT_VALUES => {
                values.push(value);
                size_of::<f64>()
            }
            Self::Exact(values) => {
                let values = std::mem::take(values);
                *self = Self::Ranges { below: BTreeMap::new(), zeros: 0, above: BTreeMap::new() };
                values.into_iter().chain([value]).map(|value| self.push(value)).sum()
            }
            Self::Ranges { below, zeros, above } => {
                let ranges = match value.partial_cmp(&0.0) {
                    Some(std::cmp::Ordering::Less) => below,
                    Some(std::cmp::Ordering::Greater) => above,
                    _ => {
                        *zeros += 1;
                        return 0;
                    }
                };
                let before = ranges.len();
                *ranges.entry(range_of(value.abs())).or_default() += 1;
                (ranges.len() - before) * 32
            }
        }
    }

    /// The smallest value that `percent` of a hundred values do not exceed (nearest rank).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of rows are far below 2^53, and a rank lies between one and their number"
    )]
    pub(crate) fn percentile(&self, percent: f64) -> Option<f64> {
        let rank = |count: u64| ((percent / 100.0 * count as f64).ceil().max(1.0) as u64).min(count);
        match self {
            Self::Exact(values) => {
                let mut values = values.clone();
                values.sort_unstable_by(f64::total_cmp);
                let rank = rank(u64::try_from(values.len()).ok()?);
                values.get(usize::try_from(rank.checked_sub(1)?).ok()?).copied()
            }
            Self::Ranges { below, zeros, above } => {
                let count = below.values().sum::<u64>() + zeros + above.values().sum::<u64>();
                let falling = below.iter().rev().map(|(range, count)| (-value_of(*range), *count));
                let rising = above.iter().map(|(range, count)| (value_of(*range), *count));
                let mut left = rank(count);
                falling.chain([(0.0, *zeros)]).chain(rising).find_map(|(value, count)| {
                    if count >= left {
                        return Some(value);
                    }
                    left -= count;
                    None
                })
            }
        }
    }
}

fn factor() -> f64 {
    (1.0 + ERROR) / (1.0 - ERROR)
}

#[expect(clippy::cast_possible_truncation, reason = "the logarithm of an f64 is small")]
fn range_of(value: f64) -> i32 {
    (value.ln() / factor().ln()).ceil() as i32
}

fn value_of(range: i32) -> f64 {
    2.0 * factor().powi(range) / (factor() + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_texts_are_counted() {
        for (count, error) in [(0, 0.0), (1000, 0.0), (100_000, 0.05)] {
            let mut distinct = Distinct::new();
            for number in (0..count).chain(0..count) {
                distinct.push(&number.to_string());
            }
            let count = f64::from(count);
            assert!((distinct.count() - count).abs() <= count * error, "{} of {count}", distinct.count());
        }
    }

    #[test]
    fn percentiles_are_found() {
        for (count, error) in [(100, 0.0), (100_000, ERROR * 1.01)] {
            let mut quantiles = Quantiles::new();
            // A permutation of -count/2 … count/2.
            for number in 0..count {
                quantiles.push(f64::from(number * 7919 % count - count / 2 + 1));
            }
            for percent in [0.0, 1.0, 25.0, 50.0, 95.0, 99.9, 100.0] {
                let rank = (percent / 100.0 * f64::from(count)).ceil().max(1.0);
                let expected = rank - f64::from(count / 2);
                let found = quantiles.percentile(percent).unwrap();
                assert!((found - expected).abs() <= expected.abs() * error, "{percent}: {found}, {expected}");
            }
        }
        assert_eq!(Quantiles::new().percentile(50.0), None);
    }
}
