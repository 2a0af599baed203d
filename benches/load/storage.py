"""Snapshots of the file driver, from the request to `available`, against cp with the same file on the same disk."""

import contextlib
import os
import statistics
import subprocess
import time

import server
from client import Client
from plan import ROOT

MIB = 1 << 20
GIB = 1 << 30
CLONES = 20
COPIES = 3


def run(bench, make):
    """`make` makes a database by name."""
    if not bench.wants("storage"):
        return
    with xfs(bench) as folder:
        if folder is None:
            print("  no reflink: this needs root, mkfs.xfs and loop devices")
        else:
            database = make("reflink")
            with taken(bench, database, folder, [(0, GIB)]) as (port, volume, file):
                with Client(port) as client:
                    ours = [snapshot(client, volume) for _ in range(CLONES)]
                cp = [copy("--reflink=always", file) for _ in range(CLONES)]
            bench.results.fact("reflink snapshot, ms", database.kind, statistics.median(ours))
            bench.results.fact("cp --reflink=always, ms", database.kind, statistics.median(cp))
    database = make("sparse")
    folder = bench.folder / f"sparse-{database.kind}"
    if reflinks(bench.folder):
        print("  no sparse copy: this file system makes reflinks; TMPDIR on another one helps")
        return
    # A quarter of it, in pieces.
    pieces = [(start, 4 * MIB) for start in range(0, GIB, 16 * MIB)]
    with taken(bench, database, folder, pieces) as (port, volume, file):
        ours, cp = [], []
        for _ in range(COPIES):
            # A connection of its own: one that is idle for as long as a copy takes is closed.
            with Client(port) as client:
                ours.append(snapshot(client, volume))
            cp.append(copy("--sparse=always", file))
    bench.results.fact("sparse snapshot, ms", database.kind, statistics.median(ours))
    bench.results.fact("cp --sparse=always, ms", database.kind, statistics.median(cp))


@contextlib.contextmanager
def taken(bench, database, folder, pieces):
    """A server that works: its port, a volume of 1 GiB, and the file in which `pieces`, (start, length) each, are written."""
    with server.breezeblock(bench, database, folder, worker=True) as program:
        with Client(program.port) as client:
            volume = client.ask("POST", f"{ROOT}/volumes", '{"volume": {"size": 1}}').json()["volume"]["id"]
            until_available(client, f"{ROOT}/volumes/{volume}", "volume")
        file = folder / "volumes" / f"volume-{volume}"
        block = os.urandom(MIB)
        with file.open("r+b") as opened:
            for start, length in pieces:
                opened.seek(start)
                for _ in range(length // MIB):
                    opened.write(block)
            os.fsync(opened.fileno())
        yield program.port, volume, file


def snapshot(client, volume):
    """Milliseconds from the request until it is available. It is gone afterwards."""
    body = f'{{"snapshot": {{"volume_id": "{volume}"}}}}'
    begun = time.perf_counter()
    path = f"{ROOT}/snapshots/{client.ask('POST', f'{ROOT}/snapshots', body).json()['snapshot']['id']}"
    until_available(client, path, "snapshot")
    taken_for = time.perf_counter() - begun
    client.ask("DELETE", path)
    gone = client.prepared("GET", path)
    while client.exchange(gone).status != 404:
        time.sleep(0.001)
    return taken_for * 1000


def until_available(client, path, kind):
    while (status := client.ask("GET", path).json()[kind]["status"]) != "available":
        if status == "error":
            raise RuntimeError(f"{path} ended in error")
        time.sleep(0.0005)


def copy(how, file):
    """Milliseconds that cp and sync take."""
    target = file.with_name("copy")
    begun = time.perf_counter()
    subprocess.run(["cp", how, file, target], check=True)
    with target.open("rb") as opened:
        os.fsync(opened.fileno())
    taken_for = time.perf_counter() - begun
    target.unlink()
    return taken_for * 1000


def reflinks(folder):
    """Whether the file system shares blocks between files."""
    source, target = folder / "source", folder / "target"
    source.write_bytes(b"x" * MIB)
    done = subprocess.run(["cp", "--reflink=always", source, target], stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@contextlib.contextmanager
def xfs(bench):
    """A folder on an XFS of its own, or None where there can be none."""
    image, folder = bench.folder / "xfs.img", bench.fresh_folder("xfs")
    image.unlink(missing_ok=True)
    with image.open("wb") as opened:
        opened.truncate(6 * GIB)
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    quiet = {"env": {**os.environ, "PATH": path}, "capture_output": True}
    try:
        subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", image], check=True, **quiet)
        subprocess.run(["mount", "-o", "loop", image, folder], check=True, **quiet)
    except (OSError, subprocess.CalledProcessError):
        image.unlink()
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True, **quiet)
        image.unlink()
