"""One client on one connection, which costs as little as Python can."""

import json
import socket

from plan import HEADERS


class Reply:
    def __init__(self, head, body):
        self.head, self.body = head, body
        self.status = int(head.split(b" ", 2)[1])

    @property
    def raw(self):
        return self.head + b"\r\n\r\n" + self.body

    def json(self):
        return json.loads(self.body)


class Client:
    def __init__(self, port, timeout=60):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        self.left = b""

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def prepared(self, method, path, body=None):
        """The bytes of a request, `body` being a text."""
        sent = (body or "").encode()
        more = f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n" if sent else ""
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.headers}{more}\r\n".encode() + sent

    def exchange(self, request):
        self.connection.sendall(request)
        data = self.left
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self.more()
        head = data[:end]
        parts, have = [data[end + 4 :]], len(data) - end - 4
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"),
            0 if b" 204 " in head[:20] else None,
        )
        if length is None:
            raise RuntimeError(f"a reply without a length: {head!r}")
        while have < length:
            parts.append(self.more())
            have += len(parts[-1])
        body = b"".join(parts)
        self.left = body[length:]
        return Reply(head, body[:length])

    def more(self):
        data = self.connection.recv(1 << 20)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def ask(self, method, path, body=None):
        """A reply that must be a success."""
        reply = self.exchange(self.prepared(method, path, body))
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.raw[:2000]!r}")
        return reply
