//! Who has which role where, for admins.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{
    cx::Cx,
    lists::{is_true, list},
    refusal::Refusal,
};
use crate::{
    http::query::Params,
    identity::directory::{DOMAIN_ID, DOMAIN_NAME, Project, User},
    settings::Role,
};

/// What the query asks for.
struct Wanted<'p> {
    params: &'p Params,
    names: bool,
    effective: bool,
}

/// `GET /v3/role_assignments`. Only users have roles here, and only on projects: a question for groups,
/// domains or the system finds none.
pub async fn index(cx: Cx) -> Result<HttpResponse, Refusal> {
    cx.admin("list_role_assignments").await?;
    let params = cx.params()?;
    let wanted = Wanted {
        names: flag(&params, "include_names"),
        effective: flag(&params, "effective"),
        params: &params,
    };
    let elsewhere = ["group.id", "scope.domain.id", "scope.system"];
    let none = elsewhere.iter().any(|name| value(&params, name).is_some())
        || value(&params, "scope.OS-INHERIT:inherited_to").is_some();
    let mut found = Vec::new();
    if !none {
        let directory = &cx.identity.directory;
        for user in directory.users.iter().filter(|user| wanted.has("user.id", &user.id)) {
            for (project, roles) in &user.grants {
                let Some(project) = directory.project(project) else {
                    continue;
                };
                if wanted.has("scope.project.id", &project.id) {
                    for role in roles.iter().copied() {
                        found.extend(wanted.views(&cx, user, project, role));
                    }
                }
            }
        }
    }
    Ok(list(&cx, "role_assignments", found))
}

fn value<'p>(params: &'p Params, name: &str) -> Option<&'p str> {
    let mut values = params.iter().filter(|(key, _value)| *key == name);
    values.next().map(|(_key, value)| value)
}

fn flag(params: &Params, name: &str) -> bool {
    value(params, name).is_some_and(is_true)
}

impl Wanted<'_> {
    fn has(&self, name: &str, id: &str) -> bool {
        value(self.params, name).is_none_or(|asked| asked == id)
    }

    /// The assignment, and with `effective` what it implies, which names the role that it came from.
    fn views(&self, cx: &Cx, user: &User, project: &Project, given: Role) -> Vec<Value> {
        let chain = std::iter::successors(Some((given, None)), |(role, _prior)| {
            let implied = role.implies().filter(|_implied| self.effective)?;
            Some((implied, Some(*role)))
        });
        chain
            .filter(|(role, _prior)| self.has("role.id", &role.id()))
            .map(|(role, prior)| self.view(cx, user, project, role, prior))
            .collect()
    }

    fn view(&self, cx: &Cx, user: &User, project: &Project, role: Role, prior: Option<Role>) -> Value {
        let from = prior.unwrap_or(role).id();
        let path = format!("projects/{}/users/{}/roles/{from}", project.id, user.id);
        let mut links = json!({"assignment": cx.link(&path)});
        if let Some(prior) = prior {
            links["prior_role"] = json!(cx.link(&format!("roles/{}/implies/{}", prior.id(), role.id())));
        }
        let domain = json!({"id": DOMAIN_ID, "name": DOMAIN_NAME});
        let [project, user, role] = [
            (&project.id, project.name.as_str(), Some(&domain)),
            (&user.id, user.name.as_str(), Some(&domain)),
            (&role.id(), role.name(), None),
        ]
        .map(|(id, name, domain)| {
            let mut view = json!({"id": id});
            if self.names {
                view["name"] = json!(name);
                if let Some(domain) = domain {
                    view["domain"] = domain.clone();
                }
            }
            view
        });
        json!({"links": links, "scope": {"project": project}, "user": user, "role": role})
    }
}
