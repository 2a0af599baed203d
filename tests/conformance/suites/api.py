"""The volumes API as the suites about identity call it: any path, any header, as somebody or nobody."""

from dataclasses import dataclass, field

from kit.identity import token
from kit.places import until
from kit.wire import call


@dataclass
class Caller:
    """Somebody's requests, with what they send to say who they are."""

    base: str
    project: str
    headers: dict = field(default_factory=dict)

    @classmethod
    def of(cls, cloud, user, project):
        """A user of the real Keystone with a new token."""
        issued = token(cloud.keystone.base, user, project)
        return cls(cloud.base, issued.project, {"X-Auth-Token": issued.id})

    @property
    def token(self):
        return self.headers["X-Auth-Token"]

    def sending(self, **headers):
        """The same with other headers; `X_Roles` is X-Roles, and None leaves one out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in (self.headers | named).items() if value is not None}
        return Caller(self.base, self.project, kept)

    def __call__(self, method, path, body=None, version=None):
        """Sends a request to a path below the project."""
        asked = {"OpenStack-API-Version": f"volume {version}"} if version else {}
        return call(method, f"{self.base}/v3/{self.project}{path}", body, self.headers | asked)

    def make_volume(self):
        """A volume that is available, by its id."""
        id_ = self("POST", "/volumes", {"volume": {"size": 1}}).expect(202).json()["volume"]["id"]
        self._wait("volume", id_)
        return id_

    def make_snapshot(self, volume, **properties):
        """A snapshot that is available, by its id."""
        body = {"snapshot": {"volume_id": volume} | properties}
        id_ = self("POST", "/snapshots", body).expect(202).json()["snapshot"]["id"]
        self._wait("snapshot", id_)
        return id_

    def _wait(self, kind, id_):
        def available():
            status = self("GET", f"/{kind}s/{id_}").expect(200).json()[kind]["status"]
            assert status in ("creating", "available"), f"{kind} {id_} became {status}"
            return status == "available"

        until(f"{kind} {id_} to be available", available)


def unauthorized(reply, cloud):
    """Holds a reply to what Cinder says to those whom it does not know."""
    reply.expect(401)
    message = "The request you have made requires authentication."
    assert reply.json() == {"error": {"code": 401, "title": "Unauthorized", "message": message}}, reply
    if cloud.keystone:
        assert reply.headers["WWW-Authenticate"] == f'Keystone uri="{cloud.keystone.auth_url}"', reply.headers


def forbidden(reply, rule):
    """Holds a reply to what Cinder says to those who may not."""
    reply.expect(403)
    message = f"Policy doesn't allow {rule} to be performed."
    assert reply.json() == {"forbidden": {"code": 403, "message": message}}, reply


def not_found(reply, text):
    """Holds a reply to what Cinder says of what is not there, or not theirs."""
    reply.expect(404)
    assert reply.json() == {"itemNotFound": {"code": 404, "message": text}}, reply
