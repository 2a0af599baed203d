//! What lay in the recording's storage: the files that its lists of manageable snapshots show, with and
//! without rows.

use rustix::fs::XattrFlags;
use serde_json::{Value, json};

use crate::{exchange::Exchange, identity::id_of, rows::text, world::World};

/// What a driver calls a snapshot is its own: the recording's put this before the id, ours does not.
pub const LVM_PREFIX: &str = "_snapshot-";
pub const PREFIX: &str = "snapshot-";

impl World {
    /// Names that sort as the recorded list does.
    pub fn name_as_listed(&mut self, exchanges: &[Exchange]) {
        let Some(listed) = listed(exchanges) else { return };
        for (index, it) in listed.as_array().unwrap().iter().enumerate() {
            let id = it["reference"]["source-name"].as_str().unwrap();
            let id = id.strip_prefix(LVM_PREFIX).unwrap();
            let id = id.trim_start_matches("${").trim_end_matches('}');
            // Listed backwards.
            let ours = format!("f{:07x}-0000-4000-8000-{}", 1000 - index, &id_of(id)[..12]);
            self.name(id, &ours);
        }
    }

    /// The files of the list, and rows for those that it calls managed and that no other reply shows.
    pub async fn store_as_listed(&mut self, exchanges: &[Exchange]) {
        let Some(listed) = listed(exchanges) else { return };
        let listed: Value = serde_json::from_str(&self.resolve(&listed.to_string())).unwrap();
        for it in listed.as_array().unwrap() {
            let name = it["reference"]["source-name"].as_str().unwrap();
            let volume = it["source_reference"]["source-name"].as_str().unwrap();
            let volume = volume.strip_prefix("volume-").unwrap();
            let bytes = it["size"].as_u64().unwrap() << 30;
            if let Some(id) = text(it, "cinder_id") {
                let foreign = volume == self.id("altvol");
                let project = id_of(if foreign { "project_alt" } else { "project_demo" });
                let row = json!({
                    "id": id,
                    "volume_id": volume,
                    "status": "available",
                    "size": it["size"],
                    "name": null,
                    "metadata": {},
                    "created_at": self.default_time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
                    "os-extended-snapshot-attributes:project_id": project,
                });
                self.snapshot(&row, false).await;
            }
            self.store_file(name, volume, bytes);
        }
    }

    /// A snapshot in the storage that says of which volume it is.
    fn store_file(&self, name: &str, volume: &str, bytes: u64) {
        let file = std::fs::File::create(self.storage.join("snapshots").join(name)).unwrap();
        file.set_len(bytes).unwrap();
        rustix::fs::fsetxattr(&file, "user.breezeblock.volume", volume.as_bytes(), XattrFlags::empty()).unwrap();
    }
}

/// The first list that tells everything.
fn listed(exchanges: &[Exchange]) -> Option<Value> {
    exchanges
        .iter()
        .filter(|it| it.call.contains("/detail?") && it.status == 200)
        .map(|it| serde_json::from_str::<Value>(&it.reply).unwrap())
        .find_map(|mut reply| reply.get_mut("manageable-snapshots").map(Value::take))
}
