use super::*;

#[test]
fn no_answer_makes_a_token_last_for_ever() {
    assert_eq!(life(3600), Duration::from_secs(3300));
    assert_eq!(life(10), Duration::ZERO);
    let until = Instant::now().checked_add(life(u64::MAX));
    assert!(until.is_some());
}
