//! What a handler may do, as a part of its type.

use super::Action;

/// The actions that a handler performs: a type of [`super::may`], a few of them as a tuple, or for many
/// a type of the handler's own. A use case asks the policy
/// about actions of this list only, so that a handler which does not name its permission has none.
pub trait Permission: 'static {
    /// The actions.
    const ACTIONS: &'static [Action];
}

/// Everybody who is identified, whatever the policy: what Cinder has no rule for.
#[derive(Clone, Copy, Debug)]
pub struct Everybody;

impl Permission for Everybody {
    const ACTIONS: &'static [Action] = &[];
}

/// One action as a type; the tuples are made of these.
pub trait Single {
    /// The action.
    const ACTION: Action;
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {
        $(impl<$($name: Single + 'static),+> Permission for ($($name,)+) {
            const ACTIONS: &'static [Action] = &[$($name::ACTION),+];
        })+
    };
}
tuples! {
    (A B)
    (A B C)
    (A B C D)
}
