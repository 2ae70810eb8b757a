//! The story of a [`Vault`].

use std::sync::Arc;

use weir_core::vault::{Sealed, Vault};
use weir_core::{AccountId, Secret};

/// Holds a vault to its contract; see the [module](super) for `open`.
///
/// # Panics
///
/// When the vault differs from what it must do.
pub async fn vault(open: impl AsyncFn(&str) -> Arc<dyn Vault>) {
    what_is_sealed_opens(&*open("sealed").await).await;
    it_opens_for_its_own_account_and_purpose_alone(&*open("bound").await).await;
    what_was_altered_does_not_open(&*open("altered").await).await;
    handles_open_what_others_sealed(&open("shared").await, &open("shared").await).await;

    let account = AccountId::from("a");
    let sealed = seal(&*open("reopened").await, &account, "p", b"kept").await;
    let clear = open("reopened").await.open(&account, "p", &sealed).await.expect("open");
    assert_eq!(clear.expose(), b"kept", "after reopening");
    let elsewhere = open("another").await;
    seal(&*elsewhere, &account, "p", b"x").await;
    assert!(elsewhere.open(&account, "p", &sealed).await.is_err(), "another installation's");
}

async fn seal(vault: &dyn Vault, account: &AccountId, purpose: &str, clear: &[u8]) -> Sealed {
    vault.seal(account, purpose, &Secret::new(clear.to_vec())).await.expect("seal")
}

async fn what_is_sealed_opens(vault: &dyn Vault) {
    let large = vec![7; 1 << 20];
    for clear in [&b""[..], b"sk-1234567890", "\u{1f30a}".as_bytes(), &large] {
        for account in ["a", "", "b \u{1f30a}"].map(AccountId::from) {
            let sealed = seal(vault, &account, "secret/1", clear).await;
            assert!(clear.is_empty() || !holds(&sealed.0, clear), "it is not in clear");
            let opened = vault.open(&account, "secret/1", &sealed).await.expect("open");
            assert_eq!(opened.expose(), clear);
        }
    }
    let account = AccountId::from("a");
    let (one, two) =
        (seal(vault, &account, "p", b"x").await, seal(vault, &account, "p", b"x").await);
    assert!(one != two, "equal secrets do not look equal");
}

async fn it_opens_for_its_own_account_and_purpose_alone(vault: &dyn Vault) {
    let (mine, other) = (AccountId::from("mine"), AccountId::from("other"));
    let sealed = seal(vault, &mine, "secret/1", b"x").await;
    seal(vault, &other, "secret/1", b"y").await;
    for (account, purpose) in
        [(&other, "secret/1"), (&mine, "secret/2"), (&mine, ""), (&mine, "secret/1 ")]
    {
        assert!(vault.open(account, purpose, &sealed).await.is_err(), "{account} {purpose}");
    }
    vault.open(&mine, "secret/1", &sealed).await.expect("still opens for its own");
}

async fn what_was_altered_does_not_open(vault: &dyn Vault) {
    let account = AccountId::from("a");
    let Sealed(bytes) = seal(vault, &account, "p", b"secret").await;
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        assert!(vault.open(&account, "p", &Sealed(altered)).await.is_err(), "byte {place}");
        let cut = Sealed(bytes[..place].to_vec());
        assert!(vault.open(&account, "p", &cut).await.is_err(), "cut at {place}");
    }
    let longer = Sealed([&bytes[..], b"x"].concat());
    let error = vault.open(&account, "p", &longer).await.expect_err("longer");
    assert!(!error.to_string().contains("secret"), "{error}");
}

/// Also when all of them are the first to seal for an account.
async fn handles_open_what_others_sealed(here: &Arc<dyn Vault>, there: &Arc<dyn Vault>) {
    let tasks: Vec<_> = (0..16_u8)
        .map(|number| {
            let vault = Arc::clone(if number % 2 == 0 { here } else { there });
            tokio::spawn(async move { seal(&*vault, &"new".into(), "p", &[number]).await })
        })
        .collect();
    for (number, task) in (0_u8..).zip(tasks) {
        let sealed = task.await.expect("a task");
        for vault in [here, there] {
            let opened = vault.open(&"new".into(), "p", &sealed).await.expect("open");
            assert_eq!(opened.expose(), &[number]);
        }
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
