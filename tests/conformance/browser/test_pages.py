"""The pages of Deltacloud: everything by clicking, from an empty project to one snapshot less.

`chromium.py` looks at each page on the way: scripts, labels, what the keyboard reaches, sizes and contrasts.
"""

from selenium.webdriver.common.keys import Keys

# What a page must show as text, or it is HTML of somebody else's.
NASTY = """<b>bold</b> & "double" 'single' &amp;"""
PROJECT = "proj"
# As long as a name can be.
LONG = "x" * 255


def log_in(server, browser, user=f"demo+{PROJECT}"):
    """The entry point, which asks the browser who it is; from then on the browser says it by itself."""
    browser.open(server.base.replace("://", f"://{user}:secret@") + "/api")


def make_volume(browser, name):
    browser.click("Storage volumes")
    browser.click("New storage volume")
    browser.fill("Name (optional)", name)
    browser.fill("Description (optional)", NASTY)
    browser.fill("Capacity in GB", "1")
    browser.click("Create")
    assert browser.facts["Name"] == name
    browser.click("Storage volumes")
    browser.reload_until("the volume to be available", lambda: browser.items[name] == "AVAILABLE")


def cinder_names(server):
    """The names of all snapshots, by their ids, as the other API has them."""
    # Without an identity service, the token says who it is. Since 3.67 the project may stay out of the address.
    headers = {"X-Auth-Token": f"demo:{PROJECT}", "OpenStack-API-Version": "volume 3.67"}
    code, body = server.get("/v3/snapshots", headers)
    assert code == 200
    return {snapshot["id"]: snapshot["name"] for snapshot in body["snapshots"]}


def test_a_snapshot_comes_and_goes_by_clicking(server, browser):
    log_in(server, browser)
    assert browser.heading == "Deltacloud API 1.1.3"
    browser.click("Storage snapshots")
    assert browser.items == {}
    make_volume(browser, NASTY)

    browser.click_item(NASTY)
    browser.click("Take a snapshot")
    (choice,) = browser.all("//select/option")
    assert NASTY in choice.text
    browser.fill("Name (optional)", f"of {NASTY}")
    browser.fill("Description (optional)", NASTY)
    browser.click("Create")
    assert (browser.facts["Name"], browser.facts["Description"]) == (f"of {NASTY}", NASTY)
    id_ = browser.facts["Id"]
    # The way to the same page that does not send the form once more.
    browser.click("Refresh")
    browser.reload_until("the snapshot to be available", lambda: browser.facts["State"] == "available")

    browser.click("Storage snapshots")
    assert browser.items == {f"of {NASTY}": "available"}
    assert cinder_names(server) == {id_: f"of {NASTY}"}

    browser.click_item(f"of {NASTY}")
    browser.click("Delete")
    assert browser.heading == "Storage snapshots"
    browser.reload_until("the snapshot to be gone", lambda: not browser.items)
    assert cinder_names(server) == {}


def test_a_volume_with_a_snapshot_says_why_it_stays(server, browser):
    log_in(server, browser)
    make_volume(browser, LONG)
    browser.click("Storage snapshots")
    browser.click("New storage snapshot")
    browser.fill("Name (optional)", LONG)
    browser.click("Create")
    browser.click("Storage snapshots")
    browser.reload_until("the snapshot to be available", lambda: browser.items[LONG] == "available")

    browser.click("Storage volumes")
    browser.click_item(LONG)
    browser.click("Delete")
    assert browser.heading == "400 - Bad Request"
    assert "snapshot" in browser.text


def test_a_list_needs_no_mouse(server, browser):
    log_in(server, browser)
    make_volume(browser, "first")
    make_volume(browser, "second")
    browser.click("Storage volumes")
    links = [link.get_attribute("href") for link in browser.all("//a")]
    reached = []
    while len(reached) <= len(links):
        browser.press(Keys.TAB)
        at = browser.focused()
        if at is None:
            break
        reached.append(at)
    # From top to bottom, and out again.
    assert reached == links

    while "/storage_volumes/" not in (browser.focused() or "") or browser.focused().endswith("/new"):
        browser.press(Keys.TAB)
    browser.press(Keys.ENTER, leads_on=True)
    assert browser.facts["Name"] == "second"


def test_who_forgets_the_project_is_told(server, browser):
    log_in(server, browser, "demo")
    assert browser.heading == "400 - Bad Request"
    assert "username+tenantname" in browser.text


def test_every_page_is_in_order(server, browser):
    log_in(server, browser)
    for page in [
        "docs",
        "docs/storage_snapshots",
        "docs/storage_snapshots/create",
        "drivers",
        "drivers/openstack",
        "instance_states",
        "realms",
        "realms/nova",
        "storage_snapshots",
        "storage_snapshots/new",
        "storage_snapshots/lost",
        "storage_volumes/new",
    ]:
        browser.open(f"{server.base}/api/{page}")
