"""The reason for all this: bytes that were frozen come back."""

from harness.content import GIB, content, scribble


def test_a_volume_from_a_snapshot_holds_the_frozen_bytes(server, cinder):
    volume = cinder.volume("work")
    assert content(server.volume(volume)) == (GIB, {})
    scribble(server.volume(volume), "first")
    first = content(server.volume(volume))

    snapshot = cinder.snapshot("work", "frozen")
    scribble(server.volume(volume), "second")
    second = content(server.volume(volume))
    assert first != second
    assert content(server.snapshot(snapshot)) == first

    created = cinder("create", "--snapshot-id", snapshot, "--name", "thawed", "--poll").fields
    assert (created["status"], created["size"], created["snapshot_id"]) == ("available", "1", snapshot)
    assert content(server.volume(created["id"])) == first
    assert content(server.volume(volume)) == second

    # The three go their own ways from here.
    scribble(server.volume(created["id"]), "third")
    assert content(server.snapshot(snapshot)) == first
    assert content(server.volume(volume)) == second


def test_a_volume_from_a_snapshot_can_be_larger(server, cinder):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    _size, blocks = content(server.volume(volume))
    snapshot = cinder.snapshot("work", "frozen")

    larger = cinder.volume("larger", "--snapshot-id", snapshot, size=2)
    assert content(server.volume(larger)) == (2 * GIB, blocks)

    assert cinder("extend", "work", 2).text == ""
    cinder.wait("volumes", volume, "available")
    bigger = cinder.snapshot("work", "bigger")
    assert "(HTTP 400)" in cinder.refused("create", "--snapshot-id", bigger, 1)


def test_a_volume_from_a_volume_is_a_copy(server, cinder):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    copy = cinder.volume("copy", "--source-volid", volume, size=None)
    assert cinder("show", "copy").fields["source_volid"] == volume
    assert content(server.volume(copy)) == content(server.volume(volume))


def test_a_revert_brings_the_frozen_bytes_back(server, cinder):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    first = content(server.volume(volume))
    snapshot = cinder.snapshot("work", "frozen")

    for seed in ("second", "third"):
        scribble(server.volume(volume), seed)
        assert content(server.volume(volume)) != first
        assert cinder("revert-to-snapshot", "frozen").text == ""
        cinder.wait("volumes", volume, "available")
        cinder.wait("snapshots", snapshot, "available")
        assert content(server.volume(volume)) == first
        assert content(server.snapshot(snapshot)) == first


def test_a_revert_takes_only_the_latest_snapshot_of_the_same_size(server, cinder):
    volume = cinder.volume("work")
    older = cinder.snapshot("work", "older")
    cinder.snapshot("work", "newer")
    assert "(HTTP 400)" in cinder.refused("revert-to-snapshot", older)
    assert "No snapshot with a name or ID of 'never'" in cinder.refused("revert-to-snapshot", "never")

    cinder("extend", "work", 2)
    cinder.wait("volumes", volume, "available")
    assert "volume size must be equal to the snapshot size" in cinder.refused("revert-to-snapshot", "newer")
    assert cinder("show", "work").fields["status"] == "available"


def test_extend(server, cinder):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    _size, blocks = content(server.volume(volume))
    assert cinder("extend", "work", 3).text == ""
    cinder.wait("volumes", volume, "available")
    assert cinder("show", "work").fields["size"] == "3"
    assert content(server.volume(volume)) == (3 * GIB, blocks)
    assert "(HTTP 400)" in cinder.refused("extend", "work", 2)
