use proptest::prelude::*;

use super::super::cipher::random_key;
use super::*;

const KEY: DataKeyId = DataKeyId([7; ID]);

fn cipher() -> Cipher {
    Cipher::new(&random_key().unwrap()).unwrap()
}

proptest! {
    #[test]
    fn only_the_same_account_purpose_and_bytes_open(
        clear in proptest::collection::vec(any::<u8>(), 0..200),
        (account, purpose, other) in ("[a-z/|]{0,6}", "[a-z/|]{0,6}", "[a-z/|]{0,6}"),
        (place, bit) in (any::<prop::sample::Index>(), 0..8_u8),
    ) {
        let cipher = cipher();
        let account = AccountId::from(account);
        let sealed = seal(&cipher, KEY, &account, &purpose, &clear).unwrap();
        prop_assert_eq!(open(&cipher, &account, &purpose, &sealed).unwrap(), clear);
        prop_assert_eq!(data_key_of(&sealed), Some(KEY));

        if other != purpose {
            prop_assert!(open(&cipher, &account, &other, &sealed).is_err());
        }
        if other != account.as_str() {
            prop_assert!(open(&cipher, &AccountId::from(other), &purpose, &sealed).is_err());
        }
        let place = place.index(sealed.0.len());
        prop_assert!(open(&cipher, &account, &purpose, &Sealed(sealed.0[..place].to_vec())).is_err());
        let mut altered = sealed;
        altered.0[place] ^= 1 << bit;
        prop_assert!(open(&cipher, &account, &purpose, &altered).is_err());
    }
}

#[test]
fn a_border_moved_between_account_and_purpose_does_not_open() {
    let cipher = cipher();
    let sealed = seal(&cipher, KEY, &"ab".into(), "c", b"x").unwrap();
    assert!(open(&cipher, &"a".into(), "bc", &sealed).is_err());
}

#[test]
fn no_two_seals_are_alike() {
    let cipher = cipher();
    let seal = || seal(&cipher, KEY, &"a".into(), "p", b"the same").unwrap().0;
    assert_ne!(seal(), seal());
}
