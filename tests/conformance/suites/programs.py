"""Programs that other people could have written against a client library: each prints `ok <step>` as it goes on."""

import subprocess

from kit.command import output
from kit.places import CONFORMANCE, KIT, ROOT

PROGRAMS = CONFORMANCE / "programs"
BUILT = KIT / "built"
# Where Debian keeps the sources of Go libraries; nothing is fetched.
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": str(BUILT / "go-cache")}


def _gophercloud(cloud):
    """Builds the program, unless it has been built from what it is now."""
    source, binary = PROGRAMS / "gophercloud_life.go", BUILT / "gophercloud_life"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        BUILT.mkdir(exist_ok=True)
        output(["go", "build", "-o", binary, source], cloud.environment(**GO), cwd=ROOT, patience=600)
    return [binary]


# Each program, and who it says it is.
PROGRAM_OF = {
    "sdk": (lambda _: [KIT / "bin/python", PROGRAMS / "sdk_life.py"], "clouds.yaml"),
    "libcloud": (lambda _: [KIT / "bin/python", PROGRAMS / "libcloud_life.py"], "variables"),
    "gophercloud": (_gophercloud, "variables"),
    "fog": (lambda _: ["ruby", PROGRAMS / "fog_life.rb"], "variables"),
}


def life(name, cloud, report):
    """Runs one of the programs; each step it prints is a check, and that it ends well is one more."""
    command, way = PROGRAM_OF[name]
    who = cloud.environment("breezeblock") if way == "clouds.yaml" else cloud.environment(**cloud.variables("breezeblock"))
    prefix = f"{name}/{cloud.identity}"
    with report.check(f"{prefix}/ends-well"):
        done = subprocess.run(
            command(cloud), env=who, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
        )
        for line in done.stdout.splitlines():
            if line.startswith("ok "):
                report.passed(f"{prefix}/{line.removeprefix('ok ')}")
        assert done.returncode == 0, f"exit code {done.returncode}: {done.stderr or done.stdout}"
        assert not done.stderr, f"it warns: {done.stderr}"
