//! From a request to its handler, in Deltacloud's order: path, format, parameters, driver, and only then who asks.

use actix_web::{
    FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse,
    http::{Method, header},
    web::{self, Bytes},
};

use super::{
    DRIVER, DeltacloudOptions,
    collections::{self, Collection, Name, Operation},
    cx::Cx,
    docs, drivers, entry,
    error::Failure,
    negotiate::Format,
    params::Params,
    realms, reply,
    route::{Parsed, Place, Target},
    snapshots, states, volumes,
};

/// Answers every request below the base path.
pub async fn handle(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let Some(options) = request.app_data::<web::Data<DeltacloudOptions>>().cloned() else {
        tracing::error!("the front is mounted without its settings");
        return HttpResponse::InternalServerError().finish();
    };
    let parsed = Parsed::new(&options.base_path, request.uri().path());
    let (query, refused) = match Params::of_query(&request) {
        Ok(query) => (query, None),
        Err(failure) => (Params::default(), Some(failure)),
    };
    let Some(mut cx) = Cx::new(&request, &parsed, &query) else {
        tracing::error!("the front is mounted without what it needs");
        return HttpResponse::InternalServerError().finish();
    };
    request.extensions_mut().insert(cx.selected.clone());
    let asked = format(&request, &query);
    // For what is refused before it is known whether the operation has the format.
    cx.format = asked.unwrap_or(Format::Xml);
    let done = match (parsed.place(), refused) {
        (None, _) => Err(Failure::no_such_path()),
        (Some(_), Some(failure)) => Err(failure),
        (Some(place), None) => answer(&request, payload, place, asked, &mut cx).await,
    };
    done.unwrap_or_else(|failure| reply::failure(&cx, &failure))
}

async fn answer(
    request: &HttpRequest,
    payload: web::Payload,
    place: Place,
    asked: Option<Format>,
    cx: &mut Cx,
) -> Result<HttpResponse, Failure> {
    if !request.headers().contains_key(header::HOST) && request.uri().authority().is_none() {
        return Err(Failure::plain("Unable to find HTTP Host header"));
    }
    let form = form(request, payload).await?;
    cx.params.extend(&form);
    let method = method(request, &form);
    if method == Method::OPTIONS {
        return options(&place).ok_or_else(Failure::no_such_path);
    }
    let target = Target::of(&method, place).ok_or_else(Failure::no_such_path)?;
    match target {
        // Whatever was asked for: there is nothing else.
        Target::Docs(_) => cx.format = Format::Html,
        Target::Form(_) if asked != Some(Format::Html) => return Err(Failure::not_acceptable()),
        Target::Entry | Target::Switch | Target::Form(_) | Target::Whole(..) | Target::Item(..) => {
            asked.ok_or_else(Failure::not_acceptable)?;
        }
    }
    if let Target::Item(_collection, _operation, id) = &target {
        cx.params.set("id", id);
    }
    if let Target::Whole(_, operation) | Target::Item(_, operation, _) = &target {
        cx.params.require(operation)?;
    }
    if cx.selected.driver != DRIVER {
        let wanted = &cx.selected.driver;
        return Err(Failure::internal(format!(
            "Driver '{wanted}' is not available (this server has the driver {DRIVER} only)"
        )));
    }
    if !matches!(method, Method::GET | Method::HEAD) && is_from_elsewhere(request, cx) {
        return Err(Failure::forbidden("A page of another site sent this."));
    }
    match target {
        Target::Entry => entry::show(cx).await,
        Target::Switch => Ok(entry::switch(cx)),
        Target::Docs(of) => Ok(docs::page(cx, of)),
        Target::Form(collection) if collection.name == Name::StorageSnapshots => snapshots::form(cx).await,
        Target::Form(_volumes) => volumes::form(cx).await,
        Target::Whole(collection, operation) => whole(cx, collection, operation).await,
        Target::Item(collection, operation, id) => item(cx, collection, operation, &id).await,
    }
}

