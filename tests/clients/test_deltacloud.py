"""The examples in the documentation of Deltacloud, with its `curl`: list, show, create, delete.

curl says `Accept: */*`, for which Deltacloud sends HTML; so each example has `?format=xml`.
"""

import json
from urllib.parse import urlencode

import pytest

from harness.curl import Curl
from harness.waiting import until

PROJECT = "proj"


@pytest.fixture
def api(server):
    return f"{server.base}/api"


@pytest.fixture
def curl():
    return Curl(f"demo+{PROJECT}:secret")


@pytest.fixture
def volume(curl, api):
    """The address and id of a volume that can be used."""
    made = curl(f"{api}/storage_volumes?format=xml", "-d", "capacity=1").xml
    address = made.attrib["href"]
    until(
        "the volume to be available",
        lambda: curl(f"{address}?format=xml").xml.findtext("state") == "AVAILABLE",
    )
    return address, made.attrib["id"]


def is_snapshot(element, api, volume):
    """Holds an element against what the documentation shows; gives its address."""
    address, id_ = element.attrib["href"], element.attrib["id"]
    assert element.tag == "storage_snapshot"
    assert address == f"{api}/storage_snapshots/{id_}"
    shown = [child for child in element if child.tag in ("created", "storage_volume")]
    created, of = shown
    assert (created.tag, of.tag) == ("created", "storage_volume")
    assert created.text
    assert (of.attrib["href"], of.attrib["id"]) == volume
    return address


def test_the_four_examples(curl, api, volume):
    snapshots = f"{api}/storage_snapshots?format=xml"

    # Create.
    made = curl(snapshots, "--data-urlencode", f"volume_id={volume[1]}")
    assert made.status == 201
    address = is_snapshot(made.xml, api, volume)
    assert made.headers["location"] == address
    until(
        "the snapshot to be available", lambda: curl(f"{address}?format=xml").xml.findtext("state") == "available"
    )

    # List.
    listed = curl(snapshots)
    assert (listed.status, listed.xml.tag) == (200, "storage_snapshots")
    (only,) = listed.xml
    assert is_snapshot(only, api, volume) == address

    # Show.
    shown = curl(f"{address}?format=xml")
    assert shown.status == 200
    assert is_snapshot(shown.xml, api, volume) == address

    # Delete.
    deleted = curl(f"{address}?format=xml", "-X", "DELETE")
    assert (deleted.status, deleted.body) == (204, "")
    assert "content-type" not in deleted.headers
    until("the snapshot to be gone", lambda: curl(f"{address}?format=xml").status == 404)
    assert list(curl(snapshots).xml) == []


def test_a_volume_may_be_named_in_each_way_that_curl_has(curl, api, volume):
    snapshots = f"{api}/storage_snapshots"
    ways = [
        (f"{snapshots}?format=xml", ["-d", f"volume_id={volume[1]}"]),
        (f"{snapshots}?format=xml", ["-F", f"volume_id={volume[1]}"]),
        (f"{snapshots}?{urlencode({'format': 'xml', 'volume_id': volume[1]})}", ["-X", "POST"]),
    ]
    made = {is_snapshot(curl(address, *options).xml, api, volume) for address, options in ways}
    listed = curl(f"{snapshots}?format=xml").xml
    assert {is_snapshot(element, api, volume) for element in listed} == made


def test_without_a_format_curl_gets_a_page(curl, api):
    page = curl(f"{api}/storage_snapshots")
    assert (page.status, page.headers["content-type"]) == (200, "text/html")
    assert page.body.startswith("<!DOCTYPE html>")


def test_refusals_are_documents_too(curl, api, volume):
    lost = curl(f"{api}/storage_snapshots/lost?format=xml")
    assert (lost.status, lost.xml.tag, lost.xml.attrib["status"]) == (404, "error", "404")
    without = curl(f"{api}/storage_snapshots?format=xml", "-d", "name=x")
    assert (without.status, without.body) == (400, "Required parameter 'volume_id' not found in [format,name]")
    nobody = Curl(":")(f"{api}/storage_snapshots?format=xml")
    assert (nobody.status, nobody.xml.attrib["status"]) == (401, "401")
    nowhere = Curl("demo:secret")(f"{api}/storage_snapshots?format=xml")
    assert (nowhere.status, nowhere.xml.tag) == (400, "error")


def test_both_apis_show_the_same_snapshot(curl, api, server, volume):
    here = curl(f"{api}/storage_snapshots?format=json", "-d", f"volume_id={volume[1]}", "-d", "name=ice")
    made = json.loads(here.body)["storage_snapshot"]
    # Without an identity service, the token says who it is. Since 3.67 the project may stay out of the address.
    headers = {"X-Auth-Token": f"demo:{PROJECT}", "OpenStack-API-Version": "volume 3.67"}
    code, body = server.get(f"/v3/snapshots/{made['id']}", headers)
    assert (code, body["snapshot"]["name"], body["snapshot"]["volume_id"]) == (200, "ice", volume[1])
