//! Calls that come, leave and fail at any moment: nobody hangs, everybody gets a whole answer or a
//! clear failure, there is never a second call where one would do, and nothing is left behind.

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;

/// A client.
#[derive(Clone, Debug)]
struct Client {
    arrives: u64,
    /// It leaves so long after it came.
    leaves: Option<u64>,
    /// Its pause after each frame.
    pause: u64,
}

/// What the provider does at a call.
#[derive(Clone, Debug)]
struct Script {
    /// Time until the head, or until it is refused.
    head: u64,
    kind: Kind,
    frames: usize,
    gap: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Whole,
    Error,
    Broken,
    Refused,
}

/// How a client fared.
#[derive(Debug)]
enum Fate {
    Got(u16, String),
    Broken(String),
    Refused,
    Left,
}

struct World {
    flights: Flights,
    scripts: Vec<Script>,
    /// Calls made.
    calls: AtomicUsize,
    /// Calls that newcomers could still join.
    open: AtomicUsize,
    unit: Duration,
    on_threads: bool,
}

/// A call that newcomers can join.
struct Open(Arc<World>);

impl Open {
    fn new(world: &Arc<World>) -> Self {
        let others = world.open.fetch_add(1, Ordering::SeqCst);
        // With threads, a call that nobody reads any more may end a moment after the next begins.
        assert!(others == 0 || world.on_threads, "two calls where one would do");
        Self(Arc::clone(world))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl World {
    fn text(call: usize, frames: usize) -> String {
        (0..frames).map(|frame| format!("{call}.{frame};")).collect()
    }

    /// The frames of a call, as they come.
    fn source(&self, call: usize, script: &Script, open: Option<Open>) -> Source {
        let (script, unit) = (script.clone(), self.unit);
        let stream = stream::unfold((0, open), move |(frame, open)| {
            let script = script.clone();
            async move {
                tokio::time::sleep(unit * u32::try_from(script.gap).unwrap()).await;
                if frame < script.frames {
                    let data = Bytes::from(format!("{call}.{frame};"));
                    return Some((Ok(Frame::data(data)), (frame + 1, open)));
                }
                let breaks = script.kind == Kind::Broken && frame == script.frames;
                breaks.then(|| (Err("broken".into()), (frame + 1, open)))
            }
        });
        StreamBody::new(stream).boxed_unsync()
    }

    async fn fate(self: Arc<Self>, client: Client) -> Fate {
        let unit = |n: u64| self.unit * u32::try_from(n).unwrap();
        tokio::time::sleep(unit(client.arrives)).await;
        let Some(leaves) = client.leaves else { return self.ask(client.pause).await };
        tokio::time::timeout(unit(leaves), self.ask(client.pause)).await.unwrap_or(Fate::Left)
    }

    async fn ask(self: &Arc<Self>, pause: u64) -> Fate {
        let (status, mut body) = match self.flights.join(key()).await.unwrap() {
            Seat::Joined(head, body) => (head.status.as_u16(), body),
            Seat::Lead(lead) => {
                let open = Open::new(self);
                let call = self.calls.fetch_add(1, Ordering::SeqCst);
                let script = self.scripts[call % self.scripts.len()].clone();
                tokio::time::sleep(self.unit * u32::try_from(script.head).unwrap()).await;
                if script.kind == Kind::Refused {
                    // Given back in this order, so that the next in line finds it closed.
                    drop(open);
                    drop(lead);
                    return Fate::Refused;
                }
                let status = if script.kind == Kind::Error { 500 } else { 200 };
                // Nobody joins an error any more.
                let open = (script.kind != Kind::Error).then_some(open);
                (status, lead.publish(head(status), self.source(call, &script, open)))
            }
        };
        let mut text = String::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => {
                    text.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
                }
                Err(_) => return Fate::Broken(text),
            }
            tokio::time::sleep(self.unit * u32::try_from(pause).unwrap()).await;
        }
        Fate::Got(status, text)
    }

