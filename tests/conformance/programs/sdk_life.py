"""A user of openstacksdk: makes a snapshot and does with it what a snapshot is for. Prints each step that went well."""

import openstack
from openstack import exceptions

PREFIX = "sdk-"
cloud = openstack.connect()
admin = openstack.connect(cloud="breezeblock-admin")
storage = cloud.block_storage


def ok(step):
    print("ok", step, flush=True)


volume = storage.create_volume(size=1, name=f"{PREFIX}volume")
storage.wait_for_status(volume, "available", interval=0.2, wait=60)
ok("volume-create")

snapshot = storage.create_snapshot(
    volume_id=volume.id, name=f"{PREFIX}ice", description="before", metadata={"purpose": "test"}
)
assert snapshot.status == "creating", snapshot
snapshot = storage.wait_for_status(snapshot, "available", interval=0.2, wait=60)
assert (snapshot.size, snapshot.progress, snapshot.metadata) == (1, "100%", {"purpose": "test"}), snapshot
assert snapshot.project_id == cloud.current_project_id, snapshot
ok("snapshot-create")

assert storage.get_snapshot(snapshot.id).name == f"{PREFIX}ice"
assert storage.find_snapshot(f"{PREFIX}ice", ignore_missing=False).id == snapshot.id
assert storage.find_snapshot("nobody has this name") is None
ok("snapshot-find")

second = storage.create_snapshot(volume_id=volume.id, name=f"{PREFIX}snow")
storage.wait_for_status(second, "available", interval=0.2, wait=60)
# A page of one at a time: the last, which is empty, ends it.
assert [found.id for found in storage.snapshots(details=False, limit=1, volume_id=volume.id)] == [second.id, snapshot.id]
assert [found.id for found in storage.snapshots(name=f"{PREFIX}ice", status="available")] == [snapshot.id]
ok("snapshot-list")

renamed = storage.update_snapshot(snapshot, name=f"{PREFIX}frost", description="after")
assert (renamed.name, renamed.description) == (f"{PREFIX}frost", "after"), renamed
ok("snapshot-update")

storage.set_snapshot_metadata(snapshot, a="1", b="2")
assert storage.get_snapshot_metadata(snapshot).metadata == {"purpose": "test", "a": "1", "b": "2"}
storage.delete_snapshot_metadata(snapshot, keys=["a", "purpose"])
assert storage.get_snapshot_metadata(snapshot).metadata == {"b": "2"}
ok("snapshot-metadata")

copy = storage.create_volume(snapshot_id=snapshot.id, name=f"{PREFIX}copy", size=2)
copy = storage.wait_for_status(copy, "available", interval=0.2, wait=60)
assert (copy.size, copy.snapshot_id) == (2, snapshot.id), copy
storage.delete_volume(copy, ignore_missing=False)
storage.wait_for_delete(copy, interval=0.2, wait=60)
ok("volume-from-snapshot")

storage.revert_volume_to_snapshot(volume, second)
storage.wait_for_status(storage.get_volume(volume.id), "available", interval=0.2, wait=60)
ok("volume-revert")

try:
    storage.reset_snapshot_status(second, "error")
    raise AssertionError("a member may reset a status")
except exceptions.ForbiddenException:
    pass
admin.block_storage.reset_snapshot_status(second, "error")
assert storage.get_snapshot(second.id).status == "error"
assert second.id in [found.id for found in admin.block_storage.snapshots(all_projects=True)]
admin.block_storage.delete_snapshot(second, force=True, ignore_missing=False)
storage.wait_for_delete(second, interval=0.2, wait=60)
ok("admin")

try:
    storage.delete_volume(volume, ignore_missing=False)
    raise AssertionError("a volume with a snapshot may be deleted")
except exceptions.BadRequestException as refused:
    assert "have snapshots" in str(refused), refused
storage.delete_snapshot(snapshot, ignore_missing=False)
storage.wait_for_delete(snapshot, interval=0.2, wait=60)
ok("snapshot-delete")

# The layer above, which waits by itself.
made = cloud.create_volume_snapshot(volume.id, wait=True, timeout=60, name=f"{PREFIX}layer")
assert cloud.get_volume_snapshot(f"{PREFIX}layer").id == made.id
assert made.id in [found.id for found in cloud.list_volume_snapshots()]
assert cloud.delete_volume_snapshot(made.id, wait=True, timeout=60)
ok("cloud-layer")

assert storage.get_limits().absolute.max_total_snapshots == 10
ok("limits")

storage.delete_volume(volume, ignore_missing=False)
storage.wait_for_delete(volume, interval=0.2, wait=60)
ok("volume-delete")
