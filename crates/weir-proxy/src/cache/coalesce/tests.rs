use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, StreamBody};

use super::*;

mod stress;

fn flights(most: usize) -> (Flights, Fills) {
    let fills = Fills::new(most);
    (Flights::new(fills.clone()), fills)
}

fn key() -> FlightKey {
    FlightKey { key: CacheKey([1; 32]), default: None, accepts: None }
}

fn head(status: u16) -> SharedHead {
    SharedHead {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        from: None,
        end: SharedEnd::default(),
    }
}

/// Frames that are there at once.
fn frames(frames: impl IntoIterator<Item = &'static str>) -> Source {
    let frames: Vec<_> = frames.into_iter().collect();
    let frames = stream::iter(frames).map(|it| Ok(Frame::data(Bytes::from(it))));
    StreamBody::new(frames).boxed_unsync()
}

async fn lead(flights: &Flights) -> Lead {
    match flights.join(key()).await.unwrap() {
        Seat::Lead(lead) => lead,
        Seat::Joined(..) => panic!("another leads"),
    }
}

async fn follow(flights: &Flights) -> SharedBody {
    match flights.join(key()).await.unwrap() {
        Seat::Joined(_, body) => body,
        Seat::Lead(_) => panic!("nobody leads"),
    }
}

/// The next frame, if it is there.
fn next(body: &mut SharedBody) -> Option<Bytes> {
    body.frame().now_or_never().flatten().map(|frame| frame.unwrap().into_data().unwrap())
}

#[tokio::test]
async fn all_read_the_same_from_its_beginning() {
    let (flights, fills) = flights(1 << 20);
    let leading = lead(&flights).await;
    let mut waiting = Box::pin(follow(&flights));
    assert!((&mut waiting).now_or_never().is_none(), "there is no answer yet");
    let mut leader = leading.publish(head(200), frames(["a", "b"]));
    let early = waiting.await;
    assert_eq!(next(&mut leader).unwrap(), "a");
    let late = follow(&flights).await;
    for body in [leader, early] {
        assert!(body.collect().await.unwrap().to_bytes().ends_with(b"b"));
    }
    assert_eq!(late.collect().await.unwrap().to_bytes(), "ab");
    assert!(flights.lock().is_empty() && fills.is_empty());
}

#[tokio::test]
async fn the_seat_passes_on_in_the_order_of_coming() {
    let (flights, _) = flights(1 << 20);
    let first = lead(&flights).await;
    let mut second = Box::pin(flights.join(key()));
    let mut third = Box::pin(flights.join(key()));
    let mut fourth = Box::pin(flights.join(key()));
    for waiting in [&mut second, &mut third, &mut fourth] {
        assert!(waiting.now_or_never().is_none());
    }
    drop(second);
    drop(first);
    let Some(Some(Seat::Lead(third))) = third.now_or_never() else { panic!("its turn") };
    assert!((&mut fourth).now_or_never().is_none());
    let _body = third.publish(head(200), frames(["a"]));
    assert!(matches!(fourth.await, Some(Seat::Joined(..))));
}

#[tokio::test]
async fn an_error_is_for_those_who_have_waited() {
    let (flights, _) = flights(1 << 20);
    let leading = lead(&flights).await;
    let mut waiting = Box::pin(flights.join(key()));
    assert!((&mut waiting).now_or_never().is_none());
    let _leader = leading.publish(head(500), frames(["a"]));
    let _again = lead(&flights).await;
    let Some(Seat::Joined(head, body)) = waiting.await else { panic!("it waited for this") };
    assert_eq!(head.status, 500);
    assert_eq!(body.collect().await.unwrap().to_bytes(), "a");
}

#[tokio::test]
async fn an_empty_answer_is_over_at_once() {
    let (flights, _) = flights(1 << 20);
    let leading = lead(&flights).await;
    let body = http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
    let leader = leading.publish(head(204), body);
    assert!(leader.is_end_stream());
    assert!(leader.collect().await.unwrap().to_bytes().is_empty());
    assert!(flights.lock().is_empty());
}

