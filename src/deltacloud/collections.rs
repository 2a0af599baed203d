//! What there is: collections, their operations and the parameters of those. The entry point, `OPTIONS`, the check
//! of required parameters and the documentation pages all read this.

use Presence::{Optional, Required};

/// A parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there; an empty value is one.
    pub presence: Presence,
    /// What it means.
    pub about: &'static str,
}

/// Whether a parameter must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// A request without it is refused.
    Required,
    /// It may be left out.
    Optional,
}

impl Parameter {
    const fn new(name: &'static str, presence: Presence, about: &'static str) -> Self {
        Self { name, presence, about }
    }

    /// As `OPTIONS` tells it: `volume_id:string:required`.
    pub fn signature(&self) -> String {
        let presence = match self.presence {
            Required => "required",
            Optional => "optional",
        };
        format!("{}:string:{presence}", self.name)
    }
}

/// Something that can be done.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// `index`, `show`, `create` or `destroy`.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// Whether its path ends with an id.
    pub of_item: bool,
    /// What it does.
    pub about: &'static str,
    /// What it takes.
    pub parameters: &'static [Parameter],
}

/// What a client may count on beyond the bare operation.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// Its name in Deltacloud.
    pub name: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// The parameter that it adds.
    pub parameter: &'static str,
}

/// A collection.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Which one.
    pub name: Name,
    /// For people.
    pub title: &'static str,
    /// The same in the middle of a sentence, for one thing in it.
    pub title_of_one: &'static str,
    /// What is in it.
    pub about: &'static str,
    /// What can be done.
    pub operations: &'static [Operation],
    /// What more can be done.
    pub features: &'static [Feature],
}

/// Which collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// `drivers`
    Drivers,
    /// `instance_states`
    InstanceStates,
    /// `realms`
    Realms,
    /// `storage_snapshots`
    StorageSnapshots,
    /// `storage_volumes`
    StorageVolumes,
}

impl Name {
    /// As paths have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drivers => "drivers",
            Self::InstanceStates => "instance_states",
            Self::Realms => "realms",
            Self::StorageSnapshots => "storage_snapshots",
            Self::StorageVolumes => "storage_volumes",
        }
    }

    /// What the table says of it.
    pub fn collection(self) -> &'static Collection {
        match self {
            Self::Drivers => &DRIVERS,
            Self::InstanceStates => &INSTANCE_STATES,
            Self::Realms => &REALMS,
            Self::StorageSnapshots => &STORAGE_SNAPSHOTS,
            Self::StorageVolumes => &STORAGE_VOLUMES,
        }
    }
}

impl Collection {
    /// The collection of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|collection| collection.name.as_str() == name)
    }

    /// One of its operations.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }
}

/// All collections, in the order of the entry point.
pub const ALL: [&Collection; 5] = [
    &DRIVERS,
    &INSTANCE_STATES,
    &REALMS,
    &STORAGE_SNAPSHOTS,
    &STORAGE_VOLUMES,
];

/// The path's own id, which cannot be missing.
const ID: Parameter = Parameter::new("id", Required, "Which one.");

const fn index(about: &'static str, parameters: &'static [Parameter]) -> Operation {
    Operation {
        name: "index",
        method: "GET",
        of_item: false,
        about,
        parameters,
    }
}

const fn show(about: &'static str) -> Operation {
    Operation {
        name: "show",
        method: "GET",
        of_item: true,
        about,
        parameters: &[ID],
    }
}

const fn create(about: &'static str, parameters: &'static [Parameter]) -> Operation {
    Operation {
        name: "create",
        method: "POST",
        of_item: false,
        about,
        parameters,
    }
}

const fn destroy(about: &'static str) -> Operation {
    Operation {
        name: "destroy",
        method: "DELETE",
        of_item: true,
        about,
        parameters: &[ID],
    }
}

const NAME: Parameter = Parameter::new("name", Optional, "A name for people.");
const DESCRIPTION: Parameter = Parameter::new("description", Optional, "A description.");

static DRIVERS: Collection = Collection {
    name: Name::Drivers,
    title: "Drivers",
    title_of_one: "driver",
    about: "The back ends that this server can speak for: itself.",
    operations: &[index("All drivers.", &[]), show("One driver.")],
    features: &[],
};

static INSTANCE_STATES: Collection = Collection {
    name: Name::InstanceStates,
    title: "Instance states",
    title_of_one: "instance state",
    about: "The states that instances go through, where there are instances.",
    operations: &[index("All states and what leads from one to another.", &[])],
    features: &[],
};

static REALMS: Collection = Collection {
    name: Name::Realms,
    title: "Realms",
    title_of_one: "realm",
    about: "Where volumes can be: availability zones, and a default one that means any.",
    operations: &[index("All realms.", &[]), show("One realm.")],
    features: &[],
};

static STORAGE_SNAPSHOTS: Collection = Collection {
    name: Name::StorageSnapshots,
    title: "Storage snapshots",
    title_of_one: "storage snapshot",
    about: "Copies of volumes as they were at one moment.",
    operations: &[
        index("All snapshots of the project.", &[]),
        show("One snapshot."),
        create(
            "Takes a snapshot of a volume, whether somebody uses the volume or not.",
            &[Parameter::new("volume_id", Required, "The volume."), NAME, DESCRIPTION],
        ),
        destroy("Deletes a snapshot. It is shown as deleting until it is gone."),
    ],
    features: &[],
};

static STORAGE_VOLUMES: Collection = Collection {
    name: Name::StorageVolumes,
    title: "Storage volumes",
    title_of_one: "storage volume",
    about: "Block devices.",
    operations: &[
        index("All volumes of the project.", &[]),
        show("One volume."),
        create(
            "Makes a volume, empty or with the bytes of a snapshot.",
            &[
                Parameter::new("snapshot_id", Optional, "The snapshot that it starts as."),
                Parameter::new(
                    "capacity",
                    Optional,
                    "Its size in GiB: a whole number. Left out, the snapshot's, or 1.",
                ),
                Parameter::new("realm_id", Optional, "Where it is to be."),
                NAME,
                DESCRIPTION,
            ],
        ),
        destroy("Deletes a volume that nobody uses and that has no snapshots."),
    ],
    features: &[
        Feature {
            name: "volume_name",
            operation: "create",
            parameter: "name",
        },
        Feature {
            name: "volume_description",
            operation: "create",
            parameter: "description",
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collection_is_found_under_its_name() {
        for collection in ALL {
            let name = collection.name;
            assert!(std::ptr::eq(name.collection(), collection), "{name:?}");
            assert!(Collection::named(name.as_str()).is_some_and(|found| found.name == name));
        }
        assert!(Collection::named("instances").is_none());
    }
}
