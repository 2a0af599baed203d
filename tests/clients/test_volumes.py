"""Deleting volumes, with and without snapshots."""


def test_delete(server, cinder):
    ids = [cinder.volume(name) for name in ("one", "two")]
    accepted = cinder("delete", "one", "two").text.splitlines()
    assert accepted == [f"Request to delete volume {name} has been accepted." for name in ("one", "two")]
    for id_ in ids:
        cinder.wait_gone("volumes", id_)
        assert not server.volume(id_).exists()
    assert cinder("list").rows == []
    assert "No volume with a name or ID of 'one' exists" in cinder.refused("delete", "one")


def test_snapshots_keep_their_volume(server, cinder):
    volume = cinder.volume("work")
    snapshots = [cinder.snapshot("work", name) for name in ("ice", "frost")]
    reason = cinder.refused("delete", "work")
    assert "Delete for volume work failed" in reason
    assert "must not be migrating, attached, belong to a group, have snapshots" in reason
    assert "(HTTP 400)" in reason
    assert cinder("show", "work").fields["status"] == "available"

    assert cinder("delete", "--cascade", "work").text == "Request to delete volume work has been accepted.\n"
    cinder.wait_gone("volumes", volume)
    assert cinder("snapshot-list").rows == []
    assert not server.volume(volume).exists()
    assert not any(server.snapshot(id_).exists() for id_ in snapshots)


def test_a_volume_outlives_the_snapshot_it_came_from(server, cinder):
    cinder.volume("work")
    snapshot = cinder.snapshot("work", "ice")
    copy = cinder.volume("copy", "--snapshot-id", snapshot, size=None)
    cinder("delete", "--cascade", "work")
    cinder.wait_gone("snapshots", snapshot)
    assert cinder("show", "copy").fields["status"] == "available"
    assert server.volume(copy).exists()


def test_force_delete_and_reset_state(server, cinder):
    volume = cinder.volume("work")
    cinder("reset-state", "--state", "creating", "work")
    assert cinder("show", "work").fields["status"] == "creating"
    assert "(HTTP 400)" in cinder.refused("delete", "work")
    accepted = cinder("force-delete", "work").text
    assert accepted == "" or "accepted" in accepted
    cinder.wait_gone("volumes", volume)
    assert not server.volume(volume).exists()


def test_names_and_metadata(cinder):
    volume = cinder.volume("work", "--metadata", "a=1", "--description", "the first")
    cinder("rename", "work", "rest")
    cinder("metadata", "rest", "set", "b=2")
    cinder("metadata", "rest", "unset", "a")
    shown = cinder("show", volume).fields
    assert (shown["name"], shown["description"]) == ("rest", "the first")
    table = cinder("metadata-show", "rest")
    assert {row["Metadata-property"]: row["Value"] for row in table.rows} == {"b": "2"}
