//! Users and projects: settings, read once. Ids are made from names, so they survive restarts without
//! being kept anywhere.

use std::sync::Arc;

use secrecy::SecretString;

use super::{derived::derived_id, roles::with_implied};
use crate::settings::{Dev, Role};

/// The one domain that there is, as a fresh Keystone has it.
pub const DOMAIN_ID: &str = "default";
/// Its name.
pub const DOMAIN_NAME: &str = "Default";

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The name to log in with.
    pub name: String,
    /// An argon2 hash in PHC form.
    pub password_hash: SecretString,
    /// The id of the project of a login that names none.
    pub default_project: Option<String>,
    /// Ids of projects, and the roles given there, without what they imply.
    pub grants: Vec<(String, Vec<Role>)>,
}

/// Everybody and everything that can be looked up.
#[derive(Clone, Debug)]
pub struct Directory {
    /// In the order of the settings.
    pub users: Vec<Arc<User>>,
    /// In the order of the settings.
    pub projects: Vec<Arc<Project>>,
}

/// How a request names the domain of a user or of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainRef {
    /// By its id.
    Id(String),
    /// By its name.
    Name(String),
}

impl DomainRef {
    /// Whether this is the one domain. Its name is taken in any case of letters, as Keystone takes it on some databases:
    /// many write `default`.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Id(id) => id == DOMAIN_ID,
            Self::Name(name) => name.eq_ignore_ascii_case(DOMAIN_NAME),
        }
    }
}

/// How a request names a user or a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(String),
    /// By its name in a domain.
    Name(String, DomainRef),
}

impl Directory {
    /// Reads the settings, which have been checked.
    pub fn new(settings: &Dev) -> Self {
        let projects: Vec<_> = settings
            .projects
            .iter()
            .map(|project| {
                let id = project.id.clone();
                Arc::new(Project {
                    id: id.unwrap_or_else(|| derived_id("project", &project.name)),
                    name: project.name.clone(),
                    description: project.description.clone(),
                })
            })
            .collect();
        let id_of = |name: &String| {
            let project = projects.iter().find(|project| project.name == *name)?;
            Some(project.id.clone())
        };
        let users = settings
            .users
            .iter()
            .map(|user| {
                let grants = user.projects.iter();
                Arc::new(User {
                    id: derived_id("user", &user.name),
                    name: user.name.clone(),
                    password_hash: user.password_hash.clone().unwrap_or_default(),
                    default_project: user.default_project.as_ref().and_then(id_of),
                    grants: grants
                        .filter_map(|(project, roles)| Some((id_of(project)?, roles.clone())))
                        .collect(),
                })
            })
            .collect();
        Self { users, projects }
    }

    /// The project with this id.
    pub fn project(&self, id: &str) -> Option<&Arc<Project>> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// The project that a request names.
    pub fn find_project(&self, named: &Named) -> Option<&Arc<Project>> {
        match named {
            Named::Id(id) => self.project(id),
            Named::Name(name, domain) => {
                let mut projects = self.projects.iter().filter(|_project| domain.is_known());
                projects.find(|project| project.name == *name)
            }
        }
    }

    /// The user with this id.
    pub fn user(&self, id: &str) -> Option<&Arc<User>> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The user that a request names.
    pub fn find_user(&self, named: &Named) -> Option<&Arc<User>> {
        match named {
            Named::Id(id) => self.user(id),
            Named::Name(name, domain) => {
                let mut users = self.users.iter().filter(|_user| domain.is_known());
                users.find(|user| user.name == *name)
            }
        }
    }

    /// The projects that a user has a role on.
    pub fn projects_of<'d>(&'d self, user: &'d User) -> impl Iterator<Item = &'d Arc<Project>> {
        self.projects
            .iter()
            .filter(|project| !user.roles_on(&project.id).is_empty())
    }
}

impl User {
    /// The user's roles on a project, implied ones included; none if it is not the user's.
    pub fn roles_on(&self, project: &str) -> Vec<Role> {
        let grants = self.grants.iter().filter(|(id, _roles)| id == project);
        with_implied(grants.flat_map(|(_id, roles)| roles.iter().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn directory() -> Directory {
        Directory::new(&Settings::load(None, []).unwrap().dev)
    }

    #[test]
    fn ids_are_the_same_at_every_start() {
        let directory = directory();
        let ids: Vec<_> = directory.projects.iter().map(|project| project.id.as_str()).collect();
        assert_eq!(
            ids,
            ["8a113e79a463503bb90c545728f2e892", "564ae4863de859e7af24cc9b993c0112"]
        );
    }

    #[test]
    fn both_spellings_of_the_domain_lead_to_the_same() {
        let directory = directory();
        let by = |domain| directory.find_user(&Named::Name("demo".to_owned(), domain));
        let id = by(DomainRef::Id("default".to_owned())).unwrap().id.clone();
        assert_eq!(by(DomainRef::Name("Default".to_owned())).unwrap().id, id);
        assert_eq!(directory.find_user(&Named::Id(id)).unwrap().name, "demo");
        assert!(by(DomainRef::Id("Default".to_owned())).is_none());
        assert!(by(DomainRef::Name("elsewhere".to_owned())).is_none());
    }

    #[test]
    fn roles_are_a_projects() {
        let directory = directory();
        let [admin, demo] = &directory.projects[..] else {
            panic!("two projects");
        };
        let roles = |user: usize, project: &Project| directory.users[user].roles_on(&project.id);
        assert_eq!(roles(0, demo), [Role::Admin, Role::Member, Role::Reader]);
        assert_eq!(roles(1, demo), [Role::Member, Role::Reader]);
        assert_eq!(roles(1, admin), []);
        assert_eq!(roles(2, demo), [Role::Reader]);
        let names: Vec<_> = directory
            .projects_of(&directory.users[1])
            .map(|project| project.name.as_str())
            .collect();
        assert_eq!(names, ["demo"]);
    }
}
