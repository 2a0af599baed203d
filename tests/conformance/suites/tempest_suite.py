"""Tempest and its plugin for Cinder, unmodified, as they judge a real cloud.

A test that Tempest skips counts as one that did not pass: the configuration leaves no reason to skip any of them.
"""

import subprocess
import sys
from pathlib import Path

from kit.identity import password_of
from kit.outcomes import Outcomes
from kit.places import CONFORMANCE, KIT
from kit.seed import REGION

FOLDER = CONFORMANCE / "tempest"
CONCURRENCY = "2"
STESTR = """\
[DEFAULT]
test_path={package}/test_discover
top_dir={above}
group_regex=([^\\.]*\\.)*
"""
DID_NOT_RUN = "did not run; its class was skipped, or could not be set up"
# More than all of it takes on a machine that is busy with other things.
PATIENCE = 3000


def group(id_):
    """The module of a test, which is what the table counts by."""
    return ".".join(id_.split("[")[0].split(".")[:-2])


def _workspace(cloud):
    """A folder that `stestr` and Tempest find themselves configured in."""
    folder = cloud.folder / "tempest"
    (folder / "locks").mkdir(parents=True)
    text = (FOLDER / "tempest.conf").read_text()
    (folder / "tempest.conf").write_text(
        text.format(
            folder=folder,
            auth_url=cloud.keystone.auth_url,
            region=REGION,
            admin_password=password_of("admin"),
        )
    )
    (package,) = Path(KIT / "lib").glob("python3*/site-packages/tempest")
    (folder / ".stestr.conf").write_text(STESTR.format(package=package, above=package.parent))
    return folder


def run(cloud, report, ids):
    """Runs the tests with these ids, and reports each."""
    folder = _workspace(cloud)
    (folder / "ids").write_text("\n".join(ids) + "\n")
    environment = cloud.environment(TEMPEST_CONFIG_DIR=str(folder), TEMPEST_CONFIG="tempest.conf")
    environment["PATH"] = f"{KIT}/bin:{environment['PATH']}"
    log = folder / "stestr.log"
    with log.open("w") as output:
        subprocess.run(
            ["stestr", "run", "--load-list", "ids", "--concurrency", CONCURRENCY],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=PATIENCE,
            check=False,
        )
    last = subprocess.run(
        ["stestr", "last", "--subunit"], cwd=folder, env=environment, capture_output=True, timeout=120, check=False
    )
    (folder / "subunit").write_bytes(last.stdout)
    outcomes = Outcomes.read(folder / "subunit")
    if not outcomes.status_of:
        print(log.read_text()[-5000:], last.stderr.decode(errors="replace"), file=sys.stderr)
    _report(outcomes, report, ids)


def _report(outcomes, report, ids):
    for id_ in ids:
        status = outcomes.status_of.get(id_)
        if status == "success":
            report.passed(id_)
            continue
        if status is not None:
            reason = outcomes.reason(id_)
        else:
            reason = DID_NOT_RUN
            class_ = id_.split("[")[0].rpartition(".")[0]
            for fixture in outcomes.status_of:
                if class_ in fixture and fixture not in ids:
                    reason = f"{fixture}: {outcomes.reason(fixture)}"
        report.failed(id_, reason)
        print(f"FAILED {id_}\n    {reason}", flush=True)
