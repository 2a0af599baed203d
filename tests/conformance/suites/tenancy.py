"""Who may do what, as seen from outside: projects, roles, and what somebody else's header claims."""

from kit.identity import DEFAULT, token
from kit.wire import call
from suites.api import Caller, forbidden, not_found, unauthorized

LIST = "volume:get_all_snapshots"
RESET = {"os-reset_status": {"status": "error"}}


def run(cloud, report):
    """All of it against one cloud; gives the tokens that were used."""

    def check(name):
        return report.check(f"tenancy/{cloud.identity}/{name}")

    demo, alt, admin = (Caller.of(cloud, user, user) for user in ("demo", "alt", "admin"))
    reader, service = (Caller.of(cloud, user, "demo") for user in ("reader", "service"))
    volume = demo.make_volume()
    snapshot = demo.make_snapshot(volume, name="of demo", metadata={"k": "v"})
    path = f"/snapshots/{snapshot}"
    gone = f"Snapshot {snapshot} could not be found."

    with check("other-project-sees-nothing"):
        for listing in ("/snapshots", "/snapshots/detail", "/snapshots?all_tenants=1", "/snapshots/detail?all_tenants=1"):
            assert alt("GET", listing).expect(200).json() == {"snapshots": []}, listing
        assert alt("GET", "/volumes?all_tenants=1").expect(200).json() == {"volumes": []}
    with check("other-project-touches-nothing"):
        not_found(alt("GET", path), gone)
        not_found(alt("PUT", path, {"snapshot": {"name": "mine"}}), gone)
        not_found(alt("DELETE", path), gone)
        not_found(alt("GET", f"{path}/metadata"), gone)
        not_found(alt("POST", f"{path}/metadata", {"metadata": {"k": "w"}}), gone)
        not_found(alt("DELETE", f"{path}/metadata/k"), gone)
        not_found(alt("POST", f"{path}/action", {"os-force_delete": None}), gone)
        body = {"snapshot": {"volume_id": volume}}
        not_found(alt("POST", "/snapshots", body), f"Volume {volume} could not be found.")
        shown = demo("GET", path).expect(200).json()["snapshot"]
        assert (shown["name"], shown["metadata"]) == ("of demo", {"k": "v"}), shown
    with check("url-must-name-the-tokens-project"):
        elsewhere = Caller(cloud.base, demo.project, alt.headers)
        for caller in (elsewhere, Caller(cloud.base, demo.project, admin.headers)):
            reply = caller("GET", "/snapshots").expect(400)
            assert reply.json() == {"badRequest": {"code": 400, "message": "Malformed request url"}}, reply
    with check("url-may-name-no-project"):
        reply = call("GET", f"{cloud.base}/v3{path}", headers=demo.headers).expect(200)
        assert reply.json()["snapshot"]["id"] == snapshot
    with check("reader-reads"):
        assert [found["id"] for found in reader("GET", "/snapshots").expect(200).json()["snapshots"]] == [snapshot]
        shown = reader("GET", path).expect(200).json()["snapshot"]
        assert shown["os-extended-snapshot-attributes:project_id"] == demo.project, shown
    with check("reader-does-no-more"):
        body = {"snapshot": {"volume_id": volume}}
        forbidden(reader("POST", "/snapshots", body), "volume:create_snapshot")
        forbidden(reader("PUT", path, {"snapshot": {"name": "mine"}}), "volume:update_snapshot")
        forbidden(reader("DELETE", path), "volume:delete_snapshot")
        forbidden(reader("POST", f"{path}/metadata", {"metadata": {"k": "w"}}), "volume:update_snapshot_metadata")
        forbidden(reader("DELETE", f"{path}/metadata/k"), "volume:delete_snapshot_metadata")
        forbidden(reader("POST", "/volumes", {"volume": {"size": 1}}), "volume:create")
    with check("member-is-no-admin"):
        forbidden(demo("POST", f"{path}/action", RESET), "volume_extension:snapshot_admin_actions:reset_status")
        forbidden(
            demo("POST", f"{path}/action", {"os-force_delete": None}),
            "volume_extension:snapshot_admin_actions:force_delete",
        )
        forbidden(demo("GET", "/manageable_snapshots", version="3.8"), "snapshot_extension:list_manageable")
    with check("admin-of-another-project"):
        assert admin("GET", path).expect(200).json()["snapshot"]["id"] == snapshot
        everywhere = admin("GET", "/snapshots?all_tenants=1").expect(200).json()["snapshots"]
        assert [found["id"] for found in everywhere] == [snapshot], everywhere
        assert admin("GET", "/snapshots").expect(200).json() == {"snapshots": []}
        admin("POST", f"{path}/action", RESET).expect(202)
        assert demo("GET", path).json()["snapshot"]["status"] == "error"
        admin("POST", f"{path}/action", {"os-reset_status": {"status": "available"}}).expect(202)
    with check("service-role-alone-reads-nothing"):
        forbidden(service("GET", "/snapshots"), LIST)
        forbidden(service("GET", path), "volume:get_snapshot")
        forbidden(service("DELETE", path), "volume:get_snapshot")
    with check("nobody"):
        nobody = Caller(cloud.base, demo.project)
        for caller in (nobody, nobody.sending(X_Auth_Token="nonsense"), nobody.sending(X_Auth_Token="")):
            unauthorized(caller("GET", path), cloud)
            unauthorized(caller("POST", "/snapshots", {"snapshot": {"volume_id": volume}}), cloud)
    with check("forged-headers-of-nobody"):
        forged = {
            "X_Identity_Status": "Confirmed",
            "X_User_Id": "admin",
            "X_Project_Id": demo.project,
            "X_Roles": "admin,member,reader",
            "X_Is_Admin_Project": "True",
            "OpenStack_System_Scope": "all",
        }
        unauthorized(Caller(cloud.base, demo.project).sending(**forged)("GET", path), cloud)
    with check("forged-headers-of-somebody"):
        forged = demo.sending(X_Roles="admin", X_Role="admin", X_Is_Admin_Project="True", X_Service_Roles="service")
        forbidden(
            forged("POST", f"{path}/action", RESET), "volume_extension:snapshot_admin_actions:reset_status"
        )
        not_found(alt.sending(X_Project_Id=demo.project, X_Tenant_Id=demo.project)("GET", path), gone)
        assert reader.sending(X_Roles="admin")("DELETE", path).status == 403
    with check("storage-token"):
        demo.sending(X_Auth_Token=None, X_Storage_Token=demo.token)("GET", path).expect(200)
    with check("token-without-project"):
        unscoped = {"X-Auth-Token": token(cloud.keystone.base, "demo").id}
        reply = call("GET", f"{cloud.base}/v3/snapshots", headers=unscoped).expect(403)
        assert reply.json() == {"forbidden": {"code": 403, "message": "Not authorized."}}, reply
        reply = call("GET", f"{cloud.base}/v3/{demo.project}/snapshots", headers=unscoped).expect(400)
        assert reply.json() == {"badRequest": {"code": 400, "message": "Malformed request url"}}, reply
    with check("token-of-a-domain"):
        domain = {"X-Auth-Token": token(cloud.keystone.base, "reader", scope={"domain": DEFAULT}).id}
        reply = call("GET", f"{cloud.base}/v3/snapshots", headers=domain).expect(403)
        assert reply.json() == {"forbidden": {"code": 403, "message": "Not authorized."}}, reply
    with check("token-of-the-system"):
        system = {"X-Auth-Token": token(cloud.keystone.base, "admin", scope={"system": {"all": True}}).id}
        everywhere = call("GET", f"{cloud.base}/v3/snapshots?all_tenants=1", headers=system).expect(200)
        assert [found["id"] for found in everywhere.json()["snapshots"]] == [snapshot], everywhere
        reply = call("GET", f"{cloud.base}/v3/{demo.project}/snapshots", headers=system).expect(400)
        assert reply.json() == {"badRequest": {"code": 400, "message": "Malformed request url"}}, reply
    with check("owner-deletes"):
        demo("DELETE", path).expect(202)
    return [caller.token for caller in (demo, alt, admin, reader, service)]
