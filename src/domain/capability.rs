//! What the back end can do, and whether that is what a volume type asks for: Cinder's capabilities
//! filter (`scheduler/filters/capabilities_filter.py`, `extra_specs_ops.py`).

use super::Metadata;

/// The value of a capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capability {
    /// A name.
    Text(String),
    /// An amount.
    Number(u64),
    /// Whether it can.
    Flag(bool),
}

impl From<&str> for Capability {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What a back end reports of itself, in the order in which replies show it.
#[derive(Clone, Debug, Default)]
pub struct Capabilities(pub Vec<(&'static str, Capability)>);

impl Capabilities {
    /// Whether all extra specs hold that are about capabilities: those without a scope and those in the
    /// scope `capabilities`. A capability that is not reported fulfils nothing.
    pub fn satisfy(&self, specs: &Metadata) -> bool {
        specs.iter().all(|(key, wanted)| {
            let name = match key.split_once(':') {
                None => key,
                Some(("capabilities", name)) => name,
                Some(_scope_of_others) => return true,
            };
            let found = self.0.iter().find(|(own, _value)| *own == name);
            found.is_some_and(|(_name, value)| value.fulfils(wanted))
        })
    }
}

impl Capability {
    /// Whether the value is what a spec asks for: a value, or an operator and a value.
    fn fulfils(&self, wanted: &str) -> bool {
        let mut words = wanted.split_whitespace();
        let operator = words.next().unwrap_or_default();
        let number = |holds: fn(f64, f64) -> bool| {
            let value = wanted.split_whitespace().nth(1).and_then(|word| word.parse().ok());
            self.number().zip(value).is_some_and(|(own, value)| holds(own, value))
        };
        let text = |holds: fn(&str, &str) -> bool| match (self, wanted.split_whitespace().nth(1)) {
            (Self::Text(own), Some(value)) => holds(own, value),
            (Self::Text(_) | Self::Number(_) | Self::Flag(_), _) => false,
        };
        match operator {
            "=" | ">=" => number(|own, value| own >= value),
            "<=" => number(|own, value| own <= value),
            "==" => number(|own, value| own.total_cmp(&value).is_eq()),
            "!=" => number(|own, value| own.total_cmp(&value).is_ne()),
            "<in>" => text(|own, value| own.contains(value)),
            "s==" => text(|own, value| own == value),
            "s!=" => text(|own, value| own != value),
            "s<" => text(|own, value| own < value),
            "s<=" => text(|own, value| own <= value),
            "s>" => text(|own, value| own > value),
            "s>=" => text(|own, value| own >= value),
            "<is>" => words.next().is_some_and(|value| truth(value) == self.truth()),
            // `<or> a <or> b`: every other word is a value.
            "<or>" => words.step_by(2).any(|value| self.is_text(value)),
            _value => self.is_text(wanted),
        }
    }

    fn is_text(&self, wanted: &str) -> bool {
        matches!(self, Self::Text(own) if own == wanted)
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            // Amounts are GiB, far below where a float loses count.
            Self::Number(number) => u32::try_from(*number).ok().map(f64::from),
            Self::Flag(flag) => Some(f64::from(u8::from(*flag))),
        }
    }

    fn truth(&self) -> bool {
        match self {
            Self::Text(text) => truth(text),
            Self::Number(number) => *number == 1,
            Self::Flag(flag) => *flag,
        }
    }
}

/// Python's lenient reading of a flag (`oslo_utils.strutils.bool_from_string`).
fn truth(text: &str) -> bool {
    ["1", "t", "true", "on", "y", "yes"].contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn satisfied(key: &str, wanted: &str) -> bool {
        let capabilities = Capabilities(vec![
            ("vendor_name", "breezeblock".into()),
            ("free_capacity_gb", Capability::Number(50)),
            ("thin_provisioning_support", Capability::Flag(true)),
            ("multiattach", Capability::Flag(false)),
        ]);
        capabilities.satisfy(&Metadata::from([(key.to_owned(), wanted.to_owned())]))
    }

    #[test]
    fn a_spec_asks_for_a_value_or_compares() {
        for (key, wanted, expected) in [
            ("vendor_name", "breezeblock", true),
            ("vendor_name", "breeze", false),
            ("capabilities:vendor_name", "breezeblock", true),
            ("capabilities:vendor_name", "other", false),
            ("vendor_name", "<in> breeze", true),
            ("vendor_name", "<or> lvm <or> breezeblock", true),
            ("vendor_name", "<or> lvm <or> ceph", false),
            ("vendor_name", "s== breezeblock", true),
            ("vendor_name", "s!= breezeblock", false),
            ("vendor_name", "s>= a", true),
            ("vendor_name", "s<", false),
            ("vendor_name", ">= 1", false),
            ("free_capacity_gb", "= 50", true),
            ("free_capacity_gb", ">= 51", false),
            ("free_capacity_gb", "<= 50.5", true),
            ("free_capacity_gb", "== 50", true),
            ("free_capacity_gb", "!= 50", false),
            ("free_capacity_gb", ">=", false),
            ("free_capacity_gb", "50", false),
            ("thin_provisioning_support", "<is> True", true),
            ("multiattach", "<is> True", false),
            ("multiattach", "<is> no", true),
            // As in Cinder, where a flag is no text.
            ("thin_provisioning_support", "True", false),
            ("iops", "100", false),
        ] {
            assert_eq!(satisfied(key, wanted), expected, "{key} {wanted}");
        }
    }

    #[test]
    fn other_scopes_are_for_others() {
        assert!(satisfied("RESKEY:availability_zones", "nova"));
        assert!(satisfied("hpe3par:cpg", "x"));
        assert!(Capabilities::default().satisfy(&Metadata::new()));
    }
}
