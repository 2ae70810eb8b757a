use futures_util::task::noop_waker;

use super::*;

fn buffer(most: usize) -> (Buffer, Fills) {
    let fills = Fills::new(most);
    (Buffer::new(fills.clone()), fills)
}

/// What there is for a reader, in a word.
fn read(buffer: &mut Buffer, id: u64) -> String {
    match buffer.look(id, &noop_waker()) {
        Look::Frame(frame, woken) => {
            format!("{}{}", String::from_utf8_lossy(&frame), "!".repeat(woken.len()))
        }
        Look::End => "end".to_owned(),
        Look::Broken(cause) => format!("broken: {cause}"),
        Look::More => "more".to_owned(),
        Look::Full => "full".to_owned(),
        Look::TooMuch => "too much".to_owned(),
    }
}

#[test]
fn who_comes_late_reads_from_the_beginning() {
    let (mut buffer, fills) = buffer(1 << 20);
    let first = buffer.enter();
    assert_eq!(read(&mut buffer, first), "more");
    buffer.push(Bytes::from_static(b"a"));
    buffer.push(Bytes::new());
    buffer.push(Bytes::from_static(b"b"));
    assert_eq!((read(&mut buffer, first), read(&mut buffer, first)), ("a".into(), "b".into()));
    let late = buffer.enter();
    assert_eq!(buffer.left(late), None, "more may come");
    buffer.end(Ok(()));
    buffer.end(Err("too late".into()));
    assert_eq!((buffer.left(first), buffer.left(late)), (Some(0), Some(2)));
    assert_eq!((read(&mut buffer, late), read(&mut buffer, late)), ("a".into(), "b".into()));
    assert_eq!((read(&mut buffer, late), read(&mut buffer, first)), ("end".into(), "end".into()));
    assert!(!buffer.leave(first) && buffer.leave(late));
    drop(buffer);
    assert!(fills.is_empty());
}

#[test]
fn a_closed_one_keeps_what_somebody_has_yet_to_read() {
    let (mut buffer, fills) = buffer(1);
    let (fast, slow) = (buffer.enter(), buffer.enter());
    buffer.push(Bytes::from_static(b"ab"));
    assert_eq!(read(&mut buffer, fast), "ab");
    assert_eq!(read(&mut buffer, fast), "too much");
    buffer.close();
    assert_eq!(read(&mut buffer, fast), "full");
    assert_eq!(read(&mut buffer, slow), "ab!", "the fast one is woken");
    assert!(fills.is_empty());
    assert_eq!(read(&mut buffer, fast), "more");
    buffer.push(Bytes::from_static(b"cd"));
    assert_eq!(read(&mut buffer, fast), "cd");
    buffer.leave(slow);
    assert!(fills.is_empty(), "nobody else waits for it");
    buffer.end(Err("cut".into()));
    assert_eq!(read(&mut buffer, fast), "broken: cut");
}

#[test]
fn a_waiting_reader_is_woken_once() {
    let (mut buffer, _) = buffer(1 << 20);
    let (one, two) = (buffer.enter(), buffer.enter());
    read(&mut buffer, one);
    read(&mut buffer, two);
    assert_eq!(buffer.wakers(Some(one)).len(), 1);
    assert_eq!(buffer.wakers(None).len(), 1);
    assert_eq!(buffer.wakers(None).len(), 0);
}
