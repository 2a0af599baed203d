//! Where services are: this one under the names that clients look for, and itself.

use super::derived::derived_id;

/// What everybody is told.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The only region.
    pub region: String,
    compute: Option<String>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What clients look for.
    pub kind: &'static str,
    /// libcloud looks for `cinderv3`.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its address, the same for everybody; in a project where it says `%(project_id)s`.
    pub url: String,
}

/// Who an endpoint is for; they are all the same here.
pub const INTERFACES: [&str; 3] = ["public", "internal", "admin"];

/// What stands for the project in an address, as in Keystone.
const PROJECT: &str = "%(project_id)s";

impl Catalog {
    /// With one region, and an address for the compute service if there is one.
    pub fn new(region: &str, compute: &str) -> Self {
        Self {
            region: region.to_owned(),
            compute: Some(compute.to_owned()).filter(|url| !url.is_empty()),
        }
    }

    /// The services, below the address that a client uses for this program.
    pub fn services(&self, base: &str) -> Vec<Service> {
        let service = |kind, name, description, url| Service {
            id: derived_id("service", kind),
            kind,
            name,
            description,
            url,
        };
        let volumes = format!("{base}/v3/{PROJECT}");
        let ours = "breezeblock, volumes and snapshots";
        let mut services = vec![
            service("volumev3", "cinderv3", ours, volumes.clone()),
            service("block-storage", "cinder", ours, volumes),
            service(
                "identity",
                "keystone",
                "breezeblock, identity for development",
                format!("{base}/identity"),
            ),
        ];
        if let Some(url) = &self.compute {
            let description = "somebody else's, as the settings say";
            services.push(service("compute", "nova", description, url.clone()));
        }
        services
    }
}

impl Service {
    /// The id of one of its endpoints.
    pub fn endpoint_id(&self, interface: &str) -> String {
        derived_id("endpoint", &format!("{}/{interface}", self.kind))
    }

    /// Its address for a project.
    pub fn url_in(&self, project: &str) -> String {
        self.url.replace(PROJECT, project)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_below_the_clients_own() {
        let services = Catalog::new("RegionOne", "").services("http://h:1");
        let found: Vec<_> = services
            .iter()
            .map(|service| (service.kind, service.name, service.url_in("p")))
            .collect();
        let volumes = "http://h:1/v3/p".to_owned();
        assert_eq!(
            found,
            [
                ("volumev3", "cinderv3", volumes.clone()),
                ("block-storage", "cinder", volumes),
                ("identity", "keystone", "http://h:1/identity".to_owned()),
            ]
        );
        let mut ids: Vec<_> = services
            .iter()
            .flat_map(|service| INTERFACES.map(|interface| service.endpoint_id(interface)))
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 9);
    }

    #[test]
    fn a_compute_service_is_listed_where_there_is_one() {
        let services = Catalog::new("RegionOne", "http://nova/v2.1").services("http://h");
        assert_eq!(services.last().unwrap().url_in("p"), "http://nova/v2.1");
    }
}
