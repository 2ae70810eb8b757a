use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;

use super::*;
use crate::contract::{cache_key, cached_answer, response_cache};
use crate::{Cache, CacheOptions, open_cache};

const MB: u64 = 1 << 20;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("cache.db")
    }

    fn open(&self, memory_bytes: u64, disk_bytes: u64) -> Cache {
        let data_dir = self.dir.path().to_owned();
        open_cache(&CacheOptions { data_dir, memory_bytes, disk_bytes }).unwrap()
    }

    fn rows(&self) -> i64 {
        let connection = Connection::open(self.file()).unwrap();
        connection.query_row("SELECT count(*) FROM answers", [], |row| row.get(0)).unwrap()
    }

    fn set_aside(&self) -> usize {
        let names = fs::read_dir(self.dir.path()).unwrap();
        names
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name().into_string().unwrap();
                name.starts_with("cache.db.corrupt-")
                    && !name.ends_with("-wal")
                    && !name.ends_with("-shm")
            })
            .count()
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

fn answer(seed: u32, length: usize) -> CachedAnswer {
    cached_answer(seed, length, now().as_millis(), 600_000)
}

async fn get(cache: &Cache, seed: u32) -> Option<CachedAnswer> {
    cache.answers().get(&cache_key(seed), now()).await.map(|answer| (*answer).clone())
}

