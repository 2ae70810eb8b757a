use proptest::prelude::*;

use super::*;

fn column(texts: &[Option<String>]) -> Texts {
    let mut making = Making::default();
    for text in texts {
        making.push(text.as_deref());
    }
    Texts::decode(&making.encode(), texts.len()).unwrap()
}

fn texts() -> impl Strategy<Value = Vec<Option<String>>> {
    let few = prop::option::of("[ab]{0,2}");
    let same = Just(Some("same".to_owned()));
    prop_oneof![
        prop::collection::vec(few, 0..40),
        prop::collection::vec(same, 0..10),
        prop::collection::vec(prop::option::of("\\PC{0,9}"), 0..600),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn columns_come_back_as_they_were(texts in texts()) {
        let column = column(&texts);
        for (row, text) in texts.iter().enumerate() {
            prop_assert_eq!(column.get(row), text.as_deref());
        }
    }

    #[test]
    fn masks_agree_with_looking_at_each_text(texts in texts(), nulls in any::<bool>()) {
        let column = column(&texts);
        let holds = |text: &str| text.len().is_multiple_of(2);
        let passes: Vec<bool> = column.dictionary.iter().map(holds).collect();
        let mut mask = vec![true; texts.len()];
        column.codes.keep(&passes, nulls, &mut mask);
        for (row, text) in texts.iter().enumerate() {
            prop_assert_eq!(mask[row], text.as_deref().map_or(nulls, holds));
        }
    }

    #[test]
    fn joined_columns_hold_the_rows_of_both(one in texts(), other in texts()) {
        let mut making = Making::default();
        let mut new = 0;
        for texts in [&one, &other] {
            making.extend(&column(texts), |row| row % 3 != 1, |_| new += 1);
        }
        let kept: Vec<&Option<String>> = [&one, &other]
            .into_iter()
            .flat_map(|texts| texts.iter().enumerate().filter(|(row, _)| row % 3 != 1))
            .map(|(_, text)| text)
            .collect();
        let joined = Texts::decode(&making.encode(), kept.len()).unwrap();
        prop_assert_eq!(joined.dictionary.len(), new);
        for (row, text) in kept.into_iter().enumerate() {
            prop_assert_eq!(joined.get(row), text.as_deref());
        }
    }

    #[test]
    fn a_blob_of_any_bytes_is_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..60), rows in 0_usize..50,
    ) {
        if let Ok(column) = Texts::decode(&bytes, rows) {
            prop_assert!((0..rows).all(|row| column.get(row).is_none_or(|text| text.len() < 60)));
            column.codes.keep(&[true], true, &mut vec![true; rows]);
        }
    }
}
