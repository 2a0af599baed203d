"""The service with an identity in front of it, as users meet it: an address, a catalog, and who they are."""

import contextlib
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kit import keystone as real_keystone
from kit import network
from kit.identity import password_of
from kit.places import Server, free_port
from kit.seed import REGION

# What `breezeblock clouds-yaml` calls those who use it, and who they are under a real Keystone.
PEOPLE = {
    "breezeblock": ("demo", "demo"),
    "breezeblock-admin": ("admin", "admin"),
    "breezeblock-reader": ("reader", "demo"),
}
TOKEN_CACHE_TIME = 3
IDENTITIES = ("dev", "keystone")


@dataclass
class Cloud:
    """A running service and its identity."""

    identity: str
    folder: Path
    service: Server
    keystone: real_keystone.Keystone | None = None
    clouds: dict = field(default_factory=dict)

    @property
    def base(self):
        return self.service.base

    def environment(self, who=None, **more):
        """The variables of a client's process: `OS_CLOUD` for `who`, or none; nothing of the caller's own cloud."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OS_", "CINDER", "BREEZEBLOCK"))}
        mine = {
            "HOME": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OS_CLIENT_CONFIG_FILE": str(self.folder / "clouds.yaml"),
        }
        return kept | mine | ({"OS_CLOUD": who} if who else {}) | more

    def variables(self, who):
        """The same person in the variables that clients without clouds.yaml read."""
        auth = self.clouds[who]["auth"]
        return {f"OS_{key.upper()}": value for key, value in auth.items()} | {
            "OS_REGION_NAME": self.clouds[who].get("region_name", REGION),
            "OS_IDENTITY_API_VERSION": "3",
            # gophercloud 0.12 knows one domain for user and project.
            "OS_DOMAIN_NAME": auth["user_domain_name"],
        }


def _clouds_yaml(base):
    """What `breezeblock clouds-yaml` prints for its own identity, for a real Keystone."""

    def one(user, project):
        domains = {"user_domain_name": "Default", "project_domain_name": "Default"}
        who = {"username": user, "password": password_of(user), "project_name": project}
        return {"region_name": REGION, "auth": {"auth_url": base} | who | domains}

    return yaml.safe_dump({"clouds": {name: one(*who) for name, who in PEOPLE.items()}})


def _keystone_settings(real):
    return {
        "BREEZEBLOCK__AUTH__STRATEGY": "keystone",
        "BREEZEBLOCK__KEYSTONE__AUTH_URL": real.auth_url,
        "BREEZEBLOCK__KEYSTONE__USERNAME": "cinder",
        "BREEZEBLOCK__KEYSTONE__PASSWORD": password_of("cinder"),
        "BREEZEBLOCK__KEYSTONE__USER_DOMAIN_NAME": "Default",
        "BREEZEBLOCK__KEYSTONE__PROJECT_NAME": "service",
        "BREEZEBLOCK__KEYSTONE__PROJECT_DOMAIN_NAME": "Default",
        "BREEZEBLOCK__KEYSTONE__TOKEN_CACHE_TIME": str(TOKEN_CACHE_TIME),
    }


@contextlib.contextmanager
def _serving(program, folder, settings):
    server = Server(program, folder, f"sqlite://{folder}/state.db", settings)
    server.start()
    try:
        yield server
        assert server.alive(), f"the service ended:\n{server.log()[-5000:]}"
        assert "panicked" not in server.log(), "the service panicked; see its log"
    finally:
        if server.running:
            server.kill()


@contextlib.contextmanager
def running(program, folder, identity, settings=None):
    """A cloud of its own in `folder`, which must not exist yet."""
    folder.mkdir(parents=True)
    # Its address must be in Keystone's catalog before it starts.
    address = f"127.0.0.1:{free_port()}"
    settings = {"BREEZEBLOCK__SERVER__BIND": address} | (settings or {})
    with contextlib.ExitStack() as stack:
        real = None
        if identity == "keystone":
            neutron = stack.enter_context(network.running())
            real = real_keystone.prepared(folder / "keystone", volume=address, network=neutron)
            stack.enter_context(real_keystone.running(real))
            settings = _keystone_settings(real) | settings
            text = _clouds_yaml(real.auth_url)
        else:
            settings = {"BREEZEBLOCK__AUTH__STRATEGY": "dev"} | settings
            text = subprocess.run(
                [program, "clouds-yaml"], env=os.environ | settings, capture_output=True, text=True, check=True
            ).stdout
        (folder / "clouds.yaml").write_text(text)
        service = stack.enter_context(_serving(program, folder, settings))
        yield Cloud(identity, folder, service, real, yaml.safe_load(text)["clouds"])
