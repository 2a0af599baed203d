//! The HTTP server: every front over one service.

use std::{net::TcpListener, num::NonZero, time::Duration};

use actix_web::{
    App, HttpMessage as _, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};

use super::{drain::Drain, identity::Identities, options};
use crate::{
    auth::policy::Policy,
    cinder::{self, CinderOptions, Identity},
    deltacloud,
    http::{
        admission::Admission,
        connections::Connections,
        farewell::Farewell,
        health::{self, Probes},
        request::{self, AsItIs, AsTheyAre, Gate},
    },
    identity,
    service::Service,
    settings::Settings,
};

/// What requests are answered from.
#[derive(Debug)]
pub(super) struct Parts {
    pub service: Service,
    pub identities: Identities,
    pub policy: Policy,
    pub probes: Probes,
}

/// The server, listening.
///
/// # Errors
/// [`std::io::Error`] of the operating system.
pub(super) fn serve(listener: TcpListener, settings: &Settings, parts: Parts) -> std::io::Result<(Server, Drain)> {
    let limits = &settings.server;
    let patience = Duration::from_secs(limits.client_timeout);
    let connections = Connections::new(limits.max_connections, patience);
    let drain = Drain {
        listener: listener.try_clone()?,
        connections: connections.clone(),
        farewell: Farewell::new(connections.clone()),
    };
    let Identities {
        authenticator,
        logins,
        dev,
    } = parts.identities;
    let authenticator: Data<Identity> = Data::from(authenticator);
    let (service, policy, probes) = (
        Data::new(parts.service),
        Data::new(parts.policy),
        Data::new(parts.probes),
    );
    let public_endpoint = options::public_endpoint(settings);
    let deltacloud = options::deltacloud(settings).map(Data::new);
    let gate = Data::new(Gate {
        as_they_are: AsTheyAre::below(deltacloud.iter().map(|options| &*options.base_path)),
        admission: Admission::new(limits.max_requests, limits.max_unsent, overloaded),
        farewell: drain.farewell.clone(),
        patience,
    });
    let identity_options = Data::new(identity::http::Options {
        public_endpoint: public_endpoint.clone(),
    });
    let cinder = Data::new(CinderOptions {
        public_endpoint,
        max_limit: settings.server.max_limit,
    });
    let max_body = limits.max_request_body_size;
    let workers = match limits.workers {
        0 => std::thread::available_parallelism().map_or(2, NonZero::get),
        workers => workers,
    };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .app_data(authenticator.clone())
            .app_data(policy.clone())
            .app_data(cinder.clone())
            .app_data(probes.clone())
            .app_data(gate.clone())
            .app_data(web::PayloadConfig::new(max_body))
            .wrap(from_fn(request::around))
            .route(request::HEALTH, web::get().to(health::healthcheck))
            .configure(|config| {
                if let Some(options) = &deltacloud {
                    config.app_data(options.clone()).app_data(logins.clone());
                    deltacloud::configure(config);
                }
            })
            .configure(cinder::configure)
            .configure(|config| {
                if let Some(dev) = &dev {
                    config.app_data(dev.clone()).app_data(identity_options.clone());
                    identity::http::configure(config);
                }
            })
            .default_service(web::to(cinder::not_found))
    })
    .on_connect(move |connection, data| connections.note(connection, data))
    .disable_signals()
    .workers(workers)
    // Each has its share.
    .max_connections(limits.max_connections.div_ceil(workers))
    .keep_alive(Duration::from_secs(limits.keep_alive))
    .client_request_timeout(patience)
    .shutdown_timeout(limits.shutdown_grace);
    Ok((server.listen(listener)?.run(), drain))
}

/// The refusal of a request that there is no room for, in the words of the front that it is for.
fn overloaded(request: &HttpRequest) -> HttpResponse {
    if request.extensions().get::<AsItIs>().is_some() {
        deltacloud::overloaded()
    } else if request.path().starts_with("/identity") {
        identity::http::overloaded()
    } else {
        cinder::overloaded()
    }
}
