//! What has come of a shared answer, and who has read how much of it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;

use crate::cache::fill::{Fills, LARGEST};

/// Frames of an answer and the places of its readers in it. While it is open, it keeps all frames
/// for those who come later; once closed, only what somebody has yet to read.
pub(super) struct Buffer {
    frames: VecDeque<Bytes>,
    /// Frames in front of these that were let go.
    gone: usize,
    /// Bytes in `frames`.
    size: usize,
    fills: Fills,
    is_open: bool,
    end: Option<Result<(), Arc<str>>>,
    places: HashMap<u64, Place>,
    next_id: u64,
}

#[derive(Default)]
struct Place {
    /// Number of the frame to read next.
    next: usize,
    waker: Option<Waker>,
}

/// What there is for a reader.
pub(super) enum Look {
    /// The next frame. Others are to be woken if that made room.
    Frame(Bytes, Vec<Waker>),
    /// There is no more.
    End,
    /// It broke off, for this reason.
    Broken(Arc<str>),
    /// Nothing yet: the source is to be asked.
    More,
    /// Nothing yet, and no room until others have read.
    Full,
    /// No room, because all is kept for those who come later.
    TooMuch,
}

impl Buffer {
    pub(super) fn new(fills: Fills) -> Self {
        Self {
            frames: VecDeque::new(),
            gone: 0,
            size: 0,
            fills,
            is_open: true,
            end: None,
            places: HashMap::new(),
            next_id: 0,
        }
    }

    /// Adds a reader at the first frame; its id.
    pub(super) fn enter(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.places.insert(id, Place { next: self.gone, waker: None });
        id
    }

    /// Takes a reader out; whether it was the last.
    pub(super) fn leave(&mut self, id: u64) -> bool {
        self.places.remove(&id);
        self.trim();
        self.places.is_empty()
    }

    /// Gives reader `id` what is next for it, or keeps its waker until there is something.
    pub(super) fn look(&mut self, id: u64, waker: &Waker) -> Look {
        let Some(place) = self.places.get_mut(&id) else { return Look::End };
        if let Some(frame) = self.frames.get(place.next - self.gone) {
            let frame = frame.clone();
            place.next += 1;
            place.waker = None;
            let was_full = self.is_full();
            self.trim();
            let made_room = was_full && !self.is_full();
            return Look::Frame(frame, if made_room { self.wakers(None) } else { Vec::new() });
        }
        match &self.end {
            Some(Ok(())) => return Look::End,
            Some(Err(cause)) => return Look::Broken(Arc::clone(cause)),
            None => {}
        }
        if !place.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            place.waker = Some(waker.clone());
        }
        match (self.is_full(), self.is_open) {
            (false, _) => Look::More,
            (true, false) => Look::Full,
            (true, true) => Look::TooMuch,
        }
    }

    /// Adds a frame.
    pub(super) fn push(&mut self, frame: Bytes) {
        if frame.is_empty() {
            return;
        }
        self.size += frame.len();
        self.fills.add(frame.len());
        self.frames.push_back(frame);
    }

    /// Notes how it ended.
    pub(super) fn end(&mut self, end: Result<(), Arc<str>>) {
        self.end.get_or_insert(end);
    }

    /// Keeps nothing any more for those who come later.
    pub(super) fn close(&mut self) {
        self.is_open = false;
        self.trim();
    }

    /// The wakers of all readers that wait, but for `except`.
    pub(super) fn wakers(&mut self, except: Option<u64>) -> Vec<Waker> {
        let others = self.places.iter_mut().filter(|(id, _)| Some(**id) != except);
        others.filter_map(|(_, place)| place.waker.take()).collect()
    }

    /// Bytes that reader `id` has yet to get, when that is known.
    pub(super) fn left(&self, id: u64) -> Option<usize> {
        matches!(self.end, Some(Ok(()))).then_some(())?;
        let place = self.places.get(&id)?;
        Some(self.frames.iter().skip(place.next - self.gone).map(Bytes::len).sum())
    }

    #[cfg(test)]
    pub(super) fn readers(&self) -> usize {
        self.places.len()
    }

    fn is_full(&self) -> bool {
        self.size >= LARGEST || (self.size > 0 && self.fills.is_over())
    }

    fn trim(&mut self) {
        if self.is_open {
            return;
        }
        let read_by_all = self.places.values().map(|place| place.next).min();
        while read_by_all.is_none_or(|least| self.gone < least) {
            let Some(frame) = self.frames.pop_front() else { break };
            self.gone += 1;
            self.size -= frame.len();
            self.fills.give_back(frame.len());
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.fills.give_back(self.size);
    }
}

#[cfg(test)]
mod tests;
