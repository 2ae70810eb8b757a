//! Ways to write a place that is inside.

/// Hosts that mean this machine, or one that is not public.
const HOSTS: [&str; 45] = [
    // Loopback, as it is and as resolvers read it.
    "127.0.0.1",
    "127.0.0.53",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    // Names of it.
    "localhost",
    "localhost.",
    "LOCALHOST",
    "ip6-localhost",
    // The sixth version, and the forms in which it carries the fourth.
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    // Digits that are digits to some.
    "\u{2460}\u{2461}\u{2466}.\u{24ea}.\u{24ea}.\u{2460}",
    "\u{ff11}\u{ff12}\u{ff17}.\u{ff10}.\u{ff10}.\u{ff11}",
    "127\u{3002}0\u{3002}0\u{3002}1",
    "localho\u{17f}t",
    // Metadata of clouds, and networks that are nobody else's.
    "169.254.169.254",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "metadata.google.internal",
    "100.100.100.200",
    "168.63.129.16",
];

/// Authorities of these hosts with the port of the canary, and ones that hide it behind a name.
pub(super) fn authorities(port: u16) -> Vec<String> {
    let plain = HOSTS.iter().map(|host| format!("{host}:{port}"));
    let hidden = [
        format!("api.openai.com@127.0.0.1:{port}"),
        format!("user:password@127.0.0.1:{port}"),
        format!("@127.0.0.1:{port}"),
        format!("127.0.0.1:{port}@api.openai.com"),
        format!("api.openai.com\\@127.0.0.1:{port}"),
        format!("api.openai.com%40127.0.0.1:{port}"),
        format!("127.0.0.1:{port}\\.openai.com"),
        format!("127.0.0.1%3A{port}"),
        format!("127.0.0.1:{port}%23.openai.com"),
        format!("127.0.0.1:+{port}"),
        format!("127.0.0.1: {port}"),
        format!("127.0.0.1\t:{port}"),
        format!("%6c%6f%63%61%6c%68%6f%73%74:{port}"),
        format!("%31%32%37.0.0.1:{port}"),
    ];
    plain.chain(hidden).collect()
}

/// URLs of them, plain and over TLS.
pub(super) fn urls(port: u16) -> Vec<String> {
    let both =
        |authority: String| [format!("https://{authority}/a"), format!("http://{authority}/a")];
    let more = [
        format!("//127.0.0.1:{port}/a"),
        format!("https:127.0.0.1:{port}/a"),
        format!("https:///127.0.0.1:{port}/a"),
        format!("https:\\\\127.0.0.1:{port}\\a"),
        format!("HTTPS://127.0.0.1:{port}/a"),
        format!(" https://127.0.0.1:{port}/a"),
        format!("https://127.0.0.1:{port}#.openai.com/"),
        format!("https://127.0.0.1:{port}?.openai.com/"),
        format!("gopher://127.0.0.1:{port}/_x"),
        format!("dict://127.0.0.1:{port}/x"),
        format!("ftp://127.0.0.1:{port}/a"),
        format!("ws://127.0.0.1:{port}/a"),
        "file:///etc/passwd".to_owned(),
    ];
    authorities(port).into_iter().flat_map(both).chain(more).collect()
}

/// What may be tried for a part of a provider's host name.
pub(super) fn host_parts(port: u16) -> Vec<String> {
    let own = [
        format!("127.0.0.1:{port}%23"),
        format!("127.0.0.1:{port}%2f"),
        format!("127.0.0.1:{port}%3f"),
        format!("x@127.0.0.1:{port}%2f"),
        format!("localhost:{port}"),
        "127.0.0.1".to_owned(),
        "localhost.".to_owned(),
        "a.b".to_owned(),
        "a%2eb".to_owned(),
        "A".to_owned(),
        "\u{ff11}".to_owned(),
        "..".to_owned(),
        "a".repeat(64),
        "a_b".to_owned(),
        "%00".to_owned(),
        "a%0d%0ahost:x".to_owned(),
    ];
    own.into_iter().collect()
}
