//! How the program and the model differ. A value and no panic, because a case that fails is played hundreds
//! of times while it shrinks.

use std::fmt::{self, Debug, Display};

/// A difference.
#[derive(Clone, Debug)]
pub struct Mismatch(String);

impl Mismatch {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// With more about it.
    #[must_use]
    pub fn about(self, more: impl Display) -> Self {
        Self(format!("{}\n  {more}", self.0))
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Both must be the same.
pub fn same<T: PartialEq<U> + Debug, U: Debug>(what: &str, real: &T, model: &U) -> Result<(), Mismatch> {
    if real == model {
        return Ok(());
    }
    Err(Mismatch::new(format!(
        "{what}\n  is        {real:?}\n  should be {model:?}"
    )))
}