fn put(cache: &Cache, seed: u32, answer: &CachedAnswer) {
    cache.answers().put(cache_key(seed), answer.clone());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_and_disk_keep_the_contract() {
    for (memory, disk) in [(64 << 10, 64 * MB), (64 << 10, 200 << 10), (MB, 8 * MB)] {
        let place = tempfile::tempdir().unwrap();
        response_cache(async |name| {
            let data_dir = place.path().join(name);
            fs::create_dir(&data_dir).unwrap();
            let options = CacheOptions { data_dir, memory_bytes: memory, disk_bytes: disk };
            open_cache(&options).unwrap().answers()
        })
        .await;
    }
}

#[tokio::test]
async fn answers_outlive_a_restart() {
    let place = Place::new();
    let cache = place.open(MB, 8 * MB);
    let answers: Vec<_> = (0..50).map(|seed| answer(seed, 100 * seed as usize)).collect();
    for (seed, answer) in (0..).zip(&answers) {
        put(&cache, seed, answer);
    }
    let second = answer(1, 7);
    put(&cache, 1, &second);
    cache.answers().remove(&cache_key(2));
    let expired = cached_answer(60, 10, now().as_millis() - 1000, 1000);
    put(&cache, 60, &expired);
    cache.close().await.unwrap();
    cache.close().await.unwrap();
    assert_eq!(cache.unwritten(), 0);
    assert_eq!(place.rows(), 49);

    let cache = place.open(MB, 8 * MB);
    assert_eq!(cache.answers().size().entries, 0, "nothing is read before it is asked for");
    assert_eq!(get(&cache, 0).await.as_ref(), Some(&answers[0]));
    assert_eq!(get(&cache, 49).await.as_ref(), Some(&answers[49]));
    assert_eq!(get(&cache, 1).await.as_ref(), Some(&second), "the last answer of its key");
    assert_eq!(get(&cache, 2).await, None, "removed");
    assert_eq!(get(&cache, 60).await, None, "expired");
    assert_eq!(cache.answers().size().entries, 3, "now they are in memory");
    // Read from memory: the file may be gone.
    cache.close().await.unwrap();
    fs::remove_file(place.file()).unwrap();
    assert_eq!(get(&cache, 49).await.as_ref(), Some(&answers[49]));
    let late = answer(70, 10);
    put(&cache, 70, &late);
    assert_eq!(get(&cache, 70).await, Some(late), "a closed cache is one in memory");
}

#[tokio::test]
async fn what_memory_gave_up_is_read_from_the_disk() {
    let place = Place::new();
    let cache = place.open(20_000, 8 * MB);
    let answers: Vec<_> = (0..30).map(|seed| answer(seed, 5000)).collect();
    for (seed, answer) in (0..).zip(&answers) {
        put(&cache, seed, answer);
    }
    cache.close().await.unwrap();
    let cache = place.open(20_000, 8 * MB);
    for (seed, answer) in (0..).zip(&answers) {
        assert_eq!(get(&cache, seed).await.as_ref(), Some(answer));
        assert!(cache.answers().size().bytes <= 20_000);
    }
    // An older answer of the disk must not come back in place of a newer one.
    let newer = answer(100, 5000);
    put(&cache, 0, &newer);
    for (seed, answer) in (1..).zip(&answers[1..]) {
        assert_eq!(get(&cache, seed).await.as_ref(), Some(answer));
    }
    let found = get(&cache, 0).await;
    assert!(found.is_none() || found == Some(newer), "the old one is void");
    cache.answers().remove(&cache_key(3));
    assert_eq!(get(&cache, 3).await, None, "removed from both");
    cache.close().await.unwrap();
    assert_eq!(place.rows(), 29);
}

#[tokio::test]
async fn the_file_stays_within_its_budget() {
    let place = Place::new();
    let cache = place.open(64 * MB, 4 * MB);
    for seed in 0..400 {
        put(&cache, seed, &answer(seed, 60_000));
        if seed % 50 == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    let heavy = answer(500, 5 << 20);
    put(&cache, 500, &heavy);
    assert_eq!(get(&cache, 500).await, Some(heavy), "in memory only");
    cache.close().await.unwrap();
    let size = fs::metadata(place.file()).unwrap().len();
    assert!((MB..=4 * MB + MB / 2).contains(&size), "{size}");
    let cache = place.open(64 * MB, 4 * MB);
    assert_eq!(get(&cache, 500).await, None);
    let kept: Vec<u32> = {
        let mut kept = Vec::new();
        for seed in 0..400 {
            if get(&cache, seed).await.is_some() {
                kept.push(seed);
            }
        }
        kept
    };
    assert!(kept.len() > 30 && kept.contains(&399), "{kept:?}");
    assert!(kept.windows(2).all(|two| two[0] + 1 == two[1]), "the oldest went first: {kept:?}");
    cache.close().await.unwrap();

    let cache = place.open(64 * MB, MB);
    cache.close().await.unwrap();
    let size = fs::metadata(place.file()).unwrap().len();
    assert!(size <= MB + MB / 4, "a smaller budget gives room back: {size}");
}

#[tokio::test]
async fn expired_rows_are_deleted_at_the_start() {
    let place = Place::new();
    let cache = place.open(MB, 8 * MB);
    for seed in 0..300 {
        let ttl = if seed % 3 == 0 { 600_000 } else { 300 };
        put(&cache, seed, &cached_answer(seed, 100, now().as_millis(), ttl));
    }
    cache.close().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(350)).await;
    let cache = place.open(MB, 8 * MB);
    assert_eq!(get(&cache, 1).await, None);
    assert!(get(&cache, 0).await.is_some());
    cache.close().await.unwrap();
    assert_eq!(place.rows(), 100);
}

#[tokio::test]
async fn a_file_beyond_use_is_set_aside() {
    let alien = "CREATE TABLE answers (x); CREATE TABLE migrations (name, checksum, applied_at)";
    for breaking in 0..4 {
        let place = Place::new();
        let cache = place.open(MB, 8 * MB);
        put(&cache, 1, &answer(1, 100));
        cache.close().await.unwrap();
        match breaking {
            0 => fs::write(place.file(), "no database at all, however long one looks").unwrap(),
            1 => {
                let connection = Connection::open(place.file()).unwrap();
                connection.execute("UPDATE migrations SET name = '9999_future'", []).unwrap();
            }
            2 => {
                fs::remove_file(place.file()).unwrap();
                Connection::open(place.file()).unwrap().execute_batch(alien).unwrap();
            }
            _ => {
                let length = fs::metadata(place.file()).unwrap().len();
                let file = fs::OpenOptions::new().write(true).open(place.file()).unwrap();
                file.set_len(length / 2).unwrap();
            }
        }
        let cache = place.open(MB, 8 * MB);
        assert_eq!(place.set_aside(), 1, "case {breaking}");
        assert_eq!(get(&cache, 1).await, None);
        let kept = answer(2, 100);
        put(&cache, 2, &kept);
        cache.close().await.unwrap();
        let cache = place.open(MB, 8 * MB);
        assert_eq!(get(&cache, 2).await, Some(kept), "case {breaking}");
        cache.close().await.unwrap();
    }
}

/// Overwrites the head of the page of rows that holds a text.
fn break_page(file: &std::path::Path, text: &str) {
    /// How such a page begins. Others may hold what is left of it.
    const LEAF_OF_ROWS: u8 = 13;
    let mut content = fs::read(file).unwrap();
    let page = content.chunks_exact_mut(8192).find(|page| {
        page[0] == LEAF_OF_ROWS && page.windows(text.len()).any(|part| part == text.as_bytes())
    });
    page.unwrap()[..64].fill(0xff);
    fs::write(file, content).unwrap();
}

#[tokio::test]
async fn a_file_that_breaks_in_use_is_given_up() {
    let place = Place::new();
    let cache = place.open(4 * MB, 8 * MB);
    for seed in 0..300 {
        put(&cache, seed, &answer(seed, 3000));
    }
    cache.close().await.unwrap();
    break_page(&place.file(), "gpt-0 ");

    let cache = place.open(4 * MB, 8 * MB);
    assert_eq!(place.set_aside(), 0, "nobody has seen it yet");
    assert!(get(&cache, 299).await.is_some());
    assert_eq!(get(&cache, 0).await, None, "this one is lost");
    let newer = answer(1000, 10);
    put(&cache, 0, &newer);
    cache.close().await.unwrap();
    assert_eq!(place.set_aside(), 1);
    assert_eq!(cache.unwritten(), 1);
    assert_eq!(get(&cache, 0).await, Some(newer), "memory goes on");
    assert!(get(&cache, 298).await.is_none());
    put(&cache, 1, &answer(1, 10));
    assert!(get(&cache, 1).await.is_some());
    assert_eq!(cache.unwritten(), 2);

    let cache = place.open(4 * MB, 8 * MB);
    assert_eq!(get(&cache, 298).await, None, "a new file");
    cache.close().await.unwrap();
    assert_eq!(place.set_aside(), 1);
}

#[tokio::test]
async fn an_answer_that_the_disk_altered_is_not_given() {
    let place = Place::new();
    let cache = place.open(MB, 8 * MB);
    put(&cache, 1, &answer(1, 100));
    cache.close().await.unwrap();
    let connection = Connection::open(place.file()).unwrap();
    connection.execute("UPDATE answers SET body = zeroblob(100)", []).unwrap();
    drop(connection);
    let cache = place.open(MB, 8 * MB);
    assert_eq!(get(&cache, 1).await, None);
    cache.close().await.unwrap();
}

#[tokio::test]
async fn without_a_disk_budget_the_file_goes_away() {
    let place = Place::new();
    let cache = place.open(MB, 8 * MB);
    put(&cache, 1, &answer(1, 100));
    cache.close().await.unwrap();
    let cache = place.open(MB, 0);
    assert!(!place.file().exists());
    assert_eq!(get(&cache, 1).await, None);
    cache.close().await.unwrap();
}

/// Many tasks that all want what only the disk has, beside one that replaces it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_answer_never_comes_back() {
    let place = Place::new();
    for round in 0..5_u32 {
        let cache = place.open(MB, 8 * MB);
        for seed in 0..20 {
            put(&cache, seed, &answer(round, 100));
        }
        cache.close().await.unwrap();
        let cache = place.open(MB, 8 * MB);
        let askers: Vec<_> = (0..8)
            .map(|_| {
                let cache = cache.clone();
                tokio::spawn(async move {
                    for seed in 0..20 {
                        get(&cache, seed).await;
                    }
                })
            })
            .collect();
        let newer = answer(100 + round, 100);
        for seed in 0..20 {
            if seed % 2 == 0 {
                put(&cache, seed, &newer);
            } else {
                cache.answers().remove(&cache_key(seed));
            }
            tokio::task::yield_now().await;
        }
        for asker in askers {
            asker.await.unwrap();
        }
        for again in [false, true] {
            let cache = if again {
                cache.close().await.unwrap();
                place.open(MB, 8 * MB)
            } else {
                cache.clone()
            };
            for seed in 0..20 {
                let wanted = (seed % 2 == 0).then(|| newer.clone());
                assert_eq!(get(&cache, seed).await, wanted, "{seed} {again}");
            }
            if again {
                cache.close().await.unwrap();
            }
        }
    }
}

