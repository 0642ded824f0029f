//! PEM (RFC 7468): the text form of certificates and keys.

use base64_simd::STANDARD;
use zeroize::Zeroizing;

/// The most blocks of one text that are read.
const MAX_BLOCKS: usize = 64;
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One block between its two lines.
pub(crate) struct Block<'a> {
    /// What the lines call it, for example `CERTIFICATE`.
    pub(crate) label: &'a str,
    /// The bytes. They may be a key, so they are wiped when they are dropped.
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// The text is not PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotPem;

/// The blocks of a text of at least one. Only white space may stand around them: what AWS refuses is refused here.
///
/// # Errors
/// [`NotPem`]: there is something else, no block, more than 64, one that does not end, or one that is not base64.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block<'_>>, NotPem> {
    let mut blocks = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (label, behind) =
            rest.strip_prefix(BEGIN).and_then(|rest| rest.split_once(DASHES)).ok_or(NotPem)?;
        let (body, behind) = behind.split_once(END).ok_or(NotPem)?;
        let behind = behind.strip_prefix(label).and_then(|rest| rest.strip_prefix(DASHES)).ok_or(NotPem)?;
        let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
        body.split_ascii_whitespace().for_each(|line| base64.push_str(line));
        let der = Zeroizing::new(STANDARD.decode_to_vec(base64.as_bytes()).map_err(|_| NotPem)?);
        if der.is_empty() || blocks.len() == MAX_BLOCKS {
            return Err(NotPem);
        }
        blocks.push(Block { label, der });
        rest = behind.trim_start();
    }
    if blocks.is_empty() { Err(NotPem) } else { Ok(blocks) }
}

/// A block with lines of 64 characters.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode_to_string(der);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    for (at, character) in base64.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str(&format!("\n{END}{label}{DASHES}"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_as_they_were_written() {
        for length in [1, 47, 48, 49, 300] {
            let der = vec![7; length];
            let text = format!("\n{}\r\n{}\n", encode("A B", &der), encode("C", &[1]));
            let read = blocks(&text).unwrap();
            assert_eq!(read.len(), 2);
            assert_eq!((read[0].label, &*read[0].der), ("A B", &der));
            assert_eq!((read[1].label, &**read[1].der), ("C", &[1][..]));
            assert!(text.lines().all(|line| line.len() <= 64));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "  ",
            "QUJD",
            "-----BEGIN A-----QUJD",
            "-----BEGIN A-----QUJD-----END B-----",
            "-----BEGIN A-----QUJ#-----END A-----",
            "-----BEGIN A----------END A-----",
            "subject=x\n-----BEGIN A-----QUJD-----END A-----",
            "-----BEGIN A-----QUJD-----END A-----x",
        ] {
            assert!(blocks(text).is_err(), "{text}");
        }
        let many = encode("A", &[1]).repeat(MAX_BLOCKS + 1);
        assert!(blocks(&many).is_err());
    }
}
