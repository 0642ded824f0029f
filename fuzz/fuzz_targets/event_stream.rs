//! Event streams: what is decoded is encoded to the same bytes, and a stream that is cut is not taken for whole.
#![no_main]

use garrison_wire::event_stream::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while let Ok(Some((message, length))) = Message::decode(rest) {
        let (whole, after) = rest.split_at(length);
        assert_eq!(message.encode().as_deref(), Ok(whole));
        assert_eq!(Message::decode(&whole[..length - 1]), Ok(None));
        rest = after;
    }
});
