//! What is done to each target.

use super::request::Kind;

/// How clients behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Load {
    Closed { connections: usize },
    Open { rate: u32 },
    Streams { count: usize },
}

/// The scenarios, in the order of each round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// As many requests as the target can answer.
    Saturation,
    Rate1000,
    Rate5000,
    Streams200,
}

impl Scenario {
    pub(crate) const ALL: [Self; 4] =
        [Self::Saturation, Self::Rate1000, Self::Rate5000, Self::Streams200];

    pub(crate) const fn load(self) -> Load {
        match self {
            Self::Saturation => Load::Closed { connections: 64 },
            Self::Rate1000 => Load::Open { rate: 1000 },
            Self::Rate5000 => Load::Open { rate: 5000 },
            Self::Streams200 => Load::Streams { count: 200 },
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Streams200 => Kind::Stream,
            _ => Kind::Plain,
        }
    }
}
