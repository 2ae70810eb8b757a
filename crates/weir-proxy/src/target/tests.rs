use super::climbs;

#[test]
fn a_path_stays_below_its_base() {
    for path in ["v1/./x/../y", "a..b/..c", "x?a=/../..", "run/@cf/m", "a%2Fb/c", "%25..", ""] {
        assert!(!climbs(path), "{path}");
    }
    let out =
        ["..", "../x", "run/../../x", "a//../../x", "x/%2e%2E/.%2e", "a%2f..%2F..", "a\\..\\.."];
    for path in out {
        assert!(climbs(path), "{path}");
    }
}
