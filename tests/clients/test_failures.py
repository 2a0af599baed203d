"""What was accepted and then failed says why."""

from harness.content import content, scribble


def test_a_missing_volume_file_is_named_in_a_message(server, cinder):
    volume = cinder.volume("work")
    file = server.volume(volume)
    hidden = file.with_name("hidden")
    file.rename(hidden)

    snapshot = cinder("snapshot-create", "--name", "ice", "work").fields["id"]
    cinder.wait("snapshots", snapshot, "error")
    assert cinder("snapshot-show", "ice").fields["status"] == "error"
    (message,) = cinder("message-list").rows
    assert message["Resource Type"] == "VOLUME_SNAPSHOT"
    assert message["Resource UUID"] == snapshot
    assert message["User Message"] == (
        f"create snapshot:Snapshot failed to create. volume-{volume} is missing from the storage folder."
    )
    shown = cinder("message-show", message["ID"]).fields
    assert (shown["message_level"], shown["event_id"]) == ("ERROR", message["Event ID"])

    # Once the cause is gone, the way is free.
    hidden.rename(file)
    cinder("snapshot-delete", "ice")
    cinder.wait_gone("snapshots", snapshot)
    cinder.snapshot("work", "ice")
    assert cinder("message-list", "--resource_uuid", volume).rows == []
    assert cinder("message-delete", message["ID"]).text == ""
    assert cinder("message-list").rows == []


def test_a_snapshot_under_a_writer_is_exact_or_refused(server, cinder):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    first = content(server.volume(volume))
    with server.volume(volume).open("r+b"):
        snapshot = cinder("snapshot-create", "--name", "ice", "work").fields["id"]
        if '"reflink":true' in server.log():
            cinder.wait("snapshots", snapshot, "available")
        else:
            cinder.wait("snapshots", snapshot, "error")
            (message,) = cinder("message-list").rows
            assert f"volume-{volume} is open for writing by another program" in message["User Message"]
            assert not server.snapshot(snapshot).exists()
    # Nobody writes any more.
    again = cinder.snapshot("work", "frost")
    assert content(server.snapshot(again)) == first


def test_a_revert_that_cannot_be_done_leaves_the_volume_and_a_message(server, cinder):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    snapshot = cinder.snapshot("work", "ice")
    scribble(server.volume(volume), "second")
    second = content(server.volume(volume))
    server.snapshot(snapshot).unlink()

    cinder("revert-to-snapshot", "ice")
    cinder.wait("volumes", volume, "error")
    (message,) = cinder("message-list").rows
    assert message["Resource UUID"] == volume
    assert f"snapshot-{snapshot} is missing" in message["User Message"]
    assert content(server.volume(volume)) == second
