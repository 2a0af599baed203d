"""What a server knows, it knows after any end."""

import pytest

from harness.content import content, scribble


def test_everything_survives_kill_9(server, cinder):
    volume = cinder.volume("work", "--metadata", "a=1")
    scribble(server.volume(volume), "first")
    first = content(server.volume(volume))
    snapshot = cinder.snapshot("work", "ice", "--metadata", "b=2")
    cinder("snapshot-reset-state", "--state", "error", "ice")
    questions = [
        ("show", "work"),
        ("list",),
        ("snapshot-show", "ice"),
        ("snapshot-list",),
        ("snapshot-metadata-show", "ice"),
        ("absolute-limits",),
        ("message-list",),
    ]

    def answers():
        return [cinder(*question).text for question in questions]

    before = answers()
    server.kill()
    server.start()
    # Links name the port, which is the only thing that is new.
    assert [_without_links(text) for text in answers()] == [_without_links(text) for text in before]

    cinder("snapshot-reset-state", "--state", "available", "ice")
    scribble(server.volume(volume), "second")
    server.kill()
    server.start()
    assert cinder("snapshot-show", "ice").fields["status"] == "available"
    cinder("revert-to-snapshot", "ice")
    cinder.wait("volumes", volume, "available")
    assert content(server.volume(volume)) == first
    assert content(server.snapshot(snapshot)) == first


@pytest.mark.parametrize("ending", ["kill", "stop"])
def test_work_that_was_accepted_is_done_after_the_restart(server, cinder, ending):
    volume = cinder.volume("work")
    scribble(server.volume(volume), "first")
    first = content(server.volume(volume))
    kept = cinder.snapshot("work", "kept")
    doomed = cinder.snapshot("work", "doomed")

    # The server ends the moment it has said yes, whatever the worker has done by then.
    snapshot = cinder("snapshot-create", "--name", "ice", "work").fields["id"]
    copy = cinder("create", "--snapshot-id", kept, "--name", "copy").fields["id"]
    cinder("snapshot-delete", "doomed")
    if ending == "kill":
        server.kill()
    else:
        assert server.stop() == 0
    server.start()

    cinder.wait("snapshots", snapshot, "available")
    cinder.wait("volumes", copy, "available")
    cinder.wait_gone("snapshots", doomed)
    assert content(server.snapshot(snapshot)) == first
    assert content(server.volume(copy)) == first
    assert sorted(file.name for file in (server.storage / "snapshots").iterdir()) == sorted(
        f"snapshot-{id_}" for id_ in (kept, snapshot)
    )
    assert sorted(file.name for file in (server.storage / "volumes").iterdir()) == sorted(
        f"volume-{id_}" for id_ in (volume, copy)
    )
    assert cinder("message-list").rows == []


def test_sigterm_ends_well(server, cinder):
    cinder.volume("work")
    assert server.stop() == 0
    server.start()
    assert cinder("list").column("Name") == ["work"]


def _without_links(text):
    return [line for line in text.splitlines() if line.startswith("|") and not line.startswith("| links")]
