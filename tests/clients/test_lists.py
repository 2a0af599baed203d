"""`cinder snapshot-list` and all its options."""

import pytest


@pytest.fixture
def snapshots(cinder):
    """Snapshots c, a, b of the volume `one` and d of the volume `two`, in this order."""
    ids = {}
    for volume, size, names in [("one", 1, "cab"), ("two", 2, "d")]:
        cinder.volume(volume, size=size)
        for name in names:
            ids[name] = cinder.snapshot(volume, name, "--metadata", f"letter={name}", "tier=gold")
    return ids


def test_order_and_pages(cinder, snapshots):
    def names(*options):
        return "".join(cinder("snapshot-list", *options).column("Name"))

    assert names("--sort", "name") == "dcba"
    assert names("--sort", "name:asc") == "abcd"
    assert names("--sort", "created_at:asc") == "cabd"
    assert names("--sort", "created_at:desc") == "dbac"
    assert names("--sort", "status:asc,name:desc") == "dcba"
    by_id = "".join(sorted(snapshots, key=snapshots.get))
    assert names("--sort", "id:asc") == by_id
    # Without --sort the client itself sorts by id.
    assert names() == by_id

    assert names("--sort", "name:asc", "--limit", "2") == "ab"
    assert names("--sort", "name:asc", "--limit", "2", "--marker", snapshots["b"]) == "cd"
    assert names("--sort", "name:asc", "--marker", snapshots["c"]) == "d"
    assert names("--sort", "name:asc", "--marker", snapshots["d"]) == ""
    # The newest come first if nobody asks for another order, and a page is a piece of that.
    assert sorted(names("--limit", "2")) == ["b", "d"]

    assert "(HTTP 404)" in cinder.refused("snapshot-list", "--marker", "0" * 8 + "-0000-4000-8000-" + "0" * 12)
    # The client knows more keys than Cinder's snapshots have.
    assert "Invalid sort key (HTTP 400)" in cinder.refused("snapshot-list", "--sort", "size")
    assert "(HTTP 400)" in cinder.refused("snapshot-list", "--limit", "-1")


def test_filters(cinder, snapshots):
    two = cinder("show", "two").fields["id"]
    cinder("snapshot-reset-state", "--state", "error", "b")

    def names(*options):
        return "".join(cinder("snapshot-list", "--sort", "name:asc", *options).column("Name"))

    assert names("--name", "a") == "a"
    assert names("--name", "A") == ""
    assert names("--status", "error") == "b"
    assert names("--status", "available") == "acd"
    assert names("--volume-id", two) == "d"
    assert names("--metadata", "letter=c") == "c"

    assert names("--filters", "name=a") == "a"
    assert names("--filters", "status=error") == "b"
    assert names("--filters", f"volume_id={two}") == "d"
    assert names("--filters", "metadata={tier:gold,letter:c}") == "c"
    assert names("--filters", "metadata={tier:tin}") == ""
    assert names("--filters", "name~=a") == "a"
    assert names("--filters", "status=available", "--filters", "name=b") == ""
    assert names("--filters", "status=available", "--filters", "name=c") == "c"


def test_count(cinder, snapshots):
    def last_line(*options):
        return cinder("snapshot-list", *options).text.splitlines()[-1]

    assert last_line("--with-count") == "Snapshot in total: 4"
    # The count is of all that match, not of those on the page.
    assert last_line("--with-count", "--limit", "1") == "Snapshot in total: 4"
    assert last_line("--with-count", "--filters", "name=a") == "Snapshot in total: 1"


def test_volumes_are_listed_likewise(cinder, snapshots):
    def names(*options):
        return cinder("list", *options).column("Name")

    assert names("--sort", "name:asc") == ["one", "two"]
    assert names("--sort", "size:desc", "--limit", "1") == ["two"]
    assert names("--name", "one") == ["one"]
    assert names("--filters", "status=error") == []
    assert cinder("list", "--with-count", "--limit", "1").text.splitlines()[-1] == "Volume in total: 2"
