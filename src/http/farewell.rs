//! Sends clients away that keep their connections, when the server is about to end.
//!
//! A connection that is kept between requests is closed at the end of the server, perhaps at the very moment at which
//! its client sends the next request, which then fails. So from the beginning of the end on, each reply says that
//! the connection ends with it (RFC 9112, 9.6), and the client's next request goes elsewhere.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::ConnectionType,
    middleware::Next,
    web,
};
use tokio_util::sync::CancellationToken;

/// Whether clients are sent away.
#[derive(Clone, Debug, Default)]
pub struct Farewell(pub CancellationToken);

/// The middleware.
///
/// # Errors
/// Those of what it is around.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let farewell = request.app_data::<web::Data<Farewell>>().cloned();
    let mut response = next.call(request).await?;
    if farewell.is_some_and(|farewell| farewell.0.is_cancelled()) {
        response
            .response_mut()
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
