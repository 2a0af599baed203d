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
        .body(pages::only_page(cx, &title, &body))
}

fn all(cx: &Cx) -> Markup {
    html! {
        ul.items {
            @for collection in collections::ALL {
                (pages::list_item(&address(cx, collection), collection.title, &[collection.about], None))
            }
        }
    }
}

fn of_collection(cx: &Cx, collection: &Collection) -> Markup {
    html! {
        p { (collection.about) }
        ul.items {
            @for operation in collection.operations {
                @let href = format!("{}/{}", address(cx, collection), operation.name);
                @let call = format!("{} {}", operation.method, path(cx, collection, operation));
                (pages::list_item(&href, &call, &[operation.about], None))
            }
        }
    }
}

fn of_operation(operation: &Operation) -> Markup {
    html! {
        p { (operation.about) }
        @if !operation.parameters.is_empty() {
            dl {
                @for parameter in operation.parameters {
                    @let is_optional = parameter.presence == Presence::Optional;
                    @let about = format!("{}{}", parameter.about, if is_optional { " Optional." } else { "" });
                    (pages::fact(parameter.name, about))
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
