"""A real Keystone under uwsgi, as a deployment has it, with a database of its own."""

import contextlib
import os
import re
import signal
import subprocess
from collections import Counter

from kit import seed
from kit.places import KEYSTONE, free_port, until
from kit.wire import call

LIFETIME = 3600
# Of which the tests count the validations; the token shows in this file only, which ends with the test.
ACCESS = "%(method) %(uri) %(status) %(var.HTTP_X_SUBJECT_TOKEN)"
VALIDATION = re.compile(r"^(?:GET|HEAD) /v3/auth/tokens\S* (\d+) (\S+)$", re.MULTILINE)


class Keystone:
    """May be stopped, killed and started again; its port and all it knows stay."""

    def __init__(self, folder, port=None, lifetime=LIFETIME):
        self.folder = folder
        self.port = port or free_port()
        self._name = f"tokens-{lifetime}"
        self._configuration = seed.configure(folder, f"{self._name}.conf", lifetime)
        self._access = folder / f"{self._name}.access.log"
        self._process = None

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth_url(self):
        return f"{self.base}/v3"

    def start(self):
        """Starts it and waits until it answers."""
        assert self._process is None
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OS_")}
        log = self.folder / f"{self._name}.uwsgi.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    KEYSTONE / "bin/uwsgi",
                    f"--http-socket=127.0.0.1:{self.port}",
                    "--module=keystone.wsgi.api:application",
                    f"--virtualenv={KEYSTONE}",
                    "--master",
                    "--processes=1",
                    "--lazy-apps",
                    "--no-orphans",
                    "--die-on-term",
                    "--need-app",
                    "--buffer-size=65535",
                    # It closes the connection after each reply, and clients that are not told ask on it again.
                    "--add-header=Connection: close",
                    f"--logformat={ACCESS}",
                    f"--req-logger=file:{self._access}",
                ],
                env=environment | {"OS_KEYSTONE_CONFIG_FILES": str(self._configuration)},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

        def answers():
            assert self._process.poll() is None, f"Keystone ended at its start:\n{log.read_text()[-3000:]}"
            with contextlib.suppress(OSError):
                return call("GET", self.auth_url).status == 200

        try:
            until("Keystone", answers)
        except BaseException:
            self.kill()
            raise
        return self

    def kill(self):
        """Ends it at once, with all its processes."""
        self._end(signal.SIGKILL)

    def stop(self):
        """Ends it as its init system does."""
        self._end(signal.SIGTERM)

    def _end(self, how):
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def validations(self):
        """How often each token was asked about."""
        return Counter(token for _, token in VALIDATION.findall(self._access.read_text()))


@contextlib.contextmanager
def running(keystone):
    """Starts it, and ends it whatever happens."""
    keystone.start()
    try:
        yield keystone
    finally:
        keystone.kill()


@contextlib.contextmanager
def _for_the_template(folder):
    with running(Keystone(folder)) as keystone:
        yield keystone.base


def prepared(folder, **addresses):
    """A Keystone, not yet started, with users and a catalog of these addresses."""
    port = free_port()
    seed.copy(seed.template(_for_the_template), folder, identity=f"127.0.0.1:{port}", **addresses)
    return Keystone(folder, port)
