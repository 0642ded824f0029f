//! Chunked bodies: AWS's published examples, a reference encoder, and what must be refused.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use garrison_sigv4::{
    AmzDate, Body, ChunkError, ChunkSeed, ChunkedDecoder, Payload, Signer, SigningKey, Streaming, Trailer,
    Verified,
};
use proptest::prelude::*;

use crate::support::{Sent, at, secret};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20130524T000000Z";
const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const TRAILER_SEED: &str = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

/// The request of S3's example: 65 KB of `a` in a chunk of 64 KB and one of 1 KB.
fn example(trailer: bool) -> Sent {
    let mut sent = Sent::new(
        "PUT",
        "/examplebucket/chunkObject.txt",
        &[
            ("Host", "s3.amazonaws.com"),
            ("x-amz-date", DATE),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("Content-Encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("Content-Length", "66824"),
        ],
        b"",
    );
    let (form, signed, signature) = if trailer {
        sent.set("x-amz-trailer", "x-amz-checksum-crc32c");
        (
            Streaming::SignedTrailer,
            "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;\
             x-amz-trailer",
            TRAILER_SEED,
        )
    } else {
        (
            Streaming::Signed,
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
             x-amz-storage-class",
            SEED,
        )
    };
    sent.set("x-amz-content-sha256", form.as_str());
    sent.set(
        "Authorization",
        &format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders={signed},Signature={signature}"
        ),
    );
    sent
}

fn seed_of(sent: &Sent) -> (ChunkSeed, Arc<SigningKey>) {
    match sent.verify_body(&secret(SECRET), at(DATE), Body::Later).unwrap() {
        (Verified::Chunked(seed), key) => (seed, key),
        other => panic!("{other:?}"),
    }
}

fn decode(
    (seed, key): (ChunkSeed, Arc<SigningKey>),
    length: u64,
    pieces: &[&[u8]],
) -> Result<(Vec<u8>, Vec<Trailer>), ChunkError> {
    let mut decoder = ChunkedDecoder::new(seed, key, length);
    let mut out = Vec::new();
    for piece in pieces {
        decoder.push(piece, &mut out)?;
    }
    Ok((out, decoder.finish()?))
}

#[test]
fn the_published_chunk_signatures_verify() {
    let mut body = Vec::new();
    for (size, signature) in [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ] {
        body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
        body.extend(std::iter::repeat_n(b'a', size));
        body.extend_from_slice(b"\r\n");
    }
    assert_eq!(body.len(), 66_824);
    let seed = || seed_of(&example(false));
    assert_eq!(seed().0.form(), Streaming::Signed);
    let (data, trailers) = decode(seed(), 66_560, &[&body]).unwrap();
    assert!(data.len() == 66_560 && data.iter().all(|b| *b == b'a') && trailers.is_empty());
    let bytewise: Vec<&[u8]> = body.chunks(1).collect();
    assert_eq!(decode(seed(), 66_560, &bytewise).unwrap().0, data);

    for index in (0..200).chain(body.len() - 1300..body.len()) {
        let mut changed = body.clone();
        changed[index] ^= 1;
        // The case of a size's digits is free; `1` and `0` stay digits and give another size.
        assert!(decode(seed(), 66_560, &[&changed]).is_err(), "byte {index}");
    }
    for cut in (0..body.len()).step_by(977).chain(body.len() - 100..body.len()) {
        assert!(decode(seed(), 66_560, &[&body[..cut]]).is_err(), "cut at {cut}");
    }
}

