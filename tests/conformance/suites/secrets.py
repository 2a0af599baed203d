"""What is secret stays so: nothing that proves who somebody is may be found in the service's log."""

from kit.identity import password_of


def run(cloud, report, tokens):
    """Looks for the tokens that were used, and for passwords."""
    with report.check(f"secrets/{cloud.identity}/not-in-the-log"):
        log = cloud.service.log()
        assert len(log) > 1000 and len(tokens) > 5, "there is too little to look at"
        found = [token[:12] for token in set(tokens) if token in log]
        assert not found, f"tokens in the log that begin with {found}"
        for user in ("cinder", "demo", "admin"):
            assert password_of(user) not in log, f"the password of {user} is in the log"
