"""What every suite of `make conformance` needs: a real Keystone, the service in front of it, and the report."""