#[test]
fn the_published_trailer_signature_verifies() {
    // With the line ends of SDKs, and with the extra empty line that the page shows.
    for separator in ["\r\n", "\n\r\n"] {
        let mut body = Vec::new();
        for (size, signature) in [
            (65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
            (1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
            (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
        ] {
            body.extend_from_slice(format!("{size:x};chunk-signature={signature}\r\n").as_bytes());
            if size > 0 {
                body.extend(std::iter::repeat_n(b'a', size));
                body.extend_from_slice(b"\r\n");
            }
        }
        body.extend_from_slice(b"x-amz-checksum-crc32c:sOO8/Q==");
        body.extend_from_slice(separator.as_bytes());
        body.extend_from_slice(b"x-amz-trailer-signature:");
        body.extend_from_slice(b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n");
        let seed = || seed_of(&example(true));
        let (data, trailers) = decode(seed(), 66_560, &[&body]).unwrap();
        assert_eq!(data.len(), 66_560);
        let expected = Trailer { name: "x-amz-checksum-crc32c".into(), value: "sOO8/Q==".into() };
        assert_eq!(trailers, [expected]);

        let start = body.len() - 130;
        for index in (start..body.len()).filter(|index| !body[*index].is_ascii_whitespace()) {
            let mut changed = body.clone();
            changed[index] = if changed[index] == b'q' { b'k' } else { b'q' };
            assert!(decode(seed(), 66_560, &[&changed]).is_err(), "byte {index}");
        }
        for cut in start..body.len() - 4 {
            assert_eq!(decode(seed(), 66_560, &[&body[..cut]]), Err(ChunkError::Incomplete), "cut at {cut}");
        }
    }
}

/// Frames `data` in chunks of `size`, with signatures made here from AWS's description alone.
fn encode(form: Streaming, seed: &str, data: &[u8], size: usize, trailers: &[(&str, &str)]) -> Vec<u8> {
    let hash = |bytes: &[u8]| hex(digest::digest(&digest::SHA256, bytes).as_ref());
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{SECRET}").as_bytes());
    for part in ["20130524", "us-east-1", "s3", "aws4_request"] {
        let next = hmac::sign(&key, part.as_bytes());
        key = hmac::Key::new(hmac::HMAC_SHA256, next.as_ref());
    }
    let sign = |text: String| hex(hmac::sign(&key, text.as_bytes()).as_ref());
    let scope = format!("{DATE}\n20130524/us-east-1/s3/aws4_request");
    let mut previous = seed.to_owned();
    let mut body = Vec::new();
    for chunk in data.chunks(size).chain([&[][..]]) {
        body.extend_from_slice(format!("{:x}", chunk.len()).as_bytes());
        if form != Streaming::UnsignedTrailer {
            previous = sign(format!(
                "AWS4-HMAC-SHA256-PAYLOAD\n{scope}\n{previous}\n{}\n{}",
                hash(b""),
                hash(chunk)
            ));
            body.extend_from_slice(format!(";chunk-signature={previous}").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(chunk);
        if !chunk.is_empty() || form == Streaming::Signed {
            body.extend_from_slice(b"\r\n");
        }
    }
    if form != Streaming::Signed {
        let lines: String = trailers.iter().map(|(n, v)| format!("{n}:{v}\n")).collect();
        body.extend_from_slice(lines.replace('\n', "\r\n").as_bytes());
        if form == Streaming::SignedTrailer {
            let signature =
                sign(format!("AWS4-HMAC-SHA256-TRAILER\n{scope}\n{previous}\n{}", hash(lines.as_bytes())));
            body.extend_from_slice(format!("x-amz-trailer-signature:{signature}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
    }
    body
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request with a body in `form`; its signature, and what the decoder needs.
fn request(form: Streaming) -> (String, (ChunkSeed, Arc<SigningKey>)) {
    let key = SigningKey::derive(&secret(SECRET), "20130524", "us-east-1", "s3").unwrap();
    let signer = Signer {
        access_key_id: "AKIAIOSFODNN7EXAMPLE",
        session_token: None,
        region: "us-east-1",
        service: "s3",
        date: AmzDate::parse(DATE.as_bytes()).unwrap(),
        key: &key,
    };
    let mut sent = Sent::new("PUT", "/bucket/key", &[("host", "s3.amazonaws.com")], b"");
    let added = sent.with(|request| signer.sign(request, &Payload::Streaming(form)).unwrap());
    added.iter().for_each(|(name, value)| sent.set(name, value));
    let signature = added.last().unwrap().1.rsplit_once("Signature=").unwrap().1.to_owned();
    (signature, seed_of(&sent))
}

const FORMS: [Streaming; 3] = [Streaming::Signed, Streaming::SignedTrailer, Streaming::UnsignedTrailer];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_split_decodes_to_the_same(
        form in 0..3_usize,
        data in proptest::collection::vec(any::<u8>(), 0..30_000),
        size in 8192..12_000_usize,
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        trailers in proptest::bool::ANY,
    ) {
        let form = FORMS[form];
        let trailers: &[(&str, &str)] =
            if trailers && form != Streaming::Signed { &[("x-amz-a", "1"), ("x-amz-b", "2 =")] } else { &[] };
        let (signature, seed) = request(form);
        let body = encode(form, &signature, &data, size, trailers);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &body[cut[0]..cut[1]]).collect();
        let (out, found) = decode(seed, data.len() as u64, &pieces).unwrap();
        prop_assert_eq!(out, data);
        let found: Vec<(&str, &str)> = found.iter().map(|t| (&*t.name, &*t.value)).collect();
        prop_assert_eq!(found, trailers);
    }

    #[test]
    fn other_bytes_never_panic(
        form in 0..3_usize,
        body in proptest::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"\r\n0;:a=".to_vec())], 0..200),
        length in 0..100_u64,
    ) {
        let (_, seed) = request(FORMS[form]);
        let result = decode(seed, length, &[&body]);
        // Without the key nobody makes a signed body.
        prop_assert!(FORMS[form] == Streaming::UnsignedTrailer || result.is_err());
    }
}

#[test]
fn a_body_keeps_its_bounds() {
    let data = vec![7; 20_000];
    let check =
        |form: Streaming, size: usize, length: u64, change: fn(&mut Vec<u8>), expected: ChunkError| {
            let (signature, seed) = request(form);
            let mut body = encode(form, &signature, &data, size, &[]);
            change(&mut body);
            assert_eq!(decode(seed, length, &[&body]).unwrap_err(), expected, "{form:?} {size} {length}");
        };
    for form in FORMS {
        check(form, 8191, 20_000, |_| (), ChunkError::TooSmall);
        check(form, 9000, 19_999, |_| (), ChunkError::Incomplete);
        check(form, 9000, 20_001, |_| (), ChunkError::Incomplete);
        check(form, 9000, 20_000, |body| body.push(b'x'), ChunkError::MalformedChunk);
    }
    let unsigned = |body: &[u8], length: u64| decode(request(Streaming::UnsignedTrailer).1, length, &[body]);
    for (body, length, expected) in [
        ("", 0, ChunkError::Incomplete),
        ("0\r\n", 0, ChunkError::Incomplete),
        ("0\n\n", 0, ChunkError::MalformedChunk),
        ("\r\n", 0, ChunkError::MalformedChunk),
        ("+0\r\n", 0, ChunkError::MalformedChunk),
        ("00000000000000000\r\n", 0, ChunkError::MalformedChunk),
        ("ffffffffffffffff\r\n", 10, ChunkError::Incomplete),
        ("2\r\nabc\r\n", 2, ChunkError::MalformedChunk),
        ("2;a=b\r\nab\r\n", 2, ChunkError::MalformedChunk),
        ("0\r\nno colon\r\n\r\n", 0, ChunkError::MalformedTrailer),
        ("0\r\n: x\r\n\r\n", 0, ChunkError::MalformedTrailer),
        ("0\r\na b: x\r\n\r\n", 0, ChunkError::MalformedTrailer),
        ("0\r\na:1\r\nA:2\r\n\r\n", 0, ChunkError::MalformedTrailer),
    ] {
        assert_eq!(unsigned(body.as_bytes(), length), Err(expected), "{body:?}");
    }
    let long_line = "0".repeat(1025);
    assert_eq!(unsigned(long_line.as_bytes(), 0), Err(ChunkError::MalformedChunk));
    let lines: String = (0..100).map(|n| format!("a{n}:{}\r\n", "x".repeat(100))).collect();
    assert_eq!(unsigned(format!("0\r\n{lines}\r\n").as_bytes(), 0), Err(ChunkError::MalformedTrailer));
    let (data, trailers) = unsigned(b"2\r\nab\r\n0\r\nX-A: 1 \r\n\r\n", 2).unwrap();
    assert_eq!((data.as_slice(), trailers.len()), (&b"ab"[..], 1));
    assert_eq!((&*trailers[0].name, &*trailers[0].value), ("x-a", "1"));
}

#[test]
fn a_failed_decoder_stays_failed() {
    let (_, (seed, key)) = request(Streaming::UnsignedTrailer);
    let mut decoder = ChunkedDecoder::new(seed, key, 2);
    let mut out = Vec::new();
    assert_eq!(decoder.push(b"zz\r\n", &mut out), Err(ChunkError::MalformedChunk));
    assert_eq!(decoder.push(b"2\r\nab\r\n0\r\n\r\n", &mut out), Err(ChunkError::MalformedChunk));
    assert_eq!(decoder.finish(), Err(ChunkError::MalformedChunk));
    assert!(out.is_empty());
}

#[test]
fn errors_have_s3s_names() {
    for (error, code, status) in [
        (ChunkError::Incomplete, "IncompleteBody", 400),
        (ChunkError::Internal, "InternalError", 500),
        (ChunkError::MalformedChunk, "IncompleteBody", 400),
        (ChunkError::MalformedTrailer, "MalformedTrailerError", 400),
        (ChunkError::SignatureMismatch, "SignatureDoesNotMatch", 403),
        (ChunkError::TooSmall, "InvalidChunkSizeError", 403),
    ] {
        assert_eq!((error.code(), error.status()), (code, status));
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn without_a_key_only_the_framing_counts() {
    let zeros = "0".repeat(64);
    let signed = format!("3;chunk-signature={zeros}\r\nabc\r\n0;chunk-signature={zeros}\r\n");
    for (form, body, trailers) in [
        (Streaming::Signed, format!("{signed}\r\n"), 0),
        (Streaming::SignedTrailer, format!("{signed}x-a:b\r\nx-amz-trailer-signature:{zeros}\r\n\r\n"), 1),
        (Streaming::UnsignedTrailer, "3\r\nabc\r\n0\r\nx-a:b\r\n\r\n".to_owned(), 1),
    ] {
        let mut plain = Vec::new();
        let mut decoder = ChunkedDecoder::unverified(form, 3);
        decoder.push(body.as_bytes(), &mut plain).unwrap();
        assert_eq!((plain.as_slice(), decoder.finish().unwrap().len()), (&b"abc"[..], trailers), "{form:?}");
        let mut short = ChunkedDecoder::unverified(form, 4);
        let pushed = short.push(body.as_bytes(), &mut Vec::new());
        assert_eq!(pushed.and_then(|()| short.finish().map(drop)), Err(ChunkError::Incomplete), "{form:?}");
    }
}
