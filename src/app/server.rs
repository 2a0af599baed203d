//! The HTTP server: every front over one service.

use std::net::TcpListener;

use actix_web::{
    App, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data},
};

use super::{
    drain::{Connections, Drain},
    identity::Identities,
    options,
};
use crate::{
    auth::policy::Policy,
    cinder::{self, CinderOptions, Identity},
    deltacloud,
    http::{self, farewell::Farewell, health::Probes},
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
    let drain = Drain {
        listener: listener.try_clone()?,
        connections: Connections::default(),
        farewell: Farewell::default(),
    };
    let connections = drain.connections.clone();
    let Identities {
        authenticator,
        logins,
        dev,
    } = parts.identities;
    let authenticator: Data<Identity> = Data::from(authenticator);
    let (service, policy, probes, farewell) = (
        Data::new(parts.service),
        Data::new(parts.policy),
        Data::new(parts.probes),
        Data::new(drain.farewell.clone()),
    );
    let public_endpoint = options::public_endpoint(settings);
    let deltacloud = options::deltacloud(settings).map(Data::new);
    let as_they_are = Data::new(http::request::AsTheyAre::below(
        deltacloud.iter().map(|options| &*options.base_path),
    ));
    let identity_options = Data::new(identity::http::Options {
        public_endpoint: public_endpoint.clone(),
    });
    let cinder = Data::new(CinderOptions {
        public_endpoint,
        max_limit: settings.server.max_limit,
    });
    let max_body = settings.server.max_request_body_size;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(service.clone())
            .app_data(authenticator.clone())
            .app_data(policy.clone())
            .app_data(cinder.clone())
            .app_data(probes.clone())
            .app_data(farewell.clone())
            .app_data(as_they_are.clone())
            .app_data(web::PayloadConfig::new(max_body))
            .wrap(from_fn(http::request::around))
            .wrap(from_fn(http::farewell::around))
            .route("/healthcheck", web::get().to(http::health::healthcheck))
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
    .on_connect(move |_connection, data| connections.count(data))
    .disable_signals()
    .shutdown_timeout(settings.server.shutdown_grace);
    let server = if settings.server.workers == 0 {
        server
    } else {
        server.workers(settings.server.workers)
    };
    Ok((server.listen(listener)?.run(), drain))
}
