"""The Deltacloud front, whose names and passwords Keystone checks."""

import base64
import uuid

from kit.identity import password_of
from kit.places import until
from kit.wire import call
from suites.api import Caller

REFUSED = "Authentication failed with response code 401"


def run(cloud, report):
    """All of it against one cloud; gives the tokens that were used."""

    def check(name):
        return report.check(f"deltacloud/{cloud.identity}/{name}")

    def send(user, method, path, form=None, password=None):
        """A request as `user+project`, with the user's own password unless another is given."""
        login = f"{user}:{password or password_of(user.partition('+')[0])}"
        headers = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return call(method, f"{cloud.base}/api{path}", form, headers)

    def refused(reply):
        reply.expect(401)
        document = {"code": 401, "message": REFUSED, "error": "Deltacloud::Exceptions::AuthenticationFailure"}
        assert reply.json() == document, reply
        assert "WWW-Authenticate" not in reply.headers, reply.headers

    demo = Caller.of(cloud, "demo", "demo")
    volume = demo.make_volume()
    with check("a-password-is-enough"):
        assert send("demo+demo", "GET", "").expect(200).json()["api"]["driver"] == "openstack"
        made = send("demo+demo", "POST", "/storage_snapshots", f"volume_id={volume}&name=dc".encode()).expect(201)
        snapshot = made.json()["storage_snapshot"]["id"]
        # The project's own, as if a token had made it.
        shown = demo("GET", f"/snapshots/{snapshot}").expect(200).json()["snapshot"]
        assert shown["os-extended-snapshot-attributes:project_id"] == demo.project, shown
        until(
            "the snapshot to be available",
            lambda: demo("GET", f"/snapshots/{snapshot}").json()["snapshot"]["status"] == "available",
        )
    with check("wrong-ones-are-refused"):
        refused(send("demo+demo", "GET", "", password="guess"))
        refused(send("nobody+demo", "GET", ""))
        refused(send("demo+nowhere", "GET", ""))
        refused(send("demo+alt", "GET", ""))
        # Longer than Keystone takes.
        refused(send("demo+demo", "GET", "", password="x" * 5000))
        refused(send(f"{uuid.uuid4()}+demo", "GET", ""))
    with check("roles-and-projects-decide"):
        assert send("alt+alt", "GET", "/storage_snapshots").expect(200).json() == {"storage_snapshots": []}
        send("alt+alt", "GET", f"/storage_snapshots/{snapshot}").expect(404)
        send("alt+alt", "POST", "/storage_snapshots", f"volume_id={volume}".encode()).expect(404)
        found = send("reader+demo", "GET", "/storage_snapshots").expect(200).json()["storage_snapshots"]
        assert [item["id"] for item in found] == [snapshot], found
        send("reader+demo", "POST", "/storage_snapshots", f"volume_id={volume}".encode()).expect(403)
        send("reader+demo", "DELETE", f"/storage_snapshots/{snapshot}").expect(403)
        send("service+demo", "GET", "/storage_snapshots").expect(403)
    with check("owner-deletes"):
        send("demo+demo", "DELETE", f"/storage_snapshots/{snapshot}").expect(204)
    return [demo.token]
