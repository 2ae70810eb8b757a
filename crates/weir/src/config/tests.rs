use super::*;

fn from(text: &str) -> Loaded {
    parse(text.parse().unwrap())
}

fn problems(text: &str) -> Vec<String> {
    from(text).problems.iter().map(ToString::to_string).collect()
}

fn with_variables(variables: &[(&str, &str)]) -> Loaded {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(None, &Environment::new(owned))
}

#[test]
fn nothing_at_all_is_a_valid_configuration() {
    let loaded = with_variables(&[("PATH", "/bin"), ("WEIR_CONFIG", "x.toml")]);
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.config.listen, "127.0.0.1:8787");
    assert_eq!(loaded.config.bootstrap.account_id, "local");
}

#[test]
fn an_unknown_key_names_the_nearest_one() {
    assert_eq!(problems("lisen = 'x'"), ["lisen: unknown key; did you mean `listen`?"]);
    let nested = problems("[limits]\nrequest_body_byte = 1");
    assert_eq!(
        nested,
        ["limits.request_body_byte: unknown key; did you mean `request_body_bytes`?"]
    );
    let gateway = problems("[bootstrap]\ngateways = [{ id = 'g', cach_ttl = 1 }]");
    assert!(gateway[0].contains("bootstrap.gateways[0].cach_ttl"), "{gateway:?}");
    assert!(gateway[0].contains("`cache_ttl`"), "{gateway:?}");
    let provider = problems("[providers.opnai]\norigin = 'https://x'");
    assert_eq!(provider, ["providers.opnai: unknown provider; did you mean `openai`?"]);
}

#[test]
fn every_problem_is_listed_at_once() {
    let found = problems(
        "listen = 'nowhere'\n\
         [egress]\nallow = ['a b']\n\
         [log]\nbatch_rows = 0\n\
         [bootstrap]\ngateways = ['UPPER']\n\
         tokens = [{ name = 'a', secret = 's', permissions = ['root'] }]\n\
         [telemetry]\nformat = 'xml'\n\
         [providers.openai]\norigin = 'ftp://x'",
    );
    for place in [
        "listen:",
        "egress.allow:",
        "log.batch_rows:",
        "bootstrap.gateways[0]:",
        "bootstrap.tokens[0].permissions:",
        "telemetry.format:",
        "providers.openai.origin:",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(place)), "{place} {found:?}");
    }
}

#[test]
fn a_wrong_type_in_one_section_does_not_hide_the_others() {
    let found = problems("[log]\nqueue_rows = 'many'\n[shutdown]\ndrain_ms = 'long'");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn variables_win_over_the_file_and_unknown_ones_are_errors() {
    let loaded = with_variables(&[
        ("WEIR_LISTEN", "0.0.0.0:1"),
        ("WEIR_EGRESS__ALLOW", "127.0.0.1, 10.0.0.0/8"),
        ("WEIR_LOG__BATCH_ROWS", "7"),
        ("WEIR_PROVIDERS__GOOGLE_AI_STUDIO__ORIGIN", "https://g.example"),
        ("WEIR_TELEMETRY__LEVEL", "weir=debug"),
    ]);
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.config.listen, "0.0.0.0:1");
    assert_eq!(loaded.config.egress.allow, ["127.0.0.1", "10.0.0.0/8"]);
    assert_eq!(loaded.config.log.batch_rows, 7);
    let google = &loaded.config.providers["google-ai-studio"];
    assert_eq!(google.origin.as_deref(), Some("https://g.example"));
    let unknown = with_variables(&[("WEIR_DATADIR", "x")]).problems;
    assert_eq!(
        unknown[0].to_string(),
        "WEIR_DATADIR: unknown variable; did you mean `WEIR_DATA_DIR`?"
    );
}

#[test]
fn a_master_key_is_text_whatever_it_looks_like() {
    let digits = "1".repeat(64);
    let loaded = with_variables(&[("WEIR_SECRETS__MASTER_KEY", &digits)]);
    assert_eq!(loaded.problems, []);
    let key = loaded.config.secrets.master_key.as_ref().unwrap();
    assert_eq!(key.0.expose(), &digits);
    assert!(!loaded.config.to_masked_toml().contains("1111"));
    let two = problems("[secrets]\nmaster_key = 'k'\nmaster_key_file = 'f'");
    assert!(two[0].starts_with("secrets.master_key:"), "{two:?}");
}

#[test]
fn a_public_url_must_be_one() {
    for bad in ["weir.example", "ftp://weir.example", "https://weir.example?x=1"] {
        let found = problems(&format!("[api]\npublic_url = '{bad}'"));
        assert!(found[0].starts_with("api.public_url:"), "{bad} {found:?}");
    }
    let good = from("[api]\npublic_url = 'https://weir.example/ai/'");
    assert_eq!(good.problems, []);
    let options = good.config.api.options(false, good.config.billing);
    assert_eq!(options.public_url.as_deref(), Some("https://weir.example/ai"));
    assert!(!options.allow_http_providers);
}

#[test]
fn secrets_are_masked_when_shown() {
    let loaded = from(
        "[bootstrap]\n\
         tokens = [{ name = 'ops', secret = 'tok-hidden', permissions = ['*'] }]\n\
         custom_providers = [{ slug = 'x', base_url = 'https://x', headers = { k = 'key-hidden' } }]",
    );
    let shown = loaded.config.to_masked_toml();
    assert!(!shown.contains("hidden") && shown.contains("***"), "{shown}");
    assert!(!format!("{:?}", loaded.config).contains("-hidden"));
}

