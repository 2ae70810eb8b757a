//! Gemini's counts by modality: `[{"modality":"AUDIO","tokenCount":25}, ...]`.

use crate::scan::{Node, Scanner, Sink};

use super::counts::{self, Count, Counts};
use super::field::Side;

#[derive(Clone, Copy, Debug)]
enum Field {
    Modality,
    Tokens,
}

static ENTRY: Node<Field> = Node::branch(&[
    ("modality", Node::scalar(Field::Modality)),
    ("tokenCount", Node::scalar(Field::Tokens)),
]);

#[derive(Default)]
struct Sums {
    modality: Modality,
    tokens: u64,
    audio: u64,
    image: u64,
}

#[derive(Clone, Copy, Default)]
enum Modality {
    Audio,
    Image,
    #[default]
    Other,
}

impl Sink<Field> for Sums {
    fn value(&mut self, field: Field, raw: &[u8]) {
        match field {
            Field::Modality => {
                self.modality = match raw {
                    b"\"AUDIO\"" => Modality::Audio,
                    b"\"IMAGE\"" => Modality::Image,
                    _ => Modality::Other,
                }
            }
            Field::Tokens => self.tokens = counts::parse(raw).unwrap_or_default(),
        }
    }

    fn object_end(&mut self) {
        let tokens = std::mem::take(&mut self.tokens);
        match std::mem::take(&mut self.modality) {
            Modality::Audio => self.audio = self.audio.saturating_add(tokens),
            Modality::Image => self.image = self.image.saturating_add(tokens),
            Modality::Other => {}
        }
    }
}

/// Adds a list's audio and image tokens to the counts.
pub(super) fn add(side: Side, list: &[u8], counts: &mut Counts) {
    let mut sums = Sums::default();
    Scanner::new(&ENTRY).push(list, &mut sums);
    let (audio, image) = match side {
        Side::Prompt | Side::Tool => (Count::AudioIn, Count::ImageIn),
        Side::Answer => (Count::AudioOut, Count::ImageOut),
    };
    counts.add(audio, sums.audio);
    counts.add(image, sums.image);
}
