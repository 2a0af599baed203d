"""What becomes of a token: it ends, it is revoked, it is asked about once; and it is never written down."""

import threading
import time

from kit import keystone
from kit.cloud import TOKEN_CACHE_TIME
from kit.identity import revoke, token
from kit.places import until
from suites.api import Caller, unauthorized

# Long enough to use a token, and short enough to wait for its end.
SHORT_LIFE = 5
CALLERS = 8
CALLS = 25


def _short_lived(cloud, user, project):
    """A token that soon ends, from a second Keystone with the same database and keys."""
    issuing = keystone.Keystone(cloud.keystone.folder, lifetime=SHORT_LIFE)
    with keystone.running(issuing):
        return token(issuing.base, user, project)


def _ended(caller):
    """Waits until a token has ended."""
    until("the end of a token", lambda: caller("GET", "/snapshots").status == 401, patience=SHORT_LIFE + TOKEN_CACHE_TIME)


def run(cloud, report):
    """All of it against one cloud; gives the tokens that were used."""
    used = []

    def check(name):
        return report.check(f"tokens/{cloud.identity}/{name}")

    def caller(issued):
        used.append(issued.id)
        return Caller(cloud.base, issued.project, {"X-Auth-Token": issued.id})

    with check("expired"):
        short = caller(_short_lived(cloud, "demo", "demo"))
        began = time.monotonic()
        short("GET", "/snapshots").expect(200)
        _ended(short)
        # It was in the cache, and yet it may not outlive what Keystone said.
        assert time.monotonic() - began <= SHORT_LIFE + 1, "a token was believed after its end"
        unauthorized(short("GET", "/snapshots"), cloud)
    with check("expired-with-service-token"):
        service = token(cloud.keystone.base, "cinder", "service").id
        stranger = token(cloud.keystone.base, "alt", "alt").id
        used.extend((service, stranger))
        short.sending(X_Service_Token=service)("GET", "/snapshots").expect(200)
        unauthorized(short.sending(X_Service_Token=stranger)("GET", "/snapshots"), cloud)
        unauthorized(short.sending(X_Service_Token="nonsense")("GET", "/snapshots"), cloud)
        # It does not help a token that never was, nor what comes without it.
        unauthorized(short.sending(X_Auth_Token="nonsense", X_Service_Token=service)("GET", "/snapshots"), cloud)
        unauthorized(short("GET", "/snapshots"), cloud)
    with check("revoked"):
        issued = token(cloud.keystone.base, "demo", "demo")
        revoked = caller(issued)
        revoked("GET", "/snapshots").expect(200)
        revoke(cloud.keystone.base, issued)
        began = time.monotonic()
        until("the end of the token", lambda: revoked("GET", "/snapshots").status == 401, patience=2 * TOKEN_CACHE_TIME)
        assert time.monotonic() - began <= TOKEN_CACHE_TIME + 1, "a revoked token was believed too long"
    with check("revoked-before-it-was-seen"):
        issued = token(cloud.keystone.base, "demo", "demo")
        revoke(cloud.keystone.base, issued)
        unauthorized(caller(issued)("GET", "/snapshots"), cloud)
    with check("one-call-per-cache-period"):
        issued = token(cloud.keystone.base, "demo", "demo")
        _counted(cloud, caller(issued), issued.id)
    return used


def _counted(cloud, caller, id_):
    """Many requests at once, longer than one period: Keystone may hear of the token once in each."""
    began = time.monotonic()
    statuses = []

    def work():
        while time.monotonic() < began + 1.5 * TOKEN_CACHE_TIME:
            statuses.extend(caller("GET", "/snapshots").status for _ in range(CALLS))

    threads = [threading.Thread(target=work) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    periods = int((time.monotonic() - began) / TOKEN_CACHE_TIME) + 1
    assert set(statuses) == {200}, f"not all were served: {set(statuses)}"
    assert len(statuses) >= CALLERS * CALLS, "too few requests for this to show anything"
    # uwsgi writes its log when it has replied.
    counted = until("the validations in Keystone's log", lambda: cloud.keystone.validations()[id_])
    print(f"    {len(statuses)} requests in {periods} periods of the cache: {counted} validations", flush=True)
    assert counted <= periods, f"{counted} validations in {periods} periods"