#[tokio::test]
async fn an_answer_that_does_not_fit_waits_for_its_slowest_reader() {
    let (flights, fills) = flights(3);
    let leading = lead(&flights).await;
    let mut waiting = Box::pin(follow(&flights));
    assert!((&mut waiting).now_or_never().is_none());
    let mut fast = leading.publish(head(200), frames(["aa", "bb", "cc", "dd", "ee"]));
    let mut slow = waiting.await;
    assert_eq!(next(&mut fast).unwrap(), "aa");
    assert_eq!(next(&mut fast).unwrap(), "bb");
    assert_eq!(next(&mut fast), None, "no room");
    let _another = lead(&flights).await;
    assert_eq!(next(&mut slow).unwrap(), "aa");
    assert_eq!(next(&mut fast).unwrap(), "cc");
    assert_eq!(next(&mut fast), None, "no room again");
    drop(slow);
    assert_eq!(next(&mut fast).unwrap(), "dd");
    assert_eq!(fast.collect().await.unwrap().to_bytes(), "ee");
    assert!(fills.is_empty());
}

#[tokio::test]
async fn different_questions_have_answers_of_their_own() {
    let (flights, _) = flights(1 << 20);
    let _plain = lead(&flights).await;
    for key in [
        FlightKey { key: CacheKey([2; 32]), ..key() },
        FlightKey { default: Some(CacheKey([2; 32])), ..key() },
        FlightKey { accepts: Some(HeaderValue::from_static("gzip")), ..key() },
    ] {
        assert!(matches!(flights.join(key).await, Some(Seat::Lead(_))));
    }
    assert_eq!(flights.lock().len(), 1);
}

#[tokio::test]
async fn who_finds_too_much_under_way_goes_alone() {
    let (flights, _) = flights(1 << 20);
    let mut held = Vec::new();
    for number in 0..MOST {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        held.push(flights.board(FlightKey { key: CacheKey(bytes), ..key() }).unwrap());
    }
    assert!(flights.join(key()).await.is_none());
    held.pop();
    assert!(flights.join(key()).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_leaves_lets_the_others_go_on() {
    let (flights, _) = flights(3);
    let leading = lead(&flights).await;
    let mut waiting = Box::pin(follow(&flights));
    assert!((&mut waiting).now_or_never().is_none());
    let fast = leading.publish(head(200), frames(["aa", "bb", "cc", "dd"]));
    let slow = waiting.await;
    let fast = tokio::spawn(fast.collect());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!fast.is_finished(), "it waits for the slow one");
    drop(slow);
    let body = tokio::time::timeout(Duration::from_secs(1), fast).await.expect("it hangs");
    assert_eq!(body.unwrap().unwrap().to_bytes(), "aabbccdd");
}

/// What two threads do to each other: the source wakes its readers while one of them is still asking
/// it, and the other, woken, finds it busy.
#[tokio::test]
async fn who_finds_the_source_busy_is_woken_again() {
    #[derive(Default)]
    struct Woken(AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    let (flights, _) = flights(1 << 20);
    let leading = lead(&flights).await;
    let mut waiting = Box::pin(follow(&flights));
    assert!((&mut waiting).now_or_never().is_none());
    let other: Arc<Mutex<Option<SharedBody>>> = Arc::default();
    let woken = Arc::new(Woken::default());
    let (other_in_source, waker) = (Arc::clone(&other), Waker::from(Arc::clone(&woken)));
    let source = stream::poll_fn(move |cx| {
        cx.waker().wake_by_ref();
        if let Some(other) = other_in_source.lock().unwrap().as_mut() {
            let polled = Pin::new(other).poll_frame(&mut Context::from_waker(&waker));
            assert!(polled.is_pending());
        }
        Poll::<Option<Result<_, _>>>::Pending
    });
    let source = StreamBody::new(source.map(|frame: Result<Frame<Bytes>, _>| frame)).boxed_unsync();
    let mut asking = leading.publish(head(200), source);
    *other.lock().unwrap() = Some(waiting.await);
    assert_eq!(next(&mut asking), None);
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    let other = other.lock().unwrap().take();
    drop(other);
}
