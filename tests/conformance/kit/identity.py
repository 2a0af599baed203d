"""Keystone's v3 API as far as the kit itself calls it: to fill the cloud, and to fetch and revoke tokens."""

from dataclasses import dataclass

from kit.wire import call

DEFAULT = {"id": "default"}


def password_of(name):
    """The password of a user of the kit; long enough to be found in a log."""
    return f"password-of-{name}"


@dataclass(frozen=True)
class Token:
    """A token and what Keystone says about it."""

    id: str
    content: dict

    @property
    def project(self):
        return self.content["project"]["id"]


def token(base, user, project=None, scope=None):
    """A new token of a user in a project, in another scope, or in none."""
    who = {"name": user, "domain": DEFAULT, "password": password_of(user)}
    auth = {"identity": {"methods": ["password"], "password": {"user": who}}}
    if project:
        scope = {"project": {"name": project, "domain": DEFAULT}}
    reply = call("POST", f"{base}/v3/auth/tokens", {"auth": auth | ({"scope": scope} if scope else {})}).expect(201)
    return Token(reply.headers["X-Subject-Token"], reply.json()["token"])


def revoke(base, revoked):
    """Revokes a token, as its owner does."""
    call("DELETE", f"{base}/v3/auth/tokens", headers={"X-Auth-Token": revoked.id, "X-Subject-Token": revoked.id}).expect(204)


class Admin:
    """Makes things in a Keystone, with the rights of the user that its bootstrap made."""

    def __init__(self, base):
        self._base = base
        self._headers = {"X-Auth-Token": token(base, "admin", "admin").id}

    def make(self, kind, **properties):
        """Makes a `project`, `user`, … and gives its id."""
        reply = call("POST", f"{self._base}/v3/{kind}s", {kind: properties}, self._headers).expect(201)
        return reply.json()[kind]["id"]

    def id_of(self, kind, name):
        """The id of the one thing of a kind that has the name."""
        (found,) = call("GET", f"{self._base}/v3/{kind}s?name={name}", headers=self._headers).expect(200).json()[f"{kind}s"]
        return found["id"]

    def grant(self, user, role, where):
        """Gives a user a role, both by id, in `projects/<id>` or `domains/<id>`."""
        path = f"{where}/users/{user}/roles/{role}"
        call("PUT", f"{self._base}/v3/{path}", headers=self._headers).expect(204)
