"""Calls of a running server, with the standard library alone."""

import http.client
import json
import threading
from urllib.parse import urlsplit


class Server:
    """A server, and the threads that call it: each keeps a connection open."""

    def __init__(self, address, calls):
        self._host = urlsplit(address).netloc
        self._calls = calls
        self._local = threading.local()

    def post(self, path, body):
        """The reply to a call, as JSON."""
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(self._host)
        headers = {"Content-Type": "application/json"}
        self._local.connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
        response = self._local.connection.getresponse()
        text = response.read().decode("utf-8")
        if response.status >= 400:
            raise RuntimeError(f"{path}: {text}")
        return json.loads(text)

    def post_all(self, path, bodies):
        """The replies to many calls, in their order."""
        return self.map(lambda body: self.post(path, body), bodies)

    def map(self, call, items):
        """What a function that makes calls gives for each item, in their order."""
        return list(self._calls.map(call, items))
