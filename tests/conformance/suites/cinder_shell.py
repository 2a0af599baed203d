"""The `cinder` command with a real log-in; what it does without one is in tests/clients."""

from dataclasses import dataclass

from kit.command import output, refusal
from kit.places import KIT, cinder_table, until


@dataclass(frozen=True)
class Cinder:
    """The `cinder` command of one person."""

    environment: dict

    def __call__(self, *arguments):
        """Runs a command and gives the rows of its table."""
        return cinder_table(output([KIT / "bin/cinder", *arguments], self.environment))

    def fields(self, *arguments):
        """Runs a command and gives its table of properties."""
        return {key: value for key, value in (row.values() for row in self(*arguments))}

    def is_told(self, words, *arguments):
        """Runs a command that must fail, and say these words."""
        refusal(words, [KIT / "bin/cinder", *arguments], self.environment)

    def wait(self, show, name, status):
        until(f"{name} to be {status}", lambda: self.fields(show, name)["status"] == status)

    def wait_gone(self, list_, name):
        until(f"{name} to be gone", lambda: name not in [row["Name"] for row in self(list_)])


def life(cloud, report):
    """Everything a member does, then what only an admin may."""
    demo = Cinder(cloud.environment(**cloud.variables("breezeblock")))
    admin = Cinder(cloud.environment(**cloud.variables("breezeblock-admin")))

    def check(name):
        return report.check(f"cinder/{cloud.identity}/{name}")

    with check("create"):
        made = demo.fields("create", "--name", "c-volume", "1")
        assert (made["name"], made["size"]) == ("c-volume", "1"), made
        demo.wait("show", "c-volume", "available")
    with check("snapshot-create"):
        made = demo.fields("snapshot-create", "--name", "c-ice", "--description", "before", "--metadata", "k=v", "c-volume")
        assert (made["name"], made["status"]) == ("c-ice", "creating"), made
        demo.wait("snapshot-show", "c-ice", "available")
    with check("snapshot-create-forced"):
        made = demo.fields(
            "--os-volume-api-version", "3.27", "snapshot-create", "--force", "True", "--name", "c-forced", "c-volume"
        )
        assert made["name"] == "c-forced", made
        demo.wait("snapshot-show", "c-forced", "available")
    with check("snapshot-list"):
        assert {row["Name"] for row in demo("snapshot-list")} == {"c-ice", "c-forced"}
        (row,) = demo("snapshot-list", "--filters", "name=c-ice")
        assert (row["Status"], row["Size"]) == ("available", "1"), row
        assert len(demo("snapshot-list", "--limit", "1")) == 1
        assert [row["Name"] for row in demo("snapshot-list", "--sort", "name:asc")] == ["c-forced", "c-ice"]
    with check("snapshot-rename"):
        demo("snapshot-rename", "--description", "after", "c-ice", "c-snow")
        assert demo.fields("snapshot-show", "c-snow")["description"] == "after"
    with check("snapshot-metadata"):
        demo("snapshot-metadata", "c-snow", "set", "a=1", "b=2")
        assert demo.fields("snapshot-metadata-show", "c-snow") == {"a": "1", "b": "2", "k": "v"}
        demo("snapshot-metadata", "c-snow", "unset", "a", "k")
        assert demo.fields("snapshot-metadata-show", "c-snow") == {"b": "2"}
        demo("snapshot-metadata-update-all", "c-snow", "z=9")
        assert demo.fields("snapshot-metadata-show", "c-snow") == {"z": "9"}
    with check("create-from-snapshot"):
        id_ = demo.fields("snapshot-show", "c-snow")["id"]
        demo("create", "--snapshot-id", id_, "--name", "c-copy", "--poll", "2")
        demo("delete", "c-copy")
        demo.wait_gone("list", "c-copy")
    with check("revert-to-snapshot"):
        demo("revert-to-snapshot", demo.fields("snapshot-show", "c-forced")["id"])
        demo.wait("show", "c-volume", "available")
    with check("extend"):
        demo("extend", "c-volume", "2")
        until("a size of 2", lambda: demo.fields("show", "c-volume")["size"] == "2")
        demo.wait("show", "c-volume", "available")
    with check("limits-and-quota"):
        limits = demo.fields("absolute-limits")
        assert int(limits["totalSnapshotsUsed"]) == 2, limits
        project = demo.fields("snapshot-show", "c-snow")["os-extended-snapshot-attributes:project_id"]
        assert int(admin.fields("quota-show", project)["snapshots"]) == 10
        assert demo("list-filters", "--resource", "snapshot")
    with check("snapshot-reset-state"):
        demo.is_told("403", "snapshot-reset-state", "--state", "error", "c-forced")
        admin("snapshot-reset-state", "--state", "error", "c-forced")
        assert demo.fields("snapshot-show", "c-forced")["status"] == "error"
    with check("snapshot-delete-forced"):
        demo.is_told("403", "snapshot-delete", "--force", "c-forced")
        admin("snapshot-delete", "--force", "c-forced")
        demo.wait_gone("snapshot-list", "c-forced")
    with check("all-tenants"):
        assert "c-snow" in [row["Name"] for row in admin("snapshot-list", "--all-tenants", "1")]
        assert "c-snow" not in [row["Name"] for row in admin("snapshot-list")]
    with check("snapshot-unmanage-and-manage"):
        shown = demo.fields("snapshot-show", "c-snow")
        volume = shown["volume_id"]
        admin("snapshot-unmanage", shown["id"])
        demo.wait_gone("snapshot-list", "c-snow")
        host = admin.fields("show", volume)["os-vol-host-attr:host"]
        listed = admin("snapshot-manageable-list", host)
        assert shown["id"] in str(listed), listed
        admin("snapshot-manage", "--name", "c-back", volume, f"snapshot-{shown['id']}")
        until("the managed snapshot", lambda: admin("snapshot-list", "--all-tenants", "1", "--name", "c-back", "--status", "available"))
        admin("snapshot-delete", "c-back")
        until("no snapshot", lambda: not admin("snapshot-list", "--all-tenants", "1", "--name", "c-back"))
    with check("snapshot-delete"):
        demo("snapshot-create", "--name", "c-last", "c-volume")
        demo.wait("snapshot-show", "c-last", "available")
        demo("snapshot-delete", "c-last")
        demo.wait_gone("snapshot-list", "c-last")
        demo.is_told("No snapshot", "snapshot-show", "c-last")
    with check("delete"):
        demo("delete", "c-volume")
        demo.wait_gone("list", "c-volume")
