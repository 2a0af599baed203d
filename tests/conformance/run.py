#!/usr/bin/env python3
"""Other people's programs against the real binary: whether they find a Cinder.

    run.py BINARY clients [WORDS]     the clients, under the built-in identity and under a real Keystone
    run.py BINARY identity [WORDS]    roles, projects, tokens and an outage, under a real Keystone
    run.py BINARY tempest [WORDS]     Tempest, under a real Keystone

Only what has all the words in its id is run. What must pass is in `passing.txt` of the folder of each part, and what
is known not to in its `missing.txt`; it fails if an id of the first does not pass, or if one fails that is in neither.
"""

import argparse
import contextlib
import functools
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from kit import cloud as clouds  # noqa: E402
from kit.history import taken_away  # noqa: E402
from kit.places import CONFORMANCE  # noqa: E402
from kit.report import Lists, Report, table  # noqa: E402
from suites import (  # noqa: E402
    cinder_shell,
    deltacloud,
    functional,
    osc,
    outage,
    programs,
    secrets,
    strangers,
    tempest_suite,
    tenancy,
    tokens,
)

# The clients' own tests leave things behind when they fail, and a full quota would hide what comes after.
ROOM = {"BREEZEBLOCK__QUOTA__VOLUMES": "50"}
# Seconds for which Keystone is away.
OUTAGE = 8.0
CLIENTS = {
    "cinder": cinder_shell.life,
    "osc": osc.life,
    **{name: functools.partial(programs.life, name) for name in programs.PROGRAM_OF},
    "cinder-functional": functional.cinderclient,
    "osc-functional": functional.openstackclient,
    "sdk-functional": functional.openstacksdk,
}


def first_two(id_):
    """Suite and identity of a check, which is what the table counts by."""
    return "/".join(id_.split("/")[:2])


def clients(told, folder, report):
    """Each client with each identity; the two identities side by side, as the time goes into starting Python."""

    def under(identity):
        chosen = [suite for name, suite in CLIENTS.items() if told.wants(f"{name}/{identity}")]
        if not chosen:
            return
        with clouds.running(told.program, folder / identity, identity, ROOM) as cloud:
            for suite in chosen:
                suite(cloud, report)

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(under, identity) for identity in clouds.IDENTITIES]:
            done.result()


def identity(told, folder, report):
    """What only shows when somebody else says who is asking."""
    suites = {
        "tenancy": tenancy.run,
        "strangers": strangers.run,
        "tokens": tokens.run,
        "deltacloud": deltacloud.run,
        "outage": functools.partial(outage.run, duration=told.outage),
    }
    with clouds.running(told.program, folder / "identity", "keystone", ROOM) as cloud:
        used = []
        for name, suite in suites.items():
            if told.wants(f"{name}/keystone"):
                used += suite(cloud, report)
        if told.wants("secrets/keystone"):
            secrets.run(cloud, report, used)


def tempest(told, folder, report):
    """The ids of both lists: those known to fail may have begun to pass."""
    lists = Lists.read(CONFORMANCE / "tempest")
    ids = [id_ for id_ in sorted([*lists.passing, *lists.missing]) if told.wants(id_)]
    with clouds.running(told.program, folder / "tempest", "keystone") as cloud:
        tempest_suite.run(cloud, report, ids)


# Each part, what its table counts by, and what words choose from.
PARTS = {
    "clients": (clients, first_two, first_two),
    "identity": (identity, first_two, first_two),
    "tempest": (tempest, tempest_suite.group, str),
}


def finish(part, report, told):
    """Prints the table of a part and what is wrong with it; whether nothing is."""
    _, group, chosen_by = PARTS[part]
    lists = Lists.read(CONFORMANCE / part)
    new, wrong = report.judge(lists, lambda id_: told.wants(chosen_by(id_)))
    gone = taken_away(CONFORMANCE / part / "passing.txt", lists.passing)
    wrong += [f"{id_}: was taken out of passing.txt, which only ever grows" for id_ in gone]
    print(f"\n{table(part, report.outcomes, lists, group)}\n")
    if new:
        print("These pass, and are to be added to passing.txt:", *sorted(new), sep="\n", end="\n\n")
    if wrong:
        print("These are wrong:", *sorted(wrong), sep="\n", end="\n\n")
    print(f"{sum(reason is None for reason in report.outcomes.values())} passed, {len(wrong)} failed", flush=True)
    return not wrong and bool(report.outcomes)


@contextlib.contextmanager
def workplace(keep):
    """The folder for all that a run leaves."""
    if keep:
        keep.mkdir(parents=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="breezeblock-conformance.") as name:
        yield Path(name)


def main():
    # So that what was started ends with whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("program", type=lambda text: Path(text).resolve())
    arguments.add_argument("part", choices=PARTS)
    arguments.add_argument("words", nargs="*")
    arguments.add_argument("--keep", type=Path, metavar="FOLDER", help="where to leave all logs")
    arguments.add_argument("--outage", type=float, default=OUTAGE, metavar="SECONDS", help="how long Keystone is away")
    told = arguments.parse_intermixed_args()
    told.wants = lambda text: all(word in text for word in told.words)
    began = time.monotonic()
    report = Report()
    with workplace(told.keep) as folder:
        PARTS[told.part][0](told, folder, report)
    good = finish(told.part, report, told)
    print(f"{told.part} took {time.monotonic() - began:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
