"""Ways to say who one is where nobody checks: plain requests and keystoneauth's own plugins."""

import pytest
from cinderclient import client
from cinderclient.contrib.noauth import CinderNoAuthPlugin
from keystoneauth1 import session, token_endpoint
from keystoneauth1.loading import get_plugin_loader

from harness.cinder import PROJECT, Cinder

OTHER = "f" * 32


@pytest.fixture
def volume(cinder):
    return cinder.volume("work")


def ids(reply):
    status, body = reply
    assert status == 200, body
    return [volume["id"] for volume in body["volumes"]]


def test_curl(server, volume):
    """No token, `notused`, and a token that names the project, with and without the project in the URL."""
    token = {"X-Auth-Token": f"demo:{PROJECT}"}
    unused = {"X-Auth-Token": "notused"}
    header = {"X-Project-Id": PROJECT}
    assert ids(server.get(f"/v3/{PROJECT}/volumes")) == [volume]
    assert ids(server.get(f"/v3/{PROJECT}/volumes", unused)) == [volume]
    assert ids(server.get(f"/v3/{PROJECT}/volumes", token)) == [volume]
    assert ids(server.get("/v3/volumes", token)) == [volume]
    assert ids(server.get("/v3/volumes", header)) == [volume]
    assert ids(server.get("/v3/volumes", unused | header)) == [volume]
    assert ids(server.get(f"/v3/{OTHER}/volumes")) == []
    assert ids(server.get("/v3/volumes", {"X-Auth-Token": f"demo:{OTHER}"})) == []


def test_version_documents_need_no_token(server):
    status, root = server.get("/")
    assert status == 300
    assert [version["id"] for version in root["versions"]] == ["v3.0"]
    for path in ("/v3", "/v3/"):
        status, body = server.get(path)
        assert status == 200
        (version,) = body["versions"]
        assert (version["status"], version["min_version"], version["version"]) == ("CURRENT", "3.0", "3.71")
        (link,) = [link["href"] for link in version["links"] if link["rel"] == "self"]
        assert link == f"{server.base}/v3/"


def plugins(base):
    """keystoneauth's plugins that need no Keystone, with the endpoint to use."""
    none = get_plugin_loader("none")
    basic = get_plugin_loader("http_basic")
    with_project, without = f"{base}/v3/{PROJECT}", f"{base}/v3"
    token = f"demo:{PROJECT}"
    return {
        "none": (none.load_from_options(endpoint=with_project), with_project),
        "http_basic": (
            basic.load_from_options(endpoint=with_project, username="demo", password="x"),
            with_project,
        ),
        "admin_token": (token_endpoint.Token(endpoint=with_project, token=token), with_project),
        "admin_token without project in the URL": (token_endpoint.Token(endpoint=without, token=token), without),
        "noauth": (CinderNoAuthPlugin("demo", PROJECT, endpoint=without), with_project),
        "noauth without project in the URL": (CinderNoAuthPlugin("demo", PROJECT, endpoint=without), without),
    }


def test_keystoneauth(server, cinder, volume):
    snapshot = cinder.snapshot("work", "ice")
    for name, (plugin, endpoint) in plugins(server.base).items():
        library = client.Client("3.71", session=session.Session(auth=plugin), os_endpoint=endpoint)
        assert [found.id for found in library.volumes.list()] == [volume], name
        assert library.volume_snapshots.get(snapshot).name == "ice", name


def test_projects_do_not_see_each_other(server, cinder, volume, tmp_path):
    cinder.snapshot("work", "ice")
    stranger = Cinder(server, tmp_path, project=OTHER, user="stranger")
    assert stranger("list").rows == []
    assert stranger("snapshot-list").rows == []
    # Everybody is an admin in noauth, and an admin may ask for all projects.
    assert stranger("snapshot-list", "--all-tenants", "1").column("Name") == ["ice"]
