"""What can be done with a snapshot once it is there."""

import pytest

ABSENT = "No snapshot with a name or ID of"


@pytest.fixture
def volume(cinder):
    return cinder.volume("work")


def test_show_by_name_and_by_id(cinder, volume):
    id_ = cinder.snapshot("work", "ice", "--description", "very cold", "--metadata", "a=1")
    shown = cinder("snapshot-show", "ice").fields
    assert shown == cinder("snapshot-show", id_).fields
    expected = {
        "id": id_,
        "name": "ice",
        "description": "very cold",
        "volume_id": volume,
        "size": "1",
        "status": "available",
        "metadata": "{'a': '1'}",
        "user_id": "demo",
        "consumes_quota": "True",
        "group_snapshot_id": "None",
        "os-extended-snapshot-attributes:progress": "100%",
        "os-extended-snapshot-attributes:project_id": cinder.project,
    }
    assert {key: shown.get(key) for key in expected} == expected
    assert set(shown) - set(expected) == {"created_at", "updated_at"}

    cinder.snapshot("work", "ice")
    assert "Multiple snapshot matches found for 'ice'" in cinder.refused("snapshot-show", "ice")
    assert f"{ABSENT} 'water'" in cinder.refused("snapshot-show", "water")
    strange = "a/b c?d=é"
    assert ABSENT in cinder.refused("snapshot-show", strange)
    assert cinder("snapshot-show", cinder.snapshot("work", strange)).fields["name"] == strange


def test_metadata(cinder, volume):
    id_ = cinder.snapshot("work", "ice", "--metadata", "a=1", "b=2")

    def metadata():
        table = cinder("snapshot-metadata-show", "ice")
        return {row["Metadata-property"]: row["Value"] for row in table.rows}

    assert metadata() == {"a": "1", "b": "2"}
    assert cinder("snapshot-metadata", "ice", "set", "b=3", "c=4").fields == {"a": "1", "b": "3", "c": "4"}
    assert metadata() == {"a": "1", "b": "3", "c": "4"}
    assert cinder("snapshot-metadata", "ice", "unset", "a", "c").text == ""
    assert metadata() == {"b": "3"}
    assert "(HTTP 404)" in cinder.refused("snapshot-metadata", "ice", "unset", "a")

    replaced = cinder("snapshot-metadata-update-all", id_, "x=9", "y=é").fields
    assert replaced == {"metadata": "{'x': '9', 'y': 'é'}"}
    assert metadata() == {"x": "9", "y": "é"}
    assert "(HTTP 400)" in cinder.refused("snapshot-metadata", "ice", "set", "k=" + "v" * 256)
    assert metadata() == {"x": "9", "y": "é"}


def test_rename(cinder, volume):
    id_ = cinder.snapshot("work", "ice")
    renamed = cinder("snapshot-rename", "ice", "water", "--description", "no longer cold")
    assert renamed.text.strip() == "Request to rename snapshot 'ice' has been accepted."
    shown = cinder("snapshot-show", "water").fields
    assert (shown["id"], shown["description"]) == (id_, "no longer cold")
    assert f"{ABSENT} 'ice'" in cinder.refused("snapshot-show", "ice")
    assert "(HTTP 400)" in cinder.refused("snapshot-rename", id_, "n" * 256)
    assert cinder("snapshot-show", id_).fields["name"] == "water"


def test_reset_state(cinder, volume):
    id_ = cinder.snapshot("work", "ice")
    for state in ("error", "creating", "deleting", "error_deleting", "available"):
        assert cinder("snapshot-reset-state", "--state", state, "ice").text == ""
        assert cinder("snapshot-show", id_).fields["status"] == state
    assert "(HTTP 400)" in cinder.refused("snapshot-reset-state", "--state", "solid", "ice")
    assert cinder("snapshot-show", id_).fields["status"] == "available"


def test_delete(server, cinder, volume):
    ids = {name: cinder.snapshot("work", name) for name in ("ice", "frost", "snow")}
    files = {name: server.snapshot(id_) for name, id_ in ids.items()}
    assert all(file.exists() for file in files.values())

    assert cinder("snapshot-delete", "ice", "frost").text == ""
    for name in ("ice", "frost"):
        cinder.wait_gone("snapshots", ids[name])
        assert not files[name].exists()
    assert f"{ABSENT} 'ice'" in cinder.refused("snapshot-delete", "ice")

    # One that is being made, as far as the database knows, can only be forced.
    cinder("snapshot-reset-state", "--state", "creating", "snow")
    reason = cinder.refused("snapshot-delete", "snow")
    assert "(HTTP 400)" in reason
    assert "Unable to delete any of the specified snapshots" in reason
    assert cinder("snapshot-delete", "--force", "snow").text == ""
    cinder.wait_gone("snapshots", ids["snow"])
    assert not files["snow"].exists()
    assert cinder("snapshot-list").rows == []
    assert server.volume(volume).exists()


def test_the_force_flag_of_old(cinder, volume):
    """Before 3.66 a volume in use could only be snapshotted with --force; since then it just can be."""
    cinder("reset-state", "--state", "in-use", "work")
    old = ("--os-volume-api-version", "3.65", "snapshot-create", "--name", "ice")
    assert "(HTTP 400)" in cinder.refused(*old, "work")
    forced = cinder(*old, "--force", "True", "work").fields
    cinder.wait("snapshots", forced["id"], "available")
    new = cinder.snapshot("work", "frost")
    assert cinder("show", "work").fields["status"] == "in-use"
    assert sorted(cinder("snapshot-list").column("ID")) == sorted([forced["id"], new])


def test_the_oldest_microversion(cinder, volume):
    """3.0 knows neither the user nor the quota flag."""
    cinder.snapshot("work", "ice")
    table = cinder("--os-volume-api-version", "3.0", "snapshot-list")
    assert list(table.rows[0]) == ["ID", "Volume ID", "Status", "Name", "Size"]
    newest = cinder("snapshot-list")
    assert list(newest.rows[0]) == ["ID", "Volume ID", "Status", "Name", "Size", "Consumes Quota", "User ID"]
