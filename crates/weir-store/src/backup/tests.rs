use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use weir_core::audit::Actor;
use weir_core::config::{Changes, Commit, Configuration};
use weir_core::counters::CounterKey;
use weir_core::ledger::{Claim, CreditEntry, CreditKind, Measure, Settlement, Span};
use weir_core::log::Side;
use weir_core::log_filter::{LogFilter, LogOrder};
use weir_core::store::{ConfigStore, LogBatch, LogQuery, LogStore};
use weir_core::{Gateway, LogRecord, Timestamp};

use super::*;
use crate::contract::full_record;
use crate::{LedgerOptions, open_ledger};
use crate::{MasterKeySource, ReSeal, open_config, rotate_keys};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn commit(base: &Configuration, number: u64) -> Commit {
    let mut changes = Changes::default();
    let id = format!("g{number}");
    let at = Timestamp::from_millis(1);
    changes.put(Gateway::with_defaults("account".into(), id.as_str().into(), at));
    Commit::new(base, changes, &Actor::system("test"), Timestamp::now())
}

/// Adds gateways; the generation says how many there are.
async fn add(store: &dyn ConfigStore, count: u64) {
    for _ in 0..count {
        let base = store.load().await.unwrap();
        store.commit(&commit(&base, base.generation)).await.unwrap();
    }
}

async fn stored(options: &OpenOptions) -> (u64, Vec<String>) {
    let (store, _) = open_config(options).unwrap();
    let found = store.load().await.unwrap();
    let objects = found.objects().iter().map(|object| object.to_stored().unwrap()).collect();
    (found.generation, objects)
}

/// Rows that are appended, and so must be found, together.
const BATCH: u64 = 10;

async fn log(logs: &dyn LogStore) {
    let records = (0..BATCH).map(|_| full_record(1)).collect();
    let batch = LogBatch { records, uncollected: Vec::new() };
    let appended = logs.append(Arc::new(batch)).await.unwrap();
    assert_eq!(appended.kept, BATCH);
}

