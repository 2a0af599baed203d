"""What a user asks about the service itself."""


def test_limits_and_quotas_count_what_there_is(cinder):
    def limits():
        return {row["Name"]: int(row["Value"]) for row in cinder("absolute-limits").rows}

    before = limits()
    assert before["maxTotalSnapshots"] == 10
    assert before["totalSnapshotsUsed"] == before["totalVolumesUsed"] == before["totalGigabytesUsed"] == 0

    cinder.volume("work", size=2)
    snapshot = cinder.snapshot("work", "ice")
    assert limits() == before | {"totalVolumesUsed": 1, "totalSnapshotsUsed": 1, "totalGigabytesUsed": 4}

    quotas = cinder("quota-show", cinder.project).fields
    assert (quotas["volumes"], quotas["snapshots"], quotas["gigabytes"]) == ("10", "10", "1000")
    assert cinder("quota-defaults", cinder.project).fields == quotas
    usage = {row["Type"]: row for row in cinder("quota-usage", cinder.project).rows}
    assert usage["snapshots"]["In_use"] == "1"
    assert usage["snapshots"]["Limit"] == "10"

    cinder("snapshot-delete", "ice")
    cinder.wait_gone("snapshots", snapshot)
    assert limits() == before | {"totalVolumesUsed": 1, "totalGigabytesUsed": 2}


def test_a_quota_that_is_used_up(cinder):
    reason = cinder.refused("create", 1001)
    assert "(HTTP 413)" in reason
    assert "gigabytes" in reason
    assert cinder("list").rows == []


def test_the_installation(cinder):
    types = cinder("type-list")
    assert types.column("Name") == ["__DEFAULT__"]
    assert cinder("type-default").rows == types.rows
    assert cinder("type-show", "__DEFAULT__").fields["name"] == "__DEFAULT__"

    assert cinder("availability-zone-list").rows == [{"Name": "nova", "Status": "available"}]

    scheduler, service = cinder("service-list").rows
    assert scheduler["Binary"] == "cinder-scheduler"
    assert (service["Binary"], service["Host"]) == ("cinder-volume", "testhost@file")
    assert (service["Status"], service["State"]) == ("enabled", "up")

    assert "os-extended-snapshot-attributes" in cinder("list-extensions").column("Alias")

    (version,) = cinder("version-list").rows
    assert (version["Id"], version["Status"]) == ("v3.0", "CURRENT")
    assert (version["Min Version"], version["Version"]) == ("3.0", "3.71")


def test_healthcheck(server):
    code, body = server.get("/healthcheck", {"Accept": "application/json"})
    assert (code, body["reasons"]) == (200, ["OK"])
