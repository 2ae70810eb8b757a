use proptest::prelude::*;

use super::*;

fn column(values: &[Option<i128>]) -> Numbers {
    Numbers::decode(&encode(values), values.len()).unwrap()
}

/// Values of which some lie close together and some at the very ends.
fn value() -> impl Strategy<Value = Option<i128>> {
    let near = (0_i128..300).prop_map(Some);
    let wide = any::<i64>().prop_map(|value| Some(value.into()));
    let ends = prop::sample::select(vec![i64::MIN, i64::MAX, 0, 255, 254, 256, 65_534, 65_535])
        .prop_map(|value| Some(i128::from(value)));
    prop_oneof![4 => near, 1 => wide, 1 => ends, 2 => Just(None)]
}

proptest! {
    #[test]
    fn columns_come_back_as_they_were(
        values in prop::collection::vec(value(), 0..40),
        same in prop::collection::vec(Just(Some(7)), 0..10),
        near in prop::collection::vec((0_i128..256).prop_map(Some), 0..40),
    ) {
        for values in [values, same, near] {
            let column = column(&values);
            let short: Vec<i64> =
                values.iter().map(|value| saturated(value.unwrap_or_default())).collect();
            prop_assert_eq!(column.short_values(), short);
            let nulls: Vec<bool> = values.iter().map(Option::is_none).collect();
            prop_assert_eq!(column.nulls().unwrap_or(vec![false; values.len()]), nulls);
            prop_assert_eq!(column.values(), values);
        }
    }

    #[test]
    fn masks_agree_with_looking_at_each_value(
        values in prop::collection::vec(value(), 1..40),
        ranges in prop::collection::vec((value(), value()), 0..3),
        nulls in any::<bool>(),
    ) {
        let ranges: Vec<RangeInclusive<i128>> = ranges
            .into_iter()
            .filter_map(|(start, end)| Some(start?..=end?))
            .collect();
        let mut mask = vec![true; values.len()];
        mask[0] = false;
        column(&values).keep(&ranges, nulls, &mut mask);
        for (row, value) in values.iter().enumerate() {
            let holds = value.map_or(nulls, |value| ranges.iter().any(|range| range.contains(&value)));
            prop_assert_eq!(mask[row], row > 0 && holds, "row {} of {:?}", row, values);
        }
    }

    #[test]
    fn a_blob_of_any_bytes_is_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..80), rows in 0_usize..50,
    ) {
        if let Ok(column) = Numbers::decode(&bytes, rows) {
            prop_assert_eq!(column.values().len(), rows);
            column.keep(&[0..=10], true, &mut vec![true; rows]);
        }
    }
}

#[test]
fn narrow_columns_take_few_bytes() {
    let size = |values: &[Option<i128>]| encode(values).len() - 34;
    assert_eq!(size(&[Some(200); 1000]), 0);
    assert_eq!(size(&[None; 1000]), 0);
    let moments: Vec<_> = (0..1000).map(|n| Some(1_795_000_000_000 + n * 60)).collect();
    assert_eq!(size(&moments), 2000);
    assert_eq!(size(&[Some(0), Some(255)]), 2);
    assert_eq!(size(&[Some(0), Some(255), None]), 6, "the last code is taken");
}
