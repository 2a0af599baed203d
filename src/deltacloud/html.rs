//! Pages for people: plain, without scripts, and escaped by what writes them.

use actix_web::http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{VERSION, collections::Name, cx::Cx};

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 0 auto; padding: 1rem; }
header, footer { border-color: GrayText; border-style: solid; border-width: 0 0 1px; padding: .25rem 0; }
footer { border-width: 1px 0 0; margin-top: 2rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
ul.items { list-style: none; padding: 0; }
ul.items li { border: 1px solid GrayText; border-radius: .375rem; margin: .5rem 0; }
ul.items a { display: grid; grid-template-columns: 1fr auto; padding: .5rem .75rem; color: inherit; \
text-decoration: none; }
ul.items a:hover, ul.items a:focus-visible { outline: 2px solid Highlight; }
ul.items h3, ul.items p { margin: 0; overflow-wrap: anywhere; grid-column: 1; }
ul.items .count { grid-column: 2; grid-row: 1 / span 2; align-self: center; }
dt { font-weight: bold; margin-top: .5rem; }
dd { margin: 0; overflow-wrap: anywhere; }
label { display: block; font-weight: bold; }
input, select, button { font: inherit; padding: .375rem .5rem; max-width: 100%; box-sizing: border-box; }
input[type=text], select { width: 100%; }
table { border-collapse: collapse; }
td, th { border: 1px solid GrayText; padding: .25rem .5rem; text-align: left; }
";

/// A whole page.
pub fn page(cx: &Cx, title: &str, content: &Markup) -> String {
    let (top, bottom) = frame(cx, title);
    top + &content.0 + &bottom
}

/// What stands before and behind the items of a list.
pub fn list(cx: &Cx, name: Name) -> (String, String) {
    let collection = name.collection();
    let (top, bottom) = frame(cx, collection.title);
    let new = html! {
        @if collection.operation("create").is_some() {
            p { a href={ (cx.links.collection(name)) "/new" } { "New" } }
        }
    };
    (format!("{top}{}<ul class=\"items\">", new.0), format!("</ul>{bottom}"))
}

/// Everything around the content.
fn frame(cx: &Cx, title: &str) -> (String, String) {
    let top = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { "Deltacloud API " (VERSION) }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            nav aria-label="Collections" {
                ul {
                    li { a href=(cx.links.entry) { "Home" } }
                    @for name in [Name::StorageSnapshots, Name::StorageVolumes, Name::Realms] {
                        li { a href=(cx.links.collection(name)) { (name.collection().title) } }
                    }
                }
            }
        }
        (PreEscaped("<main>"))
        h1 { (title) }
    };
    let bottom = html! {
        (PreEscaped("</main>"))
        footer {
            nav aria-label="This page in other formats" {
                ul {
                    li { a href=(cx.in_format("xml")) { "XML" } }
                    li { a href=(cx.in_format("json")) { "JSON" } }
                    li { a href={ (cx.links.entry) "/docs" } { "Documentation" } }
                }
            }
        }
        (PreEscaped("</body></html>\n"))
    };
    (top.0, bottom.0)
}

/// The page of an error.
pub fn error(cx: &Cx, status: StatusCode, message: &str) -> String {
    let words = status.canonical_reason().unwrap_or_default();
    let body = html! { p { (message) } };
    page(cx, &format!("{} - {words}", status.as_str()), &body)
}

/// A button that deletes: a form, since pages can say nothing but GET and POST by themselves.
pub fn delete_form(href: &str) -> Markup {
    html! {
        form method="post" action=(href) {
            input type="hidden" name="_method" value="delete";
            p { button type="submit" { "Delete" } }
        }
    }
}

/// A field for a short text.
pub fn text_field(name: &str, title: &str) -> Markup {
    html! {
        p {
            label for=(name) { (title) }
            input id=(name) name=(name) type="text" maxlength="255";
        }
    }
}

/// A sentence alone, as HTML.
pub fn text(message: &str) -> String {
    html! { (message) }.0
}
