"""A headless Chromium, used as a person uses one. Each page that it comes to is looked at."""

import base64
import shutil
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from harness.waiting import PATIENCE, until

# Width and height of a window, and whether it is a phone's.
WINDOWS = {"wide": (1100, 760, False), "phone": (360, 740, True)}
SCHEMES = ("light", "dark")
# Gives what is wrong with a page.
FAULTS = (Path(__file__).parent / "faults.js").read_text()
# A window or a colour scheme that is not drawn yet has neither its sizes nor its colours.
DRAWN = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));"


def _literal(text):
    """A text inside an XPath, which knows no escapes."""
    parts = ", '\"', ".join(f'"{part}"' for part in text.split('"'))
    return f"concat({parts}, '')"


class Chromium:
    """A browser that remembers nothing, with one window. Pictures of all pages go into `pictures`, if that is given."""

    def __init__(self, pictures=None):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # Its sandbox does not start as root, /dev/shm is small in a container, and a proxy knows nothing of this machine.
        for argument in ("--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server"):
            options.add_argument(argument)
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(PATIENCE)
        self._pictures = pictures
        self._count = 0

    def close(self):
        self.driver.quit()

    # What a person does.

    def open(self, address):
        self._goes(lambda: self.driver.get(address))

    def click(self, words):
        """Clicks the one link or button that says this."""
        said = _literal(words)
        found = self.all(f"//a[normalize-space()={said}] | //button[normalize-space()={said}]")
        assert len(found) == 1, f"{len(found)} links and buttons say {words!r}: {self.text}"
        self._goes(found[0].click)

    def click_item(self, name):
        """Clicks the one item of a list that has this name."""
        (item,) = self.all(f"//li/a[.//h2[.={_literal(name)}]]")
        self._goes(item.click)

    def press(self, key, leads_on=False):
        """Presses a key."""
        focused = self.driver.switch_to.active_element
        if leads_on:
            self._goes(lambda: focused.send_keys(key))
        else:
            focused.send_keys(key)

    def fill(self, label, text):
        """Clicks a label and types into its field."""
        self.all(f"//label[normalize-space()={_literal(label)}]")[0].click()
        field = self.driver.switch_to.active_element
        assert field.tag_name == "input", f"the label {label!r} belongs to {field.tag_name}"
        field.clear()
        field.send_keys(text)

    def reload_until(self, what, probe):
        """Reloads the page until the probe is true."""

        def reloaded():
            self._goes(self.driver.refresh, is_looked_at=False)
            return probe()

        until(what, reloaded)
        self.look()

    # What a person sees.

    def all(self, path):
        return self.driver.find_elements(By.XPATH, path)

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    @property
    def items(self):
        """The state of each item of a list, by its name."""
        return {
            item.find_element(By.TAG_NAME, "h2").text: item.find_element(By.CLASS_NAME, "state").text
            for item in self.all("//main//li")
        }

    @property
    def facts(self):
        """What the page of an item says of it."""
        terms, values = self.all("//dl//dt"), self.all("//dl//dd")
        return dict(zip([term.text for term in terms], [value.text for value in values], strict=True))

    def focused(self):
        """What the keyboard is at: its address or what it says; nothing if that is the page itself."""
        element = self.driver.switch_to.active_element
        if element.tag_name == "body":
            return None
        outline = element.value_of_css_property("outline-style")
        assert outline not in ("none", ""), f"nobody sees that the keyboard is at {element.get_attribute('outerHTML')}"
        return element.get_attribute("href") or element.get_attribute("name") or element.text

    def look(self):
        """Finds fault with the page, in each window and each colour scheme."""
        name = f"{self._count:02} {self.heading}".replace("/", "")
        self._count += 1
        faults = []
        for window, (width, height, is_mobile) in WINDOWS.items():
            self._do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_mobile)
            for scheme in SCHEMES:
                features = [{"name": "prefers-color-scheme", "value": scheme}]
                self._do("Emulation.setEmulatedMedia", features=features)
                self.driver.execute_async_script(DRAWN)
                faults += self.driver.execute_script(FAULTS)
                if self._pictures:
                    shot = self._do("Page.captureScreenshot", captureBeyondViewport=True)
                    picture = self._pictures / f"{name}, {window}, {scheme}.png"
                    picture.write_bytes(base64.b64decode(shot["data"]))
        self._do("Emulation.clearDeviceMetricsOverride")
        self._do("Emulation.setEmulatedMedia", features=[])
        faults += [entry["message"] for entry in self.driver.get_log("browser") if not _is_status(entry)]
        assert not faults, f"{self.driver.current_url}: {faults}"

    def _do(self, command, **arguments):
        return self.driver.execute_cdp_cmd(command, arguments)

    def _goes(self, act, is_looked_at=True):
        """Does what leads to another page, and waits for that."""
        self.driver.execute_script("window.isOld = true")
        act()

        def gone():
            try:
                return self.driver.execute_script("return !window.isOld && document.readyState === 'complete'")
            except WebDriverException:
                # Asked between two pages.
                return False

        until("another page", gone)
        if is_looked_at:
            self.look()


def _is_status(entry):
    """Whether the browser only says what status a page has: that is for the test to judge."""
    return "the server responded with a status of" in entry["message"]
