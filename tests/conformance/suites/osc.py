"""python-openstackclient: the life of a snapshot, as its user types it."""

from kit.command import Openstack
from kit.places import KIT


def life(cloud, report):
    """Everything a member does, then what only an admin may."""
    demo = Openstack(KIT / "bin/openstack", cloud.environment("breezeblock"))
    admin = Openstack(KIT / "bin/openstack", cloud.environment("breezeblock-admin"))
    reader = Openstack(KIT / "bin/openstack", cloud.environment("breezeblock-reader"))

    def check(name):
        return report.check(f"osc/{cloud.identity}/{name}")

    with check("token-issue"):
        issued = demo.read("token", "issue")
        assert issued["id"] and issued["project_id"], issued
    with check("catalog-list"):
        types = {row["Type"] for row in demo.read("catalog", "list")}
        assert {"block-storage", "identity", "volumev3"} <= types, types
    with check("volume-create"):
        made = demo.read("volume", "create", "--size", "1", "--description", "for work", "osc-volume")
        assert (made["name"], made["size"], made["status"]) == ("osc-volume", 1, "creating"), made
        demo.wait("volume", "osc-volume", "available")
    with check("snapshot-create"):
        made = demo.read(
            *("volume", "snapshot", "create", "--volume", "osc-volume", "--description", "before"),
            *("--property", "purpose=test", "--property", "colour=blue", "osc-ice"),
        )
        assert (made["name"], made["status"]) == ("osc-ice", "creating"), made
        assert made["properties"] == {"purpose": "test", "colour": "blue"}, made
        demo.wait("volume snapshot", "osc-ice", "available")
    with check("snapshot-create-bare"):
        demo.read("volume", "snapshot", "create", "--volume", "osc-volume", "osc-bare")
        demo.wait("volume snapshot", "osc-bare", "available")
    with check("snapshot-set"):
        demo("volume", "snapshot", "set", "--description", "after", "--property", "colour=red", "osc-ice")
        shown = demo.read("volume", "snapshot", "show", "osc-ice")
        assert shown["description"] == "after", shown
        assert shown["properties"] == {"purpose": "test", "colour": "red"}, shown
    with check("snapshot-unset"):
        demo("volume", "snapshot", "unset", "--property", "purpose", "osc-ice")
        assert demo.read("volume", "snapshot", "show", "osc-ice")["properties"] == {"colour": "red"}
    with check("snapshot-rename"):
        demo("volume", "snapshot", "set", "--name", "osc-snow", "osc-ice")
        assert demo.read("volume", "snapshot", "show", "osc-snow")["name"] == "osc-snow"
        demo.is_told("osc-ice", "volume", "snapshot", "show", "osc-ice")
    with check("snapshot-list-long"):
        (row,) = [row for row in demo.read("volume", "snapshot", "list", "--long") if row["Name"] == "osc-snow"]
        assert (row["Status"], row["Size"], row["Properties"]) == ("available", 1, {"colour": "red"}), row
        assert row["Volume"] == demo.read("volume", "show", "osc-volume")["id"] and row["Created At"], row
    with check("snapshot-list-filtered"):
        by_name = demo.read("volume", "snapshot", "list", "--name", "osc-snow")
        assert [row["Name"] for row in by_name] == ["osc-snow"], by_name
        by_volume = demo.read("volume", "snapshot", "list", "--volume", "osc-volume", "--status", "available")
        assert len(by_volume) == 2, by_volume
        assert demo.read("volume", "snapshot", "list", "--limit", "1") == demo.read("volume", "snapshot", "list")
    with check("snapshot-show"):
        id_ = demo.read("volume", "snapshot", "show", "osc-snow")["id"]
        shown = demo.read("volume", "snapshot", "show", id_)
        assert (shown["name"], shown["size"], shown["status"]) == ("osc-snow", 1, "available"), shown
    with check("volume-from-snapshot"):
        made = demo.read("volume", "create", "--snapshot", "osc-snow", "osc-copy")
        assert made["size"] == 1, made
        demo.wait("volume", "osc-copy", "available")
        demo("volume", "delete", "osc-copy")
        demo.wait_gone("volume", made["id"])
    with check("volume-revert"):
        newest = demo.read("volume", "snapshot", "list", "--volume", "osc-volume")[0]
        demo("volume", "revert", newest["ID"])
        demo.wait("volume", "osc-volume", "available")
    with check("reader-reads-only"):
        assert len(reader.read("volume", "snapshot", "list")) == 2
        reader.is_told("403", "volume", "snapshot", "create", "--volume", "osc-volume", "osc-no")
        reader.is_told("403", "volume", "snapshot", "delete", "osc-snow")
    with check("admin-lists-all-projects"):
        everywhere = admin.read("volume", "snapshot", "list", "--all-projects")
        assert {"osc-snow", "osc-bare"} <= {row["Name"] for row in everywhere}, everywhere
        of_demo = admin.read("volume", "snapshot", "list", "--all-projects", "--project", "demo")
        assert {"osc-snow", "osc-bare"} <= {row["Name"] for row in of_demo}, of_demo
    with check("admin-sets-state"):
        id_ = demo.read("volume", "snapshot", "show", "osc-bare")["id"]
        demo.is_told("403", "volume", "snapshot", "set", "--state", "error", id_)
        admin("volume", "snapshot", "set", "--state", "error", id_)
        assert demo.read("volume", "snapshot", "show", id_)["status"] == "error"
    with check("admin-force-deletes"):
        id_ = demo.read("volume", "snapshot", "show", "osc-bare")["id"]
        admin("volume", "snapshot", "delete", "--force", id_)
        demo.wait_gone("volume snapshot", id_)
    with check("snapshot-delete"):
        id_ = demo.read("volume", "snapshot", "show", "osc-snow")["id"]
        demo.is_told("400", "volume", "delete", "osc-volume")
        demo("volume", "snapshot", "delete", "osc-snow")
        demo.wait_gone("volume snapshot", id_)
        demo.is_told("osc-snow", "volume", "snapshot", "show", "osc-snow")
    with check("volume-delete"):
        id_ = demo.read("volume", "show", "osc-volume")["id"]
        demo("volume", "delete", "osc-volume")
        demo.wait_gone("volume", id_)
    with check("volume-surroundings"):
        assert [row["Name"] for row in demo.read("volume", "type", "list")] == ["__DEFAULT__"]
        assert demo.read("availability", "zone", "list", "--volume")
        assert {row["Binary"] for row in admin.read("volume", "service", "list")} == {"cinder-volume", "cinder-scheduler"}
