//! How a database would go about a statement, and what is bad about that. Values are left open, as they are for the
//! connections that serve short reads, so the plan is the one for all of them.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row, SqliteConnection};

/// Asks one database.
pub enum Explainer {
    Sqlite(SqliteConnection),
    /// With the column that each index begins with.
    Postgres(PgConnection, HashMap<String, String>),
}

impl Explainer {
    pub async fn new(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            return Self::Sqlite(SqliteConnection::connect(url).await.unwrap());
        }
        let mut connection = PgConnection::connect(url).await.unwrap();
        let generic = "SET plan_cache_mode = force_generic_plan";
        connection.execute(generic).await.unwrap();
        let first = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) FROM pg_index";
        let rows = connection.fetch_all(first).await.unwrap();
        let first = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        Self::Postgres(connection, first)
    }

    /// A statement without rows.
    pub async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(connection) => drop(connection.execute(sql).await.unwrap()),
            Self::Postgres(connection, _) => drop(connection.execute(sql).await.unwrap()),
        }
    }

    /// The steps of the plan, a line each.
    pub async fn plan(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let rows = connection.fetch_all(explain).await.unwrap();
                rows.iter().map(|row| row.get("detail")).collect()
            }
            Self::Postgres(connection, _) => {
                let values = vec!["NULL"; places(sql)].join(", ");
                let values = if values.is_empty() {
                    values
                } else {
                    format!("({values})")
                };
                let prepare = AssertSqlSafe(format!("PREPARE asked AS {sql}"));
                connection.execute(prepare).await.unwrap();
                let explain = AssertSqlSafe(format!("EXPLAIN (COSTS OFF) EXECUTE asked{values}"));
                let rows = connection.fetch_all(explain).await.unwrap();
                connection.execute("DEALLOCATE asked").await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect()
            }
        }
    }

    /// What of a plan looks at all rows of a table, or of an index.
    pub fn scans(&self, plan: &[String]) -> Vec<String> {
        let is_full = |index: usize, line: &str| match self {
            Self::Sqlite(_) => line.strip_prefix("SCAN ").is_some_and(|what| !is_made(plan, what)),
            Self::Postgres(_, first) => match index_of(line) {
                // A condition on a later column alone is asked of all entries.
                Some(name) => !conditions(plan, index).any(|line| line.contains(&first[name])),
                None => line.contains("Seq Scan on"),
            },
        };
        let scans = plan.iter().enumerate().filter(|(index, line)| is_full(*index, line));
        scans.map(|(_, line)| line.trim().to_owned()).collect()
    }

    /// What of a plan puts rows in order, which takes all of them.
    pub fn sorts(&self, plan: &[String]) -> Vec<String> {
        let sorts = |line: &&String| match self {
            Self::Sqlite(_) => line.contains("TEMP B-TREE"),
            // Incremental ones sort what is equal in the order that there is, a few rows at a time.
            Self::Postgres(..) => {
                let node = line.trim_start().trim_start_matches("->").trim_start();
                node == "Sort" || node.starts_with("Bitmap") || node.contains("Hash")
            }
        };
        plan.iter().filter(sorts).cloned().collect()
    }

    /// The conditions by which rows are dropped that were found already. SQLite does not tell.
    pub fn filters(&self, plan: &[String]) -> Vec<String> {
        let filters = plan.iter().filter(|line| line.trim_start().starts_with("Filter: "));
        match self {
            Self::Sqlite(_) => Vec::new(),
            Self::Postgres(..) => filters.map(|line| line.trim().to_owned()).collect(),
        }
    }
}

/// How many values a statement takes.
fn places(sql: &str) -> usize {
    let numbers = sql.split('$').skip(1).map(|rest| {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().unwrap_or(0)
    });
    numbers.max().unwrap_or(0)
}

/// Whether SQLite goes through what the statement itself has made, and not through a table.
fn is_made(plan: &[String], what: &str) -> bool {
    ["CO-ROUTINE", "MATERIALIZE"]
        .iter()
        .any(|made| plan.contains(&format!("{made} {what}")))
        || what == "CONSTANT ROW"
}

/// The index that a step of PostgreSQL reads.
fn index_of(line: &str) -> Option<&str> {
    let after = [
        "Index Scan using ",
        "Index Only Scan using ",
        "Index Scan Backward using ",
        "Index Only Scan Backward using ",
        "Bitmap Index Scan on ",
    ];
    let rest = after.iter().find_map(|text| line.split_once(text))?.1;
    rest.split(' ').next()
}

/// The conditions by which the step at `index` finds its rows.
fn conditions(plan: &[String], index: usize) -> impl Iterator<Item = &String> {
    let own = plan[index + 1..].iter().take_while(|line| !line.contains("->"));
    own.filter(|line| line.trim_start().starts_with("Index Cond: "))
}
