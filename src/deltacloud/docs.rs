//! Documentation pages, made from the table of what there is. For everybody.

use actix_web::HttpResponse;
use maud::{Markup, html};

use super::{
    collections::{self, Collection, Operation, Presence},
    cx::Cx,
    html as pages,
};

/// `GET /docs`, `/docs/<collection>` or `/docs/<collection>/<operation>`.
pub fn page(cx: &Cx, of: Option<(&Collection, Option<&Operation>)>) -> HttpResponse {
    let (title, body) = match of {
        None => ("Documentation".to_owned(), all(cx)),
        Some((collection, None)) => (collection.title.to_owned(), of_collection(cx, collection)),
        Some((collection, Some(operation))) => (
            format!("{} {}", operation.method, path(cx, collection, operation)),
            of_operation(operation),
        ),
    };
    HttpResponse::Ok()
        .content_type("text/html;charset=utf-8")
        .body(pages::page(cx, &title, &body))
}

fn all(cx: &Cx) -> Markup {
    html! {
        ul {
            @for collection in collections::ALL {
                li { a href=(address(cx, collection)) { (collection.title) } ": " (collection.about) }
            }
        }
    }
}

fn of_collection(cx: &Cx, collection: &Collection) -> Markup {
    html! {
        p { (collection.about) }
        table {
            thead { tr { th { "Operation" } th { "Call" } th { "What it does" } } }
            tbody {
                @for operation in collection.operations {
                    tr {
                        td { a href={ (address(cx, collection)) "/" (operation.name) } { (operation.name) } }
                        td { (operation.method) " " (path(cx, collection, operation)) }
                        td { (operation.about) }
                    }
                }
            }
        }
    }
}

fn of_operation(operation: &Operation) -> Markup {
    html! {
        p { (operation.about) }
        @if !operation.parameters.is_empty() {
            table {
                thead { tr { th { "Parameter" } th { "Needed" } th { "What it means" } } }
                tbody {
                    @for parameter in operation.parameters {
                        tr {
                            td { (parameter.name) }
                            td { (if parameter.presence == Presence::Required { "yes" } else { "no" }) }
                            td { (parameter.about) }
                        }
                    }
                }
            }
        }
    }
}

fn address(cx: &Cx, collection: &Collection) -> String {
    format!("{}/docs/{}", cx.links.entry, collection.name.as_str())
}

fn path(cx: &Cx, collection: &Collection, operation: &Operation) -> String {
    let id = if operation.of_item { "/{id}" } else { "" };
    format!("{}/{}{id}", cx.options.base_path, collection.name.as_str())
}
