"""Programs that serve: breezeblock and the ceiling."""

import os
import signal
import socket
import subprocess
import time

PATIENCE = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A program that runs until the end of the `with`."""

    def __init__(self, command, environment, log, port, path):
        self.port = port
        self.path = path
        self.log = log
        self.started = time.monotonic()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self):
        return self.process.pid

    def pids(self):
        return [self.pid]

    def wait(self):
        """Asks without a pause to speak of, because the time to the first answer is a figure too."""
        while True:
            if self.process.poll() is not None or time.monotonic() - self.started > PATIENCE:
                raise RuntimeError(f"it does not answer\n{self.log.read_text()[-4000:]}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                    connection.sendall(f"GET {self.path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
                    if b" 200 " in connection.recv(4096)[:20]:
                        self.ready = time.monotonic() - self.started
                        return
            except OSError:
                pass
            time.sleep(0.0005)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def settings(database, folder, **more):
    """Defaults, but for where things are, and for quotas that nobody reaches."""
    return {
        "BREEZEBLOCK__DATABASE__URL": database.url,
        "BREEZEBLOCK__STORAGE__PATH": str(folder),
        "BREEZEBLOCK__STORAGE__HOST": "bench",
        "BREEZEBLOCK__QUOTA__VOLUMES": "-1",
        "BREEZEBLOCK__QUOTA__SNAPSHOTS": "-1",
        "BREEZEBLOCK__QUOTA__GIGABYTES": "-1",
        **more,
    }


def breezeblock(bench, database, folder, *, worker, **more):
    """The real server on a port of its own. Without a worker nothing looks for the bytes of rows that have none."""
    port = free_port()
    environment = settings(
        database,
        folder,
        BREEZEBLOCK__SERVER__BIND=f"127.0.0.1:{port}",
        BREEZEBLOCK__WORKER__ENABLED="true" if worker else "false",
        **more,
    )
    command = [bench.programs / "breezeblock", "serve"]
    return Program(command, environment, bench.folder / f"server-{port}.log", port, "/healthcheck")


def ceiling(bench, replies):
    """What repeats the replies in the folder; one of them is called `ready`."""
    port = free_port()
    (replies / "ready.http").write_bytes(b"HTTP/1.1 200 OK\r\n\r\n")
    command = [bench.programs / "examples" / "ceiling", f"127.0.0.1:{port}", str(replies)]
    return Program(command, {}, bench.folder / f"ceiling-{port}.log", port, "/ready/")


def migrate(bench, database):
    command = [bench.programs / "breezeblock", "migrate"]
    environment = {**os.environ, **settings(database, bench.folder)}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"cannot migrate\n{done.stderr}")
