//! Which lists an index serves: a page of those costs the same however many rows there are. docs/lists.md says what the
//! others cost.

use super::{columns::Column, engine::Weight};
use crate::domain::{Direction, Filter, ListQuery};

/// Passing over so many rows is no more than the largest page is.
const FEW: u32 = 1000;

/// How much work a page is. It is little if an index begins with exactly the columns whose value is given and goes on
/// with those of the order.
pub(super) fn weight<K: Column>(query: &ListQuery<K>) -> Weight {
    let Some(given) = query.filters.iter().map(given).collect::<Option<Vec<_>>>() else {
        return Weight::Heavy;
    };
    let in_project = query.scope.project().is_some();
    let served = K::INDEXES
        .iter()
        .any(|columns| serves(columns, in_project, &given, &query.sort));
    if query.offset <= FEW && served {
        Weight::Light
    } else {
        Weight::Heavy
    }
}

/// Whether the filters name a parent (a volume, a group) whose rows an index tells from all others.
pub(super) fn of_parent<K: Column>(query: &ListQuery<K>) -> bool {
    let parents = K::INDEXES.iter().filter_map(|columns| columns.first());
    let mut parents = parents.filter(|column| !["project_id", "created_at"].contains(column));
    parents.any(|parent| gives(query, parent))
}

/// Whether a filter gives a value to this column.
pub(super) fn gives<K: Column>(query: &ListQuery<K>, column: &str) -> bool {
    query.filters.iter().any(|filter| given(filter) == Some(column))
}

/// The column to which a filter gives a value. Other filters may drop row after row until a page is full.
fn given<K: Column>(filter: &Filter<K>) -> Option<&'static str> {
    match filter {
        Filter::Equals(key, _) => Some(key.name()),
        Filter::Like(..)
        | Filter::Time(..)
        | Filter::Metadata(_)
        | Filter::VolumeHost(_)
        | Filter::VolumeZone(_)
        | Filter::Nothing => None,
    }
}

/// Whether the index with these columns serves a list.
fn serves<K: Column>(columns: &[&str], in_project: bool, given: &[&str], sort: &[(K, Direction)]) -> bool {
    let order: Vec<_> = sort.iter().map(|(key, _)| key.name()).collect();
    let one_way = sort
        .iter()
        .all(|(_, direction)| Some(*direction) == sort.first().map(|(_, first)| *first));
    let Some(front) = columns.strip_suffix(order.as_slice()).filter(|_| one_way) else {
        return false;
    };
    match front.split_first() {
        Some((&"project_id", rest)) => in_project && same(rest, given),
        // What has the same parent is of the same project, but for the little that an admin may have put there.
        Some(_parent) => same(front, given),
        // In everybody's rows nobody looks for any other order.
        None => !in_project && given.is_empty() && order.first() == Some(&"created_at"),
    }
}

fn same(front: &[&str], given: &[&str]) -> bool {
    front.len() == given.len() && front.iter().all(|column| given.contains(column))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ProjectId, Scope, SnapshotKey as Key};

    fn newest_first(filters: Vec<Filter<Key>>) -> ListQuery<Key> {
        ListQuery {
            scope: Scope::Project(ProjectId::new("p")),
            filters,
            sort: vec![(Key::CreatedAt, Direction::Desc), (Key::Id, Direction::Desc)],
            marker: None,
            marker_scope: Scope::All,
            limit: 1000,
            offset: 0,
            with_count: false,
        }
    }

    fn equals(key: Key) -> Filter<Key> {
        Filter::Equals(key, "x".to_owned())
    }

    fn sorted(sort: &[(Key, Direction)]) -> ListQuery<Key> {
        ListQuery {
            sort: sort.to_vec(),
            ..newest_first(Vec::new())
        }
    }

    fn of_all(query: ListQuery<Key>) -> ListQuery<Key> {
        ListQuery {
            scope: Scope::All,
            ..query
        }
    }

    #[test]
    fn what_an_index_serves_is_light() {
        use Direction::{Asc, Desc};
        for query in [
            newest_first(vec![]),
            of_all(newest_first(vec![])),
            newest_first(vec![equals(Key::Status)]),
            newest_first(vec![equals(Key::DisplayName)]),
            newest_first(vec![equals(Key::VolumeId)]),
            of_all(newest_first(vec![equals(Key::VolumeId)])),
            newest_first(vec![equals(Key::GroupSnapshotId)]),
            sorted(&[(Key::DisplayName, Asc), (Key::CreatedAt, Asc), (Key::Id, Asc)]),
            sorted(&[(Key::Status, Desc), (Key::CreatedAt, Desc), (Key::Id, Desc)]),
            ListQuery {
                offset: FEW,
                ..newest_first(vec![])
            },
        ] {
            assert_eq!(weight(&query), Weight::Light, "{query:?}");
        }
    }

    #[test]
    fn what_no_index_serves_is_heavy() {
        use Direction::{Asc, Desc};
        for query in [
            // No index has these orders.
            sorted(&[(Key::VolumeSize, Asc), (Key::CreatedAt, Asc), (Key::Id, Asc)]),
            sorted(&[(Key::Id, Asc), (Key::CreatedAt, Asc)]),
            sorted(&[(Key::Status, Asc), (Key::CreatedAt, Desc), (Key::Id, Asc)]),
            sorted(&[(Key::Id, Desc)]),
            of_all(sorted(&[
                (Key::DisplayName, Asc),
                (Key::CreatedAt, Asc),
                (Key::Id, Asc),
            ])),
            // Nor these filters: the rows in between are looked at.
            newest_first(vec![equals(Key::UserId)]),
            newest_first(vec![equals(Key::Id)]),
            newest_first(vec![equals(Key::Status), equals(Key::DisplayName)]),
            newest_first(vec![equals(Key::VolumeId), equals(Key::Status)]),
            of_all(newest_first(vec![equals(Key::Status)])),
            newest_first(vec![Filter::Like(Key::DisplayName, "x".to_owned())]),
            newest_first(vec![Filter::Metadata(Vec::new())]),
            newest_first(vec![Filter::VolumeZone("nova".to_owned())]),
            newest_first(vec![equals(Key::Status), Filter::VolumeHost("h".to_owned())]),
            ListQuery {
                offset: FEW + 1,
                ..newest_first(vec![])
            },
        ] {
            assert_eq!(weight(&query), Weight::Heavy, "{query:?}");
        }
    }
}
