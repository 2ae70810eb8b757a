use super::*;

fn file() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    crate::sqlite::migrate::run(&mut connection, crate::sqlite::migrate::LOGS).unwrap();
    connection
}

fn payload(request: &[u8], response: &[u8]) -> Payload {
    Payload::Stored { request: request.to_vec(), response: response.to_vec() }
}

/// Packs the payloads as one batch; gives their places.
fn pack_all(connection: &Connection, payloads: &[Payload]) -> Vec<Option<Place>> {
    let mut packer = Packer::new().unwrap();
    packer.begin(connection).unwrap();
    let places = payloads
        .iter()
        .map(|payload| {
            let place = packer.place(connection, payload).unwrap();
            packer.add(payload);
            place
        })
        .collect();
    packer.finish(connection).unwrap();
    places
}

fn packs(connection: &Connection) -> Vec<(i64, u32, usize)> {
    connection
        .prepare("SELECT pack, rows, raw_size FROM body_packs")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, u32>(2)? as usize)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap()
}

#[test]
fn small_bodies_share_a_pack_and_a_large_one_has_its_own() {
    let connection = file();
    let large = vec![b'x'; TARGET];
    let payloads =
        [payload(b"ab", b"c"), payload(&large, b"y"), payload(b"d", b""), payload(b"", b"")];
    let places = pack_all(&connection, &payloads);
    assert_eq!(packs(&connection), [(1, 1, 3), (2, 1, TARGET + 1), (3, 1, 1)]);
    assert_eq!(places[0], Some(Place { pack: Some(1), offset: 0, request: 2, response: 1 }));
    assert_eq!(places[3].unwrap().pack, None, "nothing to keep");
    assert_eq!(read(&connection, 1, 2, 1).unwrap().as_deref(), Some(&b"c"[..]));
    assert_eq!(read(&connection, 2, TARGET, 1).unwrap().as_deref(), Some(&b"y"[..]));

    pack_all(&connection, &[payload(b"next batch", b"")]);
    assert_eq!(packs(&connection).last(), Some(&(4, 1, 10)));
}

#[test]
fn a_pack_that_is_gone_or_damaged_is_told_apart() {
    let connection = file();
    pack_all(&connection, &[payload(b"abc", b"")]);
    assert_eq!(read(&connection, 9, 0, 3).unwrap(), None);
    assert!(matches!(read(&connection, 1, 2, 2), Err(Fault::Content(_))), "beyond its end");
    connection.execute("UPDATE body_packs SET data = x'00'", []).unwrap();
    assert!(matches!(read(&connection, 1, 0, 3), Err(Fault::Content(_))));
}

#[test]
fn packs_are_much_smaller_than_prompts_that_repeat() {
    let connection = file();
    let system = "You are a careful assistant. ".repeat(30);
    let payloads: Vec<_> =
        (0..200).map(|n| payload(format!("{system}{n}").as_bytes(), b"{}")).collect();
    pack_all(&connection, &payloads);
    let (raw, packed): (i64, i64) = connection
        .query_row("SELECT sum(raw_size), sum(length(data)) FROM body_packs", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert!(packed * 50 < raw, "{packed} of {raw}");
}