    /// Whether a client could fare like this.
    fn judge(&self, client: &Client, fate: &Fate) {
        let said = |text: &str| {
            let call: usize = text.split('.').next().unwrap().parse().unwrap();
            (call, &self.scripts[call % self.scripts.len()])
        };
        match fate {
            Fate::Left => assert!(client.leaves.is_some()),
            Fate::Refused => assert!(self.scripts.iter().any(|it| it.kind == Kind::Refused)),
            Fate::Broken(text) if text.is_empty() => {
                assert!(self.scripts.iter().any(|it| it.kind == Kind::Broken && it.frames == 0));
            }
            Fate::Got(_, text) if text.is_empty() => {
                assert!(self.scripts.iter().any(|it| it.frames == 0));
            }
            Fate::Broken(text) => {
                let (call, script) = said(text);
                assert_eq!(script.kind, Kind::Broken);
                assert_eq!(*text, Self::text(call, script.frames));
            }
            Fate::Got(status, text) => {
                let (call, script) = said(text);
                assert_eq!(script.kind == Kind::Error, *status == 500);
                assert!(matches!(script.kind, Kind::Whole | Kind::Error), "{script:?}");
                assert_eq!(*text, Self::text(call, script.frames));
            }
        }
    }
}

/// Lets them all come, and looks at what became of them.
async fn run(clients: &[Client], scripts: Vec<Script>, unit: Duration, on_threads: bool) {
    let (flights, fills) = flights(1 << 20);
    let (calls, open) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let world = Arc::new(World { flights, scripts, calls, open, unit, on_threads });
    let coming = clients.iter().map(|it| tokio::spawn(Arc::clone(&world).fate(it.clone())));
    let coming: Vec<_> = coming.collect();
    for (client, coming) in clients.iter().zip(coming) {
        let fate = tokio::time::timeout(Duration::from_secs(60), coming).await;
        world.judge(client, &fate.expect("somebody hangs").unwrap());
    }
    assert!(world.calls.load(Ordering::SeqCst) <= clients.len());
    assert_eq!(world.open.load(Ordering::SeqCst), 0, "a call goes on for nobody");
    assert!(world.flights.lock().is_empty());
    assert!(fills.is_empty());
}

fn client() -> impl Strategy<Value = Client> {
    (0..30_u64, prop::option::of(0..30_u64), 0..3_u64).prop_map(|(arrives, leaves, pause)| Client {
        arrives,
        leaves,
        pause,
    })
}

fn script() -> impl Strategy<Value = Script> {
    let kind = prop_oneof![
        4 => Just(Kind::Whole),
        1 => Just(Kind::Error),
        1 => Just(Kind::Broken),
        2 => Just(Kind::Refused),
    ];
    (0..12_u64, kind, 0..6_usize, 0..5_u64).prop_map(|(head, kind, frames, gap)| Script {
        head,
        kind,
        frames,
        gap,
    })
}

fn plan() -> impl Strategy<Value = (Vec<Client>, Vec<Script>)> {
    (prop::collection::vec(client(), 1..24), prop::collection::vec(script(), 1..6))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_everybody_is_served((clients, scripts) in plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(run(&clients, scripts, Duration::from_millis(1), false));
    }
}

/// The same in real time on several threads, where polls of the readers overlap.
#[test]
fn threads_do_not_lose_each_other() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..40 {
        let (mut clients, scripts) = plan().new_tree(&mut runner).unwrap().current();
        clients.extend(clients.clone());
        for unit in [Duration::ZERO, Duration::from_micros(300)] {
            runtime.block_on(run(&clients, scripts.clone(), unit, true));
        }
    }
}

/// Too much for the budget: readers wait for each other, and nobody for ever. That newcomers make
/// calls of their own then is meant.
#[test]
fn a_small_budget_only_slows_down() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build();
    let runtime = runtime.unwrap();
    runtime.block_on(async {
        let (flights, fills) = flights(8);
        let leading = lead(&flights).await;
        let joining: Vec<_> = (0..8)
            .map(|_| {
                let flights = flights.clone();
                tokio::spawn(async move { follow(&flights).await.collect().await })
            })
            .collect();
        tokio::task::yield_now().await;
        while flights.lock().values().next().unwrap().buffer().readers() < 9 {
            tokio::task::yield_now().await;
        }
        let leader = leading.publish(head(200), frames((0..500).map(|_| "frame")));
        assert_eq!(leader.collect().await.unwrap().to_bytes().len(), 2500);
        for joining in joining {
            let body = tokio::time::timeout(Duration::from_secs(60), joining).await;
            assert_eq!(body.expect("somebody hangs").unwrap().unwrap().to_bytes().len(), 2500);
        }
        assert!(flights.lock().is_empty() && fills.is_empty());
    });
}
