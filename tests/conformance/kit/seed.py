"""The cloud that Keystone knows: made once, and copied for each run, since making it takes longer than a test may."""

import grp
import hashlib
import inspect
import os
import pwd
import shutil
import sqlite3
import subprocess
import sys

from kit.identity import DEFAULT, Admin, password_of
from kit.places import KEYSTONE

REGION = "RegionOne"
# Each user, its project, and its role there. `cinder` is whom the service itself is, and `reader` may also read in the
# domain.
USERS = [
    ("demo", "demo", "member"),
    ("reader", "demo", "reader"),
    ("alt", "alt", "member"),
    ("cinder", "service", "service"),
    ("service", "demo", "service"),
]
PROJECTS = ["demo", "alt", "service"]
# Type and name of each service, and its URL, whose host is set when a copy is taken.
SERVICES = {
    ("volumev3", "cinderv3"): "http://volume.invalid/v3/$(project_id)s",
    ("block-storage", "cinder"): "http://volume.invalid/v3/$(project_id)s",
    ("network", "neutron"): "http://network.invalid",
    ("identity", "keystone"): "http://identity.invalid",
}
CONFIGURATION = """\
[DEFAULT]
log_file = {folder}/keystone.log
[database]
# Its processes wait for each other, and what a power cut would do to it is not what is tried here.
connection = sqlite:///{folder}/keystone.sqlite?timeout=60
sqlite_synchronous = False
[token]
provider = fernet
expiration = {lifetime}
[cache]
# In its one process.
backend = dogpile.cache.memory
[fernet_tokens]
key_repository = {folder}/fernet-keys
[credential]
key_repository = {folder}/credential-keys
[identity]
# Tempest makes many users, and nobody attacks them.
password_hash_rounds = 4
"""


def configure(folder, name, lifetime):
    """Writes a configuration file of Keystone whose tokens live so many seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(CONFIGURATION.format(folder=folder, lifetime=lifetime))
    return file


def _version():
    """A digest of all that the template depends on."""
    sources = "".join(inspect.getsource(sys.modules[module]) for module in ("kit.seed", "kit.identity"))
    return hashlib.sha256(sources.encode()).hexdigest()[:12]


def _manage(configuration, *arguments):
    program = KEYSTONE / "bin/keystone-manage"
    done = subprocess.run(
        [program, "--config-file", configuration, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"keystone-manage {arguments[0]}:\n{done.stdout}{done.stderr}"


def _bootstrap(folder):
    """A schema, keys, the default roles with their implications, and the user `admin`."""
    configuration = configure(folder, "manage.conf", 3600)
    _manage(configuration, "db_sync")
    # The keys belong to whom Keystone will run as, which is whoever runs this.
    owner = ["--keystone-user", pwd.getpwuid(os.getuid()).pw_name, "--keystone-group", grp.getgrgid(os.getgid()).gr_name]
    _manage(configuration, "fernet_setup", *owner)
    _manage(configuration, "credential_setup", *owner)
    _manage(configuration, "bootstrap", "--bootstrap-password", password_of("admin"), "--bootstrap-region-id", REGION)


def _fill(base):
    """Projects, users, their roles, and the catalog."""
    admin = Admin(base)
    roles = {name: admin.id_of("role", name) for name in ("member", "reader", "service")}
    projects = {name: admin.make("project", name=name, domain_id=DEFAULT["id"]) for name in PROJECTS}
    for user, project, role in USERS:
        user_id = admin.make("user", name=user, password=password_of(user), domain_id=DEFAULT["id"])
        admin.grant(user_id, roles[role], f"projects/{projects[project]}")
        if user == "reader":
            admin.grant(user_id, roles[role], f"domains/{DEFAULT['id']}")
    for (type_, name), url in SERVICES.items():
        service = admin.make("service", type=type_, name=name)
        for interface in ("public", "internal", "admin"):
            admin.make("endpoint", service_id=service, interface=interface, region_id=REGION, url=url)


def template(start):
    """The folder with the database and the keys to copy; `start(folder)` runs a Keystone on it meanwhile."""
    made = KEYSTONE / f"cloud-{_version()}"
    if not made.exists():
        for old in KEYSTONE.glob("cloud-*"):
            shutil.rmtree(old)
        unfinished = KEYSTONE / "unfinished-cloud"
        shutil.rmtree(unfinished, ignore_errors=True)
        _bootstrap(unfinished)
        with start(unfinished) as base:
            _fill(base)
        unfinished.rename(made)
    return made


def copy(template_folder, folder, **addresses):
    """A cloud of one's own, whose catalog names these addresses."""
    folder.mkdir(parents=True)
    shutil.copy(template_folder / "keystone.sqlite", folder)
    for keys in ("fernet-keys", "credential-keys"):
        shutil.copytree(template_folder / keys, folder / keys)
    database = sqlite3.connect(folder / "keystone.sqlite")
    # Readers and a writer do not lock each other out; otherwise Keystone now and then fails under Tempest's load.
    database.execute("PRAGMA journal_mode = WAL")
    with database:
        for name, address in addresses.items():
            database.execute("UPDATE endpoint SET url = replace(url, ?, ?)", (f"{name}.invalid", address))
    database.close()
