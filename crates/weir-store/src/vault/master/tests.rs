use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE};
use proptest::prelude::*;

use super::*;

fn ids(keys: &MasterKeys) -> Vec<&str> {
    keys.iter().map(|key| key.id()).collect()
}

fn error(text: &str) -> String {
    match MasterKeys::parse(text, "key file") {
        Ok(_) => panic!("read {text:?}"),
        Err(fault) => fault.to_string(),
    }
}

proptest! {
    #[test]
    fn every_spelling_is_the_same_key(bytes in any::<[u8; 32]>()) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let spellings = [
            hex.to_lowercase(), format!("  {hex}\r"), STANDARD_NO_PAD.encode(bytes),
            URL_SAFE.encode(bytes), format!("# two\n\n{hex} # the key\n"),
        ];
        let read = |text: &str| MasterKeys::parse(text, "").unwrap();
        for text in &spellings {
            let keys = read(text);
            prop_assert_eq!(&*keys.present().bytes, &bytes);
            let again = read(&keys.to_text());
            prop_assert_eq!(ids(&again), ids(&keys));
            prop_assert!(!hex.to_lowercase().contains(keys.present().id()));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,70}") {
        let _ = MasterKeys::parse(&text, "");
    }
}

#[test]
fn the_first_key_is_the_present_one_and_all_are_kept() {
    let (old, new) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    let (old, new) = (Arc::new(old), Arc::new(new));
    let keys = MasterKeys::new(Arc::clone(&new), vec![Arc::clone(&old), Arc::clone(&new)]);
    let read = MasterKeys::parse(&keys.to_text(), "").unwrap();
    assert_eq!(ids(&read), [new.id(), old.id()]);
    assert_eq!(read.present().id(), new.id());
    assert!(read.get(old.id()).is_some());
    assert!(read.get("0123").is_none());
}

#[test]
fn a_text_without_a_key_says_what_is_wrong_and_not_what_it_is() {
    let key = "c0ffee".repeat(11);
    assert!(error("").contains("there is no key in it"), "{}", error(""));
    assert!(error("# only a comment").contains("there is no key in it"));
    for cut in [&key[..63], &key[..65], &key[..10]] {
        let text = error(&format!("# a\n{cut}\n"));
        assert!(text.contains("key file: line 2 holds no key"), "{text}");
        assert!(text.contains("64 hex digits"), "{text}");
        assert!(!text.contains("c0ffee"), "{text}");
    }
}
