//! The place after a marker, as ranges of an index.
//!
//! NULL is larger than every value, and no comparison finds it. So what follows a marker in the order of a column that
//! may be NULL is up to two ranges: among the values, and among the rows without one.

use sea_query::{Alias, Cond, Expr, ExprTrait, Value};

use super::columns::Column;
use crate::domain::Direction;

/// The rows strictly after `position` in the order `sort`: ranges that do not overlap, each after the one before.
pub(super) fn after<K: Column>(sort: &[(K, Direction)], position: &[Option<Value>]) -> Vec<Cond> {
    let values: Vec<_> = sort.iter().copied().zip(position).collect();
    let one_way = sort
        .windows(2)
        .all(|pair| matches!(pair, [(_, first), (_, second)] if first == second));
    match values.split_first() {
        Some((((key, direction), value), rest)) if one_way && rest.iter().all(|((key, _), _)| !key.nullable()) => {
            let without = column(*key).is_null();
            let with = column(*key).is_not_null();
            match (value, direction) {
                (Some(_), Direction::Asc) if key.nullable() => vec![beyond(&values), Cond::all().add(without)],
                (Some(_), _) => vec![beyond(&values)],
                (None, Direction::Asc) => vec![beyond(rest).add(without)],
                (None, Direction::Desc) => vec![beyond(rest).add(without), Cond::all().add(with)],
            }
        }
        _mixed => vec![one_by_one(&values)],
    }
}

fn column<K: Column>(key: K) -> Expr {
    Expr::col(Alias::new(key.name()))
}

/// A comparison of row values is one range of an index that has these columns in this order.
fn beyond<K: Column>(place: &[((K, Direction), &Option<Value>)]) -> Cond {
    let Some(((_, direction), _)) = place.first() else {
        return Cond::any();
    };
    let columns = Expr::tuple(place.iter().map(|((key, _), _)| column(*key)));
    let values = Expr::tuple(place.iter().filter_map(|(_, value)| (*value).clone()).map(Expr::val));
    Cond::all().add(match direction {
        Direction::Asc => columns.gt(values),
        Direction::Desc => columns.lt(values),
    })
}

/// (a after x) or (a = x and b after y) or …: for orders that no index has.
fn one_by_one<K: Column>(place: &[((K, Direction), &Option<Value>)]) -> Cond {
    let mut any = Cond::any();
    let mut equal_so_far = Cond::all();
    for ((key, direction), value) in place {
        let beyond = match (direction, value) {
            (Direction::Asc, Some(value)) if key.nullable() => Some(
                Cond::any()
                    .add(column(*key).gt(value.clone()))
                    .add(column(*key).is_null()),
            ),
            (Direction::Asc, Some(value)) => Some(Cond::all().add(column(*key).gt(value.clone()))),
            (Direction::Asc, None) => None,
            (Direction::Desc, Some(value)) => Some(Cond::all().add(column(*key).lt(value.clone()))),
            (Direction::Desc, None) => Some(Cond::all().add(column(*key).is_not_null())),
        };
        if let Some(beyond) = beyond {
            any = any.add(equal_so_far.clone().add(beyond));
        }
        equal_so_far = equal_so_far.add(match value {
            Some(value) => column(*key).eq(value.clone()),
            None => column(*key).is_null(),
        });
    }
    any
}
