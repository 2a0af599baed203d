//! Pages for people: plain, without scripts, and escaped by what writes them.

use actix_web::http::StatusCode;
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

use super::{VERSION, collections::Name, cx::Cx};

/// Inside each page, so that a page is one request, and nothing else needs to be served or allowed.
const STYLE: &str = include_str!("page.css");

/// A whole page, which there is in the other formats too.
pub fn page(cx: &Cx, title: &str, content: &Markup) -> String {
    whole(cx, title, Some(&cx.address()), content)
}

/// A whole page that there is for people only.
pub fn only_page(cx: &Cx, title: &str, content: &Markup) -> String {
    whole(cx, title, None, content)
}

/// The page of something in a collection: what is known of it, and what can be done. What answers a form is at the
/// form's address, where a browser's own button would send the form again; so there is a link that does not.
pub fn item(cx: &Cx, title: &str, (name, id): (Name, &str), facts: &Markup, can_do: &Markup) -> String {
    let href = cx.links.item(name, id);
    let content = html! {
        dl { (facts) }
        div.do {
            (can_do)
            a.button href=(href) { "Refresh" }
        }
    };
    whole(cx, title, Some(&href), &content)
}

/// What deletes something: a form, since pages can say nothing but GET and POST by themselves.
pub fn delete_button(cx: &Cx, name: Name, id: &str) -> Markup {
    html! {
        form method="post" action=(cx.action(name, Some(id))) {
            input type="hidden" name="_method" value="delete";
            button.danger type="submit" { "Delete" }
        }
    }
}

fn whole(cx: &Cx, title: &str, address: Option<&str>, content: &Markup) -> String {
    let (top, bottom) = frame(cx, &html! { h1 { (title) } }, address);
    top + &content.0 + &bottom
}

/// What stands before and behind the items of a list.
pub fn list(cx: &Cx, name: Name) -> (String, String) {
    let collection = name.collection();
    let heading = html! {
        div.title {
            h1 { (collection.title) }
            @if collection.operation("create").is_some() {
                a.button.main href={ (cx.links.collection(name)) "/new" } { "New " (collection.title_of_one) }
            }
        }
    };
    frame(cx, &heading, Some(&cx.address()))
}

/// Before the first item of a list.
pub const LIST_START: &str = "<ul class=\"items\">";

/// Behind the last.
pub const LIST_END: &str = "</ul>";

/// Instead of all three.
pub const LIST_OF_NOTHING: &str = "<p>There are none.</p>";

/// An item of a list: its name, more about it, and its state if it has one.
pub fn list_item(href: &str, name: &str, about: &[&str], has_state: Option<&str>) -> Markup {
    html! {
        li {
            a href=(href) {
                h2 { (name) }
                p { @for part in about { span { (part) } " " } }
                @if let Some(text) = has_state { (state(text)) }
            }
        }
    }
}

/// Something that is known, and what it is.
pub fn fact(title: &str, value: impl Render) -> Markup {
    html! { div { dt { (title) } dd { (value) } } }
}

/// A state in a colour that tells at a glance what the word says.
pub fn state(text: &str) -> Markup {
    let kind = match &*text.to_ascii_lowercase() {
        "available" | "in-use" => "state good",
        "unavailable" => "state bad",
        word if word.starts_with("error") => "state bad",
        _other => "state",
    };
    html! { span class=(kind) { (text) } }
}

/// The page of an error.
pub fn error(cx: &Cx, status: StatusCode, message: &str) -> String {
    let words = status.canonical_reason().unwrap_or_default();
    let body = html! { p { (message) } };
    page(cx, &format!("{} - {words}", status.as_str()), &body)
}

/// A field for a short text that may be left empty.
pub fn text_field(name: &str, title: &str) -> Markup {
    html! {
        label for=(name) { (title) " " span { "(optional)" } }
        input id=(name) name=(name) type="text" maxlength="255" autocomplete="off";
    }
}

/// What sends a form.
pub fn create_button() -> Markup {
    html! { p.do { button.main type="submit" { "Create" } } }
}

/// Everything around the content; the address is that of the same in other formats.
fn frame(cx: &Cx, heading: &Markup, address: Option<&str>) -> (String, String) {
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
                    li { a href=(cx.links.entry) aria-current=[cx.is_entry().then_some("true")] { "Home" } }
                    @for name in [Name::StorageSnapshots, Name::StorageVolumes, Name::Realms] {
                        li {
                            a href=(cx.links.collection(name)) aria-current=[cx.is_below(name).then_some("true")] {
                                (name.collection().title)
                            }
                        }
                    }
                }
            }
        }
        (PreEscaped("<main>"))
        (heading)
    };
    let bottom = html! {
        (PreEscaped("</main>"))
        footer {
            nav aria-label="More" {
                ul {
                    @if let Some(address) = address {
                        @let separator = if address.contains('?') { '&' } else { '?' };
                        li { a href={ (address) (separator) "format=xml" } { "XML" } }
                        li { a href={ (address) (separator) "format=json" } { "JSON" } }
                    }
                    li { a href={ (cx.links.entry) "/docs" } { "Documentation" } }
                }
            }
        }
        (PreEscaped("</body></html>\n"))
    };
    (top.0, bottom.0)
}

/// A sentence alone, as HTML.
pub fn text(message: &str) -> String {
    html! { (message) }.0
}