#[test]
fn a_gateway_may_be_a_name_or_a_table_of_settings() {
    let loaded = from(
        "[bootstrap]\ngateways = ['default', { id = 'gw1', account_id = 'a2', authentication = false }]",
    );
    assert_eq!(loaded.problems, []);
    let (account, id, settings) = loaded.config.bootstrap.gateways[1].parts().unwrap();
    assert_eq!((account.as_deref(), id.as_str()), (Some("a2"), "gw1"));
    assert!(!settings.authentication && settings.collect_logs);
}

#[test]
fn the_lease_of_reservations_is_neither_nothing_nor_for_ever() {
    let told = problems("[ledger]\nlease_ms = 100");
    assert_eq!(told, ["ledger.lease_ms: must be from 1000 (a second) to 86400000 (a day)"]);
    assert_eq!(problems("[ledger]\nlease_ms = 5000"), [""; 0]);
    assert!(problems("[ledger]\nlease = 5000")[0].contains("lease_ms"), "a near name is told");
}

#[test]
fn a_cache_on_disk_needs_one_in_memory_and_some_room() {
    let loaded =
        with_variables(&[("WEIR_CACHE__MEMORY_BYTES", "1"), ("WEIR_CACHE__DISK_BYTES", "0")]);
    assert_eq!(loaded.problems, []);
    let options = loaded.config.cache();
    assert_eq!((options.memory_bytes, options.disk_bytes), (1, 0));
    let small = problems("[cache]\ndisk_bytes = 1000");
    assert_eq!(small, ["cache.disk_bytes: must be 0 or at least 1048576"]);
    let alone = problems("[cache]\nmemory_bytes = 0\ndisk_bytes = 1048576");
    assert!(alone[0].starts_with("cache.memory_bytes:"), "{alone:?}");
}

/// The example file names every setting there is, and is itself valid.
#[test]
fn the_example_file_is_complete_and_true() {
    let text = include_str!("../../../../weir.example.toml");
    let loaded = parse(text.parse().unwrap());
    assert_eq!(loaded.problems, []);
    let every_key: Vec<String> = keys::SECTIONS
        .iter()
        .flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}")))
        .chain(["listen".to_owned(), "data_dir".to_owned(), "providers".to_owned()])
        .collect();
    for key in every_key {
        let name = key.rsplit('.').next().unwrap();
        let mentioned = text.lines().any(|line| {
            let line = line.trim_start_matches(['#', '=', ' ']);
            line.starts_with(&format!("{name} ="))
                || line.starts_with(&format!("[{name}"))
                || line.starts_with(&format!("[{key}"))
        });
        assert!(mentioned, "weir.example.toml does not show {key}");
    }
    // Uncommented as well as commented lines must hold.
    let all: String = text
        .lines()
        .map(|line| line.strip_prefix("#= ").unwrap_or(line))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(parse(all.parse().unwrap()).problems, []);
}

#[test]
fn a_gateways_limits_are_checked_as_the_api_checks_them() {
    let of = |limit: &str| {
        problems(&format!("[bootstrap]\ngateways = [{{ id = 'g', rate_limits = [{limit}] }}]"))
    };
    let good = "{ id = 'a', by = 'token', unit = 'requests', limit = 5, interval = 60 }";
    assert_eq!(of(good), Vec::<String>::new());
    assert_eq!(
        of(&good.replace(", interval = 60", "")),
        ["bootstrap.gateways[0].rate_limits.0.interval: interval is required: the seconds of a \
          window, above 0"]
    );
    assert!(of(&good.replace("'token'", "'tokn'"))[0].contains("metadata.{key}"));
}

#[test]
fn what_is_taken_for_the_operators_keys_is_a_percentage() {
    let good = from("[billing]\nfee_percent = 5\nmarkup_percent = 12.5");
    assert_eq!(good.problems, []);
    let options = good.config.api_options(false);
    assert!((options.fee_percent - 5.0).abs() < 1e-9);
    assert!((options.markup_percent - 12.5).abs() < 1e-9);
    for bad in ["fee_percent = -1", "fee_percent = 101", "markup_percent = nan", "fee = 5"] {
        assert_eq!(from(&format!("[billing]\n{bad}")).problems.len(), 1, "{bad}");
    }
}

#[test]
fn tokens_of_the_settings_may_be_limited() {
    let token = |more: &str| {
        format!("[[bootstrap.tokens]]\nname = 'a'\nsecret = 's'\npermissions = ['run']\n{more}")
    };
    let good = from(&token(
        "gateways = ['default']\nmodels = ['openai/*']\nip_allow = ['10.0.0.0/8']\n\
         budgets = [{ unit = 'dollars', limit = 25, period = 'monthly', soft = 0.8 }]",
    ));
    assert_eq!(good.problems, []);
    let made = crate::bootstrap::bootstrap_token(&good.config.bootstrap.tokens[0], "local".into());
    assert_eq!(made.models.unwrap(), ["openai/*"]);
    assert_eq!((made.ip_allow.len(), made.budgets.len()), (1, 1));
    for (more, place) in [
        ("ip_allow = ['here']", "bootstrap.tokens[0].ip_allow.0"),
        (
            "budgets = [{ unit = 'dollars', limit = 0, period = 'daily' }]",
            "bootstrap.tokens[0].budgets.0.limit",
        ),
        ("models = []", "bootstrap.tokens[0].models"),
        ("modles = []", "bootstrap.tokens[0].modles"),
        (
            "budgets = [{ unit = 'dollars', limit = 1, perod = 'daily', period = 'daily' }]",
            "bootstrap.tokens[0].budgets[0].perod",
        ),
    ] {
        let problems = from(&token(more)).problems;
        assert_eq!(problems[0].place, place, "{more} {problems:?}");
    }
}