/// Every row, and the first one's body.
async fn logged(logs: &dyn LogStore) -> (Vec<String>, Option<Vec<u8>>) {
    let LogRecord { account, gateway, .. } = full_record(1);
    let query = LogQuery {
        account: account.clone(),
        gateway: gateway.clone(),
        filter: LogFilter::default(),
        order: LogOrder::default(),
        ascending: true,
        offset: 0,
        limit: u32::MAX,
    };
    let page = logs.list(&query).await.unwrap();
    let id = page.rows[0].record.id;
    let body = logs.body(&account, &gateway, id, Side::Request, None).await.unwrap();
    (page.rows.iter().map(|row| format!("{row:?}")).collect(), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_backed_up_is_restored() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions::new(&dir.path().join("data"));
    let stores = crate::open(&options).unwrap();
    add(&*stores.config, 3).await;
    log(&*stores.logs).await;
    let rows = logged(&*stores.logs).await;

    let target = dir.path().join("backups/one");
    let summary = backup(&options, &target, false).unwrap();
    assert_eq!((summary.master_keys.len(), summary.has_key, summary.has_logs), (1, false, true));
    assert_eq!(names(&target), [CONFIG, LOGS]);
    assert_eq!(mode(&target), 0o700);
    assert_eq!((mode(&target.join(CONFIG)), mode(&target.join(LOGS))), (0o600, 0o600));
    add(&*stores.config, 1).await;
    log(&*stores.logs).await;

    let restored = OpenOptions::new(&dir.path().join("restored"));
    assert_eq!(restore(&target, &restored.data_dir).unwrap(), summary);
    assert_eq!(names(&restored.data_dir), [CONFIG, LOGS]);
    assert_eq!(mode(&restored.data_dir.join(CONFIG)), 0o600);
    let Err(error) = open_config(&restored) else { panic!("opened without its key") };
    assert!(error.to_string().contains(&summary.master_keys[0]), "{error}");
    fs::copy(options.data_dir.join("master.key"), restored.data_dir.join("master.key")).unwrap();
    let (generation, objects) = stored(&restored).await;
    assert_eq!((generation, objects.len()), (3, 3), "as of the backup");
    assert_eq!(objects[..], stored(&options).await.1[..3]);
    assert_eq!(logged(&*crate::open(&restored).unwrap().logs).await, rows, "as of the backup");
}

/// Each copy is of one moment, and the writers got on while it was made.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_may_write_at_full_speed_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions::new(&dir.path().join("data"));
    let stores = crate::open(&options).unwrap();
    add(&*stores.config, 1).await;
    log(&*stores.logs).await;
    let stop = AtomicBool::new(false);
    let runtime = tokio::runtime::Handle::current();
    let (config_writes, log_writes) = std::thread::scope(|scope| {
        let config = scope.spawn(|| {
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                runtime.block_on(add(&*stores.config, 1));
                count += 1;
            }
            count
        });
        let logs = scope.spawn(|| {
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                runtime.block_on(log(&*stores.logs));
                count += 1;
            }
            count
        });
        for number in 0..8 {
            let target = dir.path().join(number.to_string());
            let done = backup(&options, &target, true);
            if done.is_err() || number == 7 {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(done.unwrap().has_key);
        }
        (config.join().unwrap(), logs.join().unwrap())
    });
    assert!(config_writes > 8 && log_writes > 8, "{config_writes} and {log_writes} writes");

    let account = full_record(1).account;
    let mut before = (0, 0);
    for number in 0..8 {
        let restored = OpenOptions::new(&dir.path().join(format!("restored {number}")));
        restore(&dir.path().join(number.to_string()), &restored.data_dir).unwrap();
        let (generation, objects) = stored(&restored).await;
        assert_eq!(generation, objects.len() as u64, "of one moment");
        let rows = crate::open(&restored).unwrap().logs.sizes(&account).await.unwrap()[0].1;
        assert_eq!(rows % BATCH, 0, "of one moment");
        assert!(generation >= before.0 && rows >= before.1, "nothing gets lost");
        before = (generation, rows);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_goes_along_only_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions::new(&dir.path().join("data"));
    add(&*open_config(&options).unwrap().0, 2).await;
    let target = dir.path().join("with key");
    let summary = backup(&options, &target, true).unwrap();
    assert_eq!((summary.has_key, summary.has_logs), (true, false));
    assert_eq!(names(&target), [CONFIG, GENERATED_FILE]);
    assert_eq!(mode(&target.join(GENERATED_FILE)), 0o600);

    // It is the key of the copy, whatever becomes of the original.
    rotate_keys(&options, ReSeal::Everything, &Actor::system("test")).unwrap();
    let restored = OpenOptions::new(&dir.path().join("restored"));
    assert!(restore(&target, &restored.data_dir).unwrap().has_key);
    assert_eq!(stored(&restored).await.1.len(), 2);
    assert_eq!(mode(&restored.data_dir.join(GENERATED_FILE)), 0o600);

    // A key that cannot be found fails the backup, and nothing is left of it.
    let other = MasterKeySource::Value(weir_core::Secret::new("03".repeat(32)));
    let elsewhere = OpenOptions { master_key: other, ..options };
    let target = dir.path().join("without");
    let error = backup(&elsewhere, &target, true).unwrap_err().to_string();
    assert!(error.contains("put that key there"), "{error}");
    assert!(!target.exists());
    backup(&elsewhere, &target, false).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folders_in_use_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions::new(&dir.path().join("data"));
    let error = backup(&options, &dir.path().join("t"), false).unwrap_err().to_string();
    assert!(error.contains("holds no config.db"), "{error}");
    add(&*open_config(&options).unwrap().0, 1).await;

    let target = dir.path().join("target");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("note"), "mine").unwrap();
    let error = backup(&options, &target, false).unwrap_err().to_string();
    assert!(error.contains("target: is not empty"), "{error}");
    assert_eq!(names(&target), ["note"]);
    fs::remove_file(target.join("note")).unwrap();
    backup(&options, &target, false).unwrap();

    let before = stored(&options).await;
    let error = restore(&target, &options.data_dir).unwrap_err().to_string();
    assert!(error.contains("config.db: is there already"), "{error}");
    assert_eq!(stored(&options).await, before);
    let left_over = dir.path().join("left over");
    fs::create_dir(&left_over).unwrap();
    fs::write(left_over.join("config.db-wal"), "of another database").unwrap();
    let error = restore(&target, &left_over).unwrap_err().to_string();
    assert!(error.contains("config.db-wal: is there already"), "{error}");

    let error = restore(&left_over, &dir.path().join("x")).unwrap_err().to_string();
    assert!(error.contains("left over: is no backup"), "{error}");
    fs::write(target.join("config.db-wal"), "").unwrap();
    let error = restore(&target, &dir.path().join("x")).unwrap_err().to_string();
    assert!(error.contains("of a database in use"), "{error}");
    assert!(!dir.path().join("x").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_found_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions::new(&dir.path().join("data"));
    add(&*open_config(&options).unwrap().0, 60).await;
    let target = dir.path().join("target");
    backup(&options, &target, false).unwrap();
    let file = target.join(CONFIG);
    let sound = fs::read(&file).unwrap();
    assert!(sound.len() > 3 * 8192, "more than the first pages");

    let mut holed = sound.clone();
    holed[8192..].fill(0xa5);
    for broken in [sound[..sound.len() / 2].to_vec(), holed, b"no database".repeat(100)] {
        fs::write(&file, broken).unwrap();
        let error = restore(&target, &dir.path().join("x")).unwrap_err().to_string();
        assert!(error.contains("target/config.db: is damaged"), "{error}");
        assert!(!dir.path().join("x").exists());
    }

    // The same in the original: the backup fails, and leaves no half of itself.
    let data = dir.path().join("broken");
    fs::create_dir(&data).unwrap();
    fs::write(data.join(CONFIG), &sound).unwrap();
    fs::write(data.join(LOGS), b"no database".repeat(1000)).unwrap();
    let error = backup(&OpenOptions::new(&data), &dir.path().join("y"), false).unwrap_err();
    assert!(error.to_string().contains("broken/logs.db: is damaged"), "{error}");
    assert!(!dir.path().join("y").exists());
}