/// With a writer that does not come: what finds no room is counted, still in memory, and what it
/// replaced does not come back.
#[tokio::test]
async fn what_finds_no_room_in_the_queue_is_counted() {
    let (queue, jobs) = queue::bounded();
    let large = Arc::new(answer(0, 20 << 20));
    assert!(queue.keep(cache_key(0), 1, Arc::clone(&large)));
    assert!(!queue.keep(cache_key(1), 2, Arc::clone(&large)), "too many bytes");
    assert_eq!(queue.unwritten(), 1);
    jobs.state.give_back(large.weight() as u64);
    let small = Arc::new(answer(0, 0));
    let taken = (0..5000).filter(|number| queue.keep(cache_key(2), *number, Arc::clone(&small)));
    let taken = taken.count() as u64;
    assert!(taken < 5000, "too many jobs");
    assert_eq!(queue.unwritten(), 1 + 5000 - taken);
    assert!(!jobs.state.take_void());
    queue.forget(cache_key(3));
    assert!(jobs.state.take_void() && !jobs.state.take_void());
    drop(jobs);
    assert!(!queue.keep(cache_key(1), 2, small), "nobody is there any more");
}

#[tokio::test]
async fn rows_that_the_index_does_not_know_are_deleted() {
    let place = Place::new();
    let cache = place.open(MB, 8 * MB);
    for seed in 0..10 {
        put(&cache, seed, &answer(seed, 100));
    }
    cache.close().await.unwrap();
    let index = Index::default();
    let mut file = CacheFile::open(&place.file(), 8 * MB, &index).unwrap();
    index.remove(&cache_key(3));
    index.announce(cache_key(4), now());
    file.delete_void(&index).unwrap();
    file.close().unwrap();
    assert_eq!(place.rows(), 8);
}
