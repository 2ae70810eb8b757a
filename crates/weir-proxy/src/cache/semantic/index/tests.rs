use proptest::prelude::*;

use super::*;

const LATER: Timestamp = Timestamp::from_millis(1_000);
const NOW: Timestamp = Timestamp::from_millis(0);

fn key(number: u64) -> CacheKey {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.to_le_bytes());
    CacheKey(key)
}

/// A vector at this angle, in degrees.
fn at(degrees: f32) -> Direction {
    let radians = degrees.to_radians();
    Direction::of(&[radians.cos(), radians.sin()]).unwrap()
}

fn entry(number: u64, degrees: f32) -> Entry {
    Entry { key: key(number), expires_at: LATER, direction: at(degrees) }
}

fn large() -> Index {
    Index::new(usize::MAX)
}

/// What adds up to what the index says that it holds.
fn assert_counted(index: &Index) {
    let inner = index.lock();
    let chunks = || inner.scopes.values().flatten();
    let entries = || chunks().flat_map(|chunk| chunk.entries.iter());
    assert_eq!(inner.count, entries().count());
    let bytes = entries().map(Entry::weight).sum::<usize>() + OVERHEAD * chunks().count();
    assert_eq!(inner.bytes, bytes);
    let mut ages: Vec<u64> = chunks().map(|chunk| chunk.age).collect();
    ages.sort_unstable();
    assert!(inner.ages.keys().copied().eq(ages));
    assert!(chunks().all(|chunk| !chunk.entries.is_empty()));
    assert!(inner.scopes.values().all(|chunks| !chunks.is_empty()));
}

#[tokio::test]
async fn the_most_alike_comes_first_and_the_threshold_is_the_least() {
    let index = large();
    for (number, degrees) in [(1, 80.0), (2, 10.0), (3, 5.0), (4, 40.0)] {
        index.remember(key(0), entry(number, degrees), NOW);
    }
    let found = index.search(&key(0), &at(0.0), 0.9, NOW).await;
    let keys: Vec<CacheKey> = found.alike.iter().map(|(_, key)| *key).collect();
    assert_eq!(keys, [key(3), key(2)]);
    assert!((found.best.unwrap() - 5.0_f32.to_radians().cos()).abs() < 0.01);
    let found = index.search(&key(0), &at(0.0), 1.0, NOW).await;
    assert!(found.alike.is_empty() && found.best.is_some());
    let same = index.search(&key(0), &at(5.0), 1.0, NOW).await;
    assert_eq!(same.alike, [(1.0, key(3))]);
}

#[tokio::test]
async fn what_has_expired_or_is_of_another_scope_is_not_found() {
    let index = large();
    index.remember(key(0), entry(1, 0.0), NOW);
    assert_eq!(index.search(&key(9), &at(0.0), 0.1, NOW).await, Found::default());
    assert_eq!(index.search(&key(0), &at(0.0), 0.1, LATER).await, Found::default());
    assert_eq!(index.search(&key(0), &at(0.0), 0.1, NOW).await.alike.len(), 1);
}

#[tokio::test]
async fn a_scope_keeps_the_newest() {
    let index = large();
    let most = CHUNK * CHUNKS;
    for number in 0..=most as u64 {
        index.remember(key(0), entry(number, 0.0), NOW);
    }
    assert_eq!(index.size().0, most + 1 - CHUNK);
    assert_counted(&index);
    let keys: Vec<CacheKey> =
        index.chunks(&key(0)).iter().flat_map(|it| it.iter().map(|it| it.key)).collect();
    assert_eq!((keys[0], keys[keys.len() - 1]), (key(CHUNK as u64), key(most as u64)));
}

#[tokio::test]
async fn memory_is_bounded_over_all_scopes() {
    let one = entry(0, 0.0).weight() + OVERHEAD;
    let index = Index::new(3 * one);
    for scope in 0..5 {
        index.remember(key(scope), entry(scope, 0.0), NOW);
    }
    assert_eq!(index.size(), (3, 3 * one));
    for (scope, stays) in [(0, false), (1, false), (2, true), (3, true), (4, true)] {
        assert_eq!(!index.chunks(&key(scope)).is_empty(), stays, "{scope}");
    }
    let none = Index::new(0);
    none.remember(key(0), entry(0, 0.0), NOW);
    assert_eq!(none.size(), (0, 0));
}

#[tokio::test]
async fn a_search_sees_what_was_there_when_it_began() {
    let index = large();
    index.remember(key(0), entry(1, 0.0), NOW);
    let seen = index.chunks(&key(0));
    index.remember(key(0), entry(2, 0.0), NOW);
    index.forget(&key(0), &key(1));
    assert_eq!((seen[0].len(), seen[0][0].key), (1, key(1)));
    let now = index.chunks(&key(0));
    assert_eq!((now[0].len(), now[0][0].key), (1, key(2)));
}

#[test]
fn expired_questions_are_swept_away() {
    let index = large();
    for number in 0..200 {
        index.remember(key(number % 3), entry(number, 0.0), NOW);
    }
    index.sweep(NOW);
    assert_eq!(index.size().0, 200);
    index.sweep(LATER);
    assert_eq!(index.size(), (0, 0));
    assert_counted(&index);
}

proptest! {
    #[test]
    fn figures_stay_true(
        steps in proptest::collection::vec((0_u8..4, 0_u64..3, 0_u64..40, 0_i64..40), 1..300),
        budget in 0_usize..40_000,
    ) {
        let index = Index::new(budget);
        for (what, scope, number, time) in steps {
            let now = Timestamp::from_millis(time);
            match what {
                0 => index.forget(&key(scope), &key(number)),
                1 if number == 0 => index.sweep(now),
                _ => {
                    let expires_at = Timestamp::from_millis(time + 10);
                    index.remember(key(scope), Entry { expires_at, ..entry(number, 0.0) }, now);
                }
            }
            prop_assert!(index.size().1 <= budget);
        }
        assert_counted(&index);
    }
}
