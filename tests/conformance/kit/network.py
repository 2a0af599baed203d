"""A stand-in for Neutron, which has nothing: Tempest asks it what there is to tidy up when a project goes."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class _Nothing(BaseHTTPRequestHandler):
    """Answers GET /v2.0/<things> with an empty list of things, and all else with 404."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path).path.strip("/").split("/")
        known = len(parts) == 2 and parts[0] == "v2.0"
        body = json.dumps({parts[1].replace("-", "_"): []} if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nobody reads it."""


@contextlib.contextmanager
def running():
    """Serves as long as the block lasts; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
