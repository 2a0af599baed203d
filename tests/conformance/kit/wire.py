"""Plain HTTP, for what must be said exactly as it goes over the wire."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message


@dataclass(frozen=True)
class Reply:
    """What came back, whatever the status."""

    status: int
    headers: Message
    body: bytes

    def json(self):
        return json.loads(self.body)

    def expect(self, *statuses):
        """This reply, which must have one of the statuses."""
        assert self.status in statuses, f"{self.status}, not {statuses}: {self.body.decode(errors='replace')[:500]}"
        return self


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


# Proxies of the machine have nothing to say about what runs on it.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def call(method, url, body=None, headers=None, timeout=60):
    """Sends one request; `body` is sent as JSON, or as it is if it is bytes."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body else {}) | (headers or {})
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with _OPENER.open(request, timeout=timeout) as reply:
            return Reply(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())
