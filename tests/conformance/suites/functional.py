"""The clients' own functional tests, unmodified, out of their wheels: what their authors expect of a Cinder."""

import subprocess

import yaml

from kit.outcomes import Outcomes
from kit.places import KIT

PATIENCE = 600
# Of openstackclient and openstacksdk, everything about what the service has; of cinderclient, everything.
OPENSTACKCLIENT = ["test_volume_snapshot", "test_volume", "test_volume_type", "test_service"]
OPENSTACKSDK = [
    "test_availability_zone",
    "test_block_storage_summary",
    "test_capabilities",
    "test_extension",
    "test_limits",
    "test_quota_set",
    "test_resource_filters",
    "test_service",
    "test_snapshot",
    "test_type",
    "test_volume",
]
CINDERCLIENT = [
    "test_cli",
    "test_readonly_cli",
    "test_snapshot_create_cli",
    "test_volume_create_cli",
    "test_volume_extend_cli",
]
# The names that openstacksdk's tests look for, and who they are here.
NAMES = {
    "devstack": "breezeblock",
    "devstack-alt": "breezeblock",
    "devstack-admin": "breezeblock-admin",
    "devstack-system-admin": "breezeblock-admin",
}


def _run(cloud, report, suite, module, environment):
    """Runs a module of tests; each is a check, and that it runs is one more."""
    prefix = f"{suite}/{cloud.identity}/{module.rpartition('.')[2]}"
    home = cloud.folder / "functional"
    home.mkdir(exist_ok=True)
    clouds = {name: cloud.clouds[who] for name, who in NAMES.items()}
    (home / "clouds.yaml").write_text(yaml.safe_dump({"clouds": clouds}))
    environment |= {
        "HOME": str(home),
        "OS_CLIENT_CONFIG_FILE": str(home / "clouds.yaml"),
        "OS_TEST_TIMEOUT": "120",
        "PATH": f"{KIT}/bin:{environment['PATH']}",
    }
    with report.check(f"{prefix}/runs"):
        stream, errors = home / f"{module}.subunit", home / f"{module}.log"
        with stream.open("wb") as output, errors.open("wb") as error_output:
            subprocess.run(
                [KIT / "bin/python", "-W", "ignore", "-m", "subunit.run", module],
                env=environment,
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=error_output,
                timeout=PATIENCE,
                check=False,
            )
        outcomes = Outcomes.read(stream)
        for test, status in sorted(outcomes.status_of.items()):
            id_ = f"{prefix}/{test.removeprefix(module).removeprefix('.')}"
            if status == "success":
                report.passed(id_)
            else:
                report.failed(id_, outcomes.reason(test))
                print(f"FAILED {id_}\n    {outcomes.reason(test)}", flush=True)
        assert outcomes.status_of, f"no test ran: {errors.read_text()[-500:]}"


def openstackclient(cloud, report):
    """Its tests call the `openstack` command as an admin."""
    for module in OPENSTACKCLIENT:
        _run(
            cloud,
            report,
            "osc-functional",
            f"openstackclient.tests.functional.volume.v3.{module}",
            cloud.environment("devstack-admin", **cloud.variables("breezeblock-admin")),
        )


def openstacksdk(cloud, report):
    """Its tests look for the clouds of devstack by name."""
    for module in OPENSTACKSDK:
        _run(
            cloud,
            report,
            "sdk-functional",
            f"openstack.tests.functional.block_storage.v3.{module}",
            cloud.environment(),
        )


def cinderclient(cloud, report):
    """Its tests call the `cinder` command, and want to know where it is."""
    variables = cloud.variables("breezeblock-admin")
    more = {"OS_CINDERCLIENT_EXEC_DIR": str(KIT / "bin"), "OS_TENANT_NAME": variables["OS_PROJECT_NAME"]}
    for module in CINDERCLIENT:
        _run(
            cloud,
            report,
            "cinder-functional",
            f"cinderclient.tests.functional.{module}",
            cloud.environment(**variables, **more),
        )
