use weir_core::log_filter::{LogFilter, LogOrder};

use super::*;

fn page(keys: &[i64], ascending: bool, offset: u64, limit: u32) -> Vec<(i64, u8)> {
    let mut selection = Selection::new(&LogQuery {
        account: "a".into(),
        gateway: "g".into(),
        filter: LogFilter::default(),
        order: LogOrder::Cost,
        ascending,
        offset,
        limit,
    });
    let id = |position: usize| LogId::from_bytes([(position % 251) as u8; 16]);
    for (position, key) in keys.iter().enumerate() {
        selection.offer(Key::Number(Some(*key)), id(position));
    }
    let ids = selection.page().into_iter();
    ids.map(|id| id.as_bytes()[0]).map(|byte| (keys[usize::from(byte)], byte)).collect()
}

#[test]
fn pages_hold_what_sorting_everything_gives() {
    let keys: Vec<i64> = (0..250).map(|n| (n * 37) % 11).collect();
    for ascending in [true, false] {
        let mut all: Vec<(i64, u8)> = keys.iter().copied().zip(0..).collect();
        all.sort_unstable();
        if !ascending {
            all.reverse();
        }
        for (offset, limit) in [(0, 1), (0, 50), (100, 7), (240, 50), (250, 5), (0, 0), (3, 1000)] {
            let end = (offset + limit).min(all.len());
            let expected = &all[offset.min(end)..end];
            let found = page(&keys, ascending, offset as u64, limit as u32);
            assert_eq!(found, expected, "{offset} {limit} {ascending}");
        }
    }
}

#[test]
fn what_is_dropped_early_is_what_the_page_does_not_need() {
    let mut selection = Selection::new(&LogQuery {
        account: "a".into(),
        gateway: "g".into(),
        filter: LogFilter::default(),
        order: LogOrder::Cost,
        ascending: true,
        offset: 2,
        limit: 3,
    });
    for number in (0..100_000).rev() {
        selection.offer(Key::Number(Some(number)), LogId::from_bytes([0; 16]));
        assert!(selection.found.len() <= 5 + SLACK);
    }
    assert!(selection.is_closed_to(&Key::Number(Some(2000))));
    assert!(!selection.is_closed_to(&Key::Number(Some(4))));
    assert_eq!(selection.page().len(), 3);
}

#[test]
fn enormous_offsets_and_limits_give_an_empty_page_or_everything() {
    assert_eq!(page(&[1, 2, 3], true, u64::MAX, u32::MAX), []);
    assert_eq!(page(&[1, 2, 3], true, 1, u32::MAX).len(), 2);
}
