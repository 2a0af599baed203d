"""A user of Apache Libcloud, who knows volumes and snapshots only. Prints each step that went well."""

import os
import time

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider


def ok(step):
    print("ok", step, flush=True)


def until(what, probe):
    deadline = time.monotonic() + 60
    while not probe():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)


driver = get_driver(Provider.OPENSTACK)(
    os.environ["OS_USERNAME"],
    os.environ["OS_PASSWORD"],
    api_version="2.2",
    ex_force_auth_version="3.x_password",
    # It adds /v3/auth/tokens.
    ex_force_auth_url=os.environ["OS_AUTH_URL"].removesuffix("/v3"),
    ex_tenant_name=os.environ["OS_PROJECT_NAME"],
    ex_domain_name="Default",
    ex_force_service_region=os.environ["OS_REGION_NAME"],
)
driver.list_volumes()
ok("log-in")

volume = driver.create_volume(1, "libcloud-volume")
until("the volume", lambda: driver.ex_get_volume(volume.id).extra["state"] == "available")
ok("volume-create")

snapshot = driver.create_volume_snapshot(volume, name="libcloud-ice", ex_description="before", ex_force=True)
until("the snapshot", lambda: driver.list_volume_snapshots(volume)[0].state == "available")
ok("snapshot-create")

(found,) = driver.list_volume_snapshots(volume)
assert (found.id, found.name, found.size) == (snapshot.id, "libcloud-ice", 1), found
assert found.created is not None
ok("snapshot-list")

assert driver.destroy_volume_snapshot(snapshot)
until("the end of the snapshot", lambda: not driver.list_volume_snapshots(volume))
ok("snapshot-delete")

assert driver.destroy_volume(volume)
until("the end of the volume", lambda: volume.id not in [found.id for found in driver.list_volumes()])
ok("volume-delete")
