//! Rates of a row, and the one formula (spec: observability 5.2).

use weir_core::Usage;

use super::bill::Bill;

/// Rates that hold up to the first step, and from each step on.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    pub(super) rates: Rates,
    /// Ascending: above so many input tokens, these rates hold for the whole request.
    pub(super) steps: Vec<(u64, Rates)>,
}

impl Schedule {
    pub(super) fn at(&self, input: u64) -> &Rates {
        let step = self.steps.iter().rev().find(|(above, _)| input > *above);
        step.map_or(&self.rates, |(_, rates)| rates)
    }
}

/// Pico-dollars for a million tokens of each kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    pub(super) input: Option<u128>,
    pub(super) output: Option<u128>,
    pub(super) cache_read: Option<u128>,
    pub(super) cache_write: Option<u128>,
    pub(super) cache_write_1h: Option<u128>,
    pub(super) input_audio: Option<u128>,
    pub(super) input_image: Option<u128>,
    pub(super) output_audio: Option<u128>,
    pub(super) output_image: Option<u128>,
    pub(super) output_reasoning: Option<u128>,
}

impl Rates {
    /// Whether tokens have a price at all.
    pub(super) fn is_any(&self) -> bool {
        self.input.or(self.output).or(self.output_image).or(self.output_audio).is_some()
    }

    /// Puts the tokens of a usage on a bill. What these rates do not list as input or output is
    /// taken from the `standard` ones. `None` when there are tokens without a price.
    pub(super) fn charge(&self, standard: &Self, usage: &Usage, bill: &mut Bill) -> Option<()> {
        let input = self.input.or(standard.input);
        let output = self.output.or(standard.output);
        let output_image = self.output_image.or(standard.output_image);
        let output_audio = self.output_audio.or(standard.output_audio);
        let write = self.cache_write.or(input);

        // The parts lie inside the total; one that is counted twice (cached audio) is charged once.
        let mut rest = Rest { tokens: usage.input, bill };
        rest.charge("cache_read", usage.cache_read, self.cache_read.or(input))?;
        rest.charge("cache_write", usage.cache_write, write)?;
        rest.charge("cache_write_1h", usage.cache_write_1h, self.cache_write_1h.or(write))?;
        rest.charge("audio_in", usage.audio_in, self.input_audio.or(input))?;
        rest.charge("image_in", usage.image_in, self.input_image.or(input))?;
        rest.charge("input", u64::MAX, input)?;

        let mut rest = Rest { tokens: usage.output, bill };
        rest.charge("audio_out", usage.audio_out, output_audio.or(output))?;
        rest.charge("image_out", usage.image_out, output_image.or(output))?;
        rest.charge("reasoning", usage.reasoning, self.output_reasoning.or(output))?;
        // A model that only makes images or audio has no rate for plain output.
        rest.charge("output", u64::MAX, output.or(output_image).or(output_audio))
    }
}

/// Tokens that are not charged yet.
struct Rest<'a> {
    tokens: u64,
    bill: &'a mut Bill,
}

impl Rest<'_> {
    /// Charges up to `tokens` of them.
    fn charge(&mut self, unit: &'static str, tokens: u64, rate: Option<u128>) -> Option<()> {
        let tokens = tokens.min(self.tokens);
        self.tokens -= tokens;
        if tokens > 0 {
            self.bill.add(unit, tokens, u128::from(tokens).checked_mul(rate?)?);
        }
        Some(())
    }
}
