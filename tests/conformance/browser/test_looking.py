"""That looking at a page finds what it is for: each of these flaws, put into a page that has none."""

import pytest

FLAWS = {
    "it has a script": "document.body.append(document.createElement('script'))",
    "it has a handler": "document.querySelector('h1').setAttribute('onclick', '')",
    "it leads away": "document.querySelector('a').href = 'https://elsewhere.example/'",
    "not one heading": "document.querySelector('h1').outerHTML += '<h1>Another</h1>'",
    "leave out a level": "document.querySelector('h1').outerHTML += '<h3>Too deep</h3>'",
    "an id twice": "document.querySelector('label').id = 'name'",
    "a field without a label": "document.querySelector('label').remove()",
    "nothing to read": "document.querySelector('a').textContent = ''",
    "the keyboard does not come": "document.querySelector('button').tabIndex = -1",
    "too small to hit": "document.querySelector('button').style = 'padding: 0; border: 0; line-height: 1'",
    "360 px it scrolls sideways": "document.querySelector('h1').style.width = '400px'",
    "contrast 1.0, light": "document.querySelector('h1').style.color = 'white'",
    "contrast 1.0, dark": "document.querySelector('h1').style.color = '#14181d'",
}


def test_a_flaw_is_found(server, browser):
    page = server.base.replace("://", "://demo+proj:secret@") + "/api/storage_volumes/new"
    browser.open(page)
    for fault, flaw in FLAWS.items():
        browser.driver.get(page)
        browser.driver.execute_script(flaw)
        with pytest.raises(AssertionError, match=fault):
            browser.look()