fn ledger(data_dir: &Path) -> crate::LedgerStore {
    let options = LedgerOptions {
        data_dir: data_dir.to_owned(),
        lease: std::time::Duration::from_millis(1),
        clock: Arc::new(weir_core::clock::SystemClock),
    };
    open_ledger(&options).unwrap()
}

fn grant(amount: i64) -> CreditEntry {
    CreditEntry {
        id: format!("grant {amount}").into(),
        account: "account".into(),
        at: Timestamp::now(),
        kind: CreditKind::Grant,
        amount: weir_core::Cost::from_pico(amount),
        fee: weir_core::Cost::ZERO,
        note: None,
        usage: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_goes_along() {
    let dir = tempfile::tempdir().unwrap();
    let options = OpenOptions::new(&dir.path().join("data"));
    add(&*open_config(&options).unwrap().0, 1).await;
    let running = ledger(&options.data_dir);
    let claim = Claim {
        key: CounterKey::of(&[b"a budget"]),
        span: Span::Forever,
        measure: Measure::Sum,
        limit: 100,
        amount: 60,
    };
    running.ledger().credit(grant(5)).await.unwrap();
    for _ in 0..2 {
        let now = Timestamp::now();
        let reservation = running.ledger().reserve([claim].into(), now).await.unwrap();
        let settlement = Settlement { spent: vec![20], credit: None };
        running.ledger().settle(reservation, settlement, now);
    }
    let open = running.ledger().reserve([claim].into(), Timestamp::now()).await.unwrap();
    // Writes what came before it.
    running
        .ledger()
        .reset(&Claim { key: CounterKey::of(&[]), ..claim }, Timestamp::now())
        .await
        .unwrap();

    let target = dir.path().join("target");
    let summary = backup(&options, &target, false).unwrap();
    assert!(summary.has_ledger && !summary.has_logs);
    assert_eq!(names(&target), [CONFIG, LEDGER]);
    assert_eq!(mode(&target.join(LEDGER)), 0o600);
    running.ledger().credit(grant(7)).await.unwrap();
    drop(open);
    running.ledger().close().await.unwrap();

    let restored = dir.path().join("restored");
    assert_eq!(restore(&target, &restored).unwrap(), summary);
    let again = ledger(&restored);
    assert_eq!(again.ledger().purse(&"account".into()).await.granted.pico(), 5, "as of the backup");
    let standing = again.ledger().standing(&claim, Timestamp::now()).await;
    assert_eq!(standing.spent, 40);
    let later = Timestamp::from_millis(Timestamp::now().as_millis() + 1_000);
    let standing = again.ledger().standing(&claim, later).await;
    assert_eq!((standing.spent, standing.reserved), (40, 0), "nobody is left to settle it");
    again.ledger().close().await.unwrap();

    let error = restore(&target, &restored).unwrap_err().to_string();
    assert!(error.contains("is there already"), "{error}");
    fs::write(target.join(LEDGER), b"no database".repeat(1000)).unwrap();
    let error = restore(&target, &dir.path().join("x")).unwrap_err().to_string();
    assert!(error.contains("target/ledger.db: is damaged"), "{error}");
}
