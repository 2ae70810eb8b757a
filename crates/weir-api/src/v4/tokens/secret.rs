//! Values of tokens.

use rand::RngCore;
use weir_core::{Secret, TokenHash};

/// A value that was just made. It is shown once and kept nowhere.
pub(super) struct NewSecret(Secret<String>);

impl NewSecret {
    /// 256 random bits behind a prefix that scanners of leaked secrets can recognise.
    pub(super) fn random() -> Self {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(Secret::new(format!("weir_{digits}")))
    }

    /// The value, for the one answer that shows it.
    pub(super) fn text(&self) -> &str {
        self.0.expose()
    }

    pub(super) fn hash(&self) -> TokenHash {
        TokenHash::of(self.text().as_bytes())
    }

    pub(super) fn length(&self) -> u16 {
        u16::try_from(self.text().len()).unwrap_or(u16::MAX)
    }
}