async fn whole(cx: &Cx, collection: &Collection, operation: &Operation) -> Result<HttpResponse, Failure> {
    match (collection.name, operation.name) {
        (Name::Drivers, _) => Ok(drivers::index(cx)),
        (Name::InstanceStates, _) => Ok(states::index(cx)),
        (Name::Realms, _) => realms::index(cx).await.map_err(Failure::on_a_list),
        (Name::StorageSnapshots, "create") => snapshots::create(cx).await,
        (Name::StorageSnapshots, _) => snapshots::index(cx).await.map_err(Failure::on_a_list),
        (Name::StorageVolumes, "create") => volumes::create(cx).await,
        (Name::StorageVolumes, _) => volumes::index(cx).await.map_err(Failure::on_a_list),
    }
}

async fn item(cx: &Cx, collection: &Collection, operation: &Operation, id: &str) -> Result<HttpResponse, Failure> {
    match (collection.name, operation.name) {
        (Name::Drivers, _) => drivers::show(cx, id),
        // The table has no operation of one state.
        (Name::InstanceStates, _) => Err(Failure::no_such_path()),
        (Name::Realms, _) => realms::show(cx, id).await,
        (Name::StorageSnapshots, "destroy") => snapshots::destroy(cx, id).await,
        (Name::StorageSnapshots, _) => snapshots::show(cx, id).await,
        (Name::StorageVolumes, "destroy") => volumes::destroy(cx, id).await,
        (Name::StorageVolumes, _) => volumes::show(cx, id).await,
    }
}

fn format(request: &HttpRequest, query: &Params) -> Option<Format> {
    // Bytes that are no text ask for nothing that there is.
    let accept = request.headers().get_all(header::ACCEPT);
    let accept: Vec<_> = accept.map(|value| value.to_str().unwrap_or("?")).collect();
    Format::asked(query.get("format"), Some(&accept.join(",")))
}

/// The parameters in the body of a request that may have one.
async fn form(request: &HttpRequest, payload: web::Payload) -> Result<Params, Failure> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(Params::default());
    }
    let body = Bytes::from_request(request, &mut payload.into_inner()).await;
    let body = body.map_err(|error| {
        tracing::debug!(%error, "a body cannot be read");
        Failure::invalid("The body of the request is too large, or did not come as a whole.")
    })?;
    Params::of_form(request.headers(), body).await
}

/// The method, or the one that a browser means: forms can only POST.
fn method(request: &HttpRequest, form: &Params) -> Method {
    if request.method() != Method::POST {
        return request.method().clone();
    }
    let header = request.headers().get("X-HTTP-Method-Override");
    let wanted = form
        .get("_method")
        .or_else(|| header.and_then(|value| value.to_str().ok()));
    match wanted.map(str::to_ascii_uppercase).as_deref() {
        Some("DELETE") => Method::DELETE,
        Some("PUT") => Method::PUT,
        Some("PATCH") => Method::PATCH,
        Some("GET") => Method::GET,
        Some("HEAD") => Method::HEAD,
        Some("OPTIONS") => Method::OPTIONS,
        Some(_) | None => Method::POST,
    }
}

/// Whether another site's page made a browser send this, with the password that the browser knows. Programs send
/// neither header.
fn is_from_elsewhere(request: &HttpRequest, cx: &Cx) -> bool {
    let header = |name: &str| Some(request.headers().get(name)?.to_str().unwrap_or_default());
    if let Some(site) = header("Sec-Fetch-Site") {
        return !matches!(site, "same-origin" | "none");
    }
    header("Origin").is_some_and(|origin| !cx.is_own_origin(origin))
}

/// What may be asked for: of the server its collections, of a collection its methods, and, oddly, of an operation
/// its parameters.
fn options(place: &Place) -> Option<HttpResponse> {
    let allow = match place {
        Place::Entry => {
            let names = collections::ALL.iter().map(|collection| collection.name.as_str());
            names.collect::<Vec<_>>().join(",")
        }
        Place::Collection(collection) => {
            let mut methods = vec!["OPTIONS", "GET"];
            let has = |method: &str| collection.operations.iter().any(|operation| operation.method == method);
            methods.extend(["POST", "DELETE"].into_iter().filter(|method| has(method)));
            methods.join(",")
        }
        Place::Item(collection, name) => {
            let parameters = collection.operation(name)?.parameters.iter();
            parameters
                .map(collections::Parameter::signature)
                .collect::<Vec<_>>()
                .join(",")
        }
        Place::Docs(_) | Place::Form(_) => return None,
    };
    let mut reply = HttpResponse::Ok();
    if !allow.is_empty() {
        reply.insert_header((header::ALLOW, allow));
    }
    Some(reply.finish())
}
