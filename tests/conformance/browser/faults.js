// Run inside a page; gives a sentence for each thing that is wrong with it.
const faults = [];
const all = (selector) => [...document.querySelectorAll(selector)];
const is = (truth, fault) => truth || faults.push(fault);
const told = (element) => element.outerHTML.slice(0, 200);
const size = `at ${document.documentElement.clientWidth} px`;

// Nothing runs but what this test brings.
is(document.scripts.length === 0, "it has a script");
for (const element of all("*")) {
    const handlers = element.getAttributeNames().filter((name) => name.startsWith("on"));
    is(handlers.length === 0, `it has a handler: ${told(element)}`);
}
for (const element of all("[href], [src], [action]")) {
    const address = element.href || element.src || element.action;
    // Not by its beginning: what is relative has the page's password in it, if the page's address has one.
    is(new URL(address).origin === location.origin, `it leads away: ${told(element)}`);
}

// What somebody hears who does not see it.
is(document.documentElement.lang === "en", "it tells no language");
is(document.title.trim(), "it has no title");
is(all("h1").length === 1 && all("main").length === 1, "it has not one heading and one main part");
is(all("nav").every((nav) => nav.getAttribute("aria-label")), "its navigations have no names");
const levels = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.tagName[1]));
is(levels.every((level, at) => level <= (levels[at - 1] ?? 0) + 1), `its headings leave out a level: ${levels}`);
const ids = all("[id]").map((element) => element.id);
is(new Set(ids).size === ids.length, `it has an id twice: ${ids}`);
for (const field of all("input:not([type=hidden]), select, textarea")) {
    is([...field.labels].some((label) => label.textContent.trim()), `it has a field without a label: ${told(field)}`);
}
for (const element of all("a, button")) {
    is(element.textContent.trim(), `it has nothing to read in ${told(element)}`);
}

// What somebody does without a mouse, or with a thumb.
for (const element of all("a, button, input:not([type=hidden]), select, textarea")) {
    const { width, height } = element.getBoundingClientRect();
    is(element.tabIndex === 0, `the keyboard does not come to ${told(element)}`);
    // A link among words is as high as the words.
    const least = element.matches("p a, dd a, td a") ? 16 : 24;
    is(width >= least && height >= least, `${size} too small to hit, ${width} x ${height}: ${told(element)}`);
}
const page = document.documentElement;
is(page.scrollWidth <= page.clientWidth, `${size} it scrolls sideways: ${page.scrollWidth} of ${page.clientWidth} px`);

// What somebody reads: WCAG 2.2, 1.4.3.
const parsed = (color) => color.match(/[\d.]+/g).map(Number);
const over = ([r, g, b, a = 1], below) => [r, g, b].map((part, at) => part * a + below[at] * (1 - a));
const light = (color) => {
    const [r, g, b] = color.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
const behind = (element) => {
    const below = element.parentElement ? behind(element.parentElement) : isDark ? [18, 18, 18] : [255, 255, 255];
    return over(parsed(getComputedStyle(element).backgroundColor), below);
};
const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    if (!words.currentNode.data.trim()) continue;
    const below = behind(element);
    const [darker, lighter] = [light(over(parsed(getComputedStyle(element).color), below)), light(below)].sort((a, b) => a - b);
    const ratio = (lighter + 0.05) / (darker + 0.05);
    is(ratio >= 4.5, `hard to read, contrast ${ratio.toFixed(1)}, ${isDark ? "dark" : "light"}: ${told(element)}`);
}
return faults;
