# SPDX-License-Identifier: Apache-2.0
"""A running server, and raw requests to it: what no well-behaved client would send."""

import contextlib
import http.client
import json
import re
import socket
import subprocess

JSON = {"Content-Type": "application/json"}


class Answer:
    def __init__(self, status, fields, body, closed):
        self.status, self.fields, self.body, self.closed = status, fields, body, closed

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]


class Server:
    """`command` prints the address first; it ends with the `with` block."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().strip()
        found = re.fullmatch(r"http://(.+):(\d+)/#token=([\w-]+)", self.url)
        assert found, (self.url, self.process.stderr.read())
        self.host, self.port, self.token = found[1], int(found[2]), found[3]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=60)

    @property
    def authorized(self):
        return {"Authorization": f"Bearer {self.token}"}

    def connect(self, timeout=60):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def lines(self, first="GET / HTTP/1.1", *fields, host=True):
        """A head; with the Host that is right unless told otherwise."""
        lines = [first, *([f"Host: 127.0.0.1:{self.port}"] if host else []), *fields]
        return "".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n"

    def raw(self, request):
        """The first answer to these bytes."""
        with self.connect() as connection:
            with contextlib.suppress(ConnectionError):  # the server may answer and close before it has read all
                connection.sendall(request)
            return read_answer(connection)

    def ask(self, method, path, body=None, **fields):
        """A well-formed request with the token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {**self.authorized, **({} if body is None else JSON), **named})
        answer = connection.getresponse()
        result = Answer(answer.status, answer.headers, answer.read(), None)
        connection.close()
        return result

    def get(self, path, **fields):
        return self.ask("GET", path, **fields)

    def post(self, path, body, **fields):
        return self.ask("POST", path, body, **fields)

    def begin(self, path, body):
        """Sends a request and does not wait for its answer."""
        connection = self.connect()
        content = json.dumps(body).encode()
        head = self.lines(
            f"POST {path} HTTP/1.1",
            f"Authorization: Bearer {self.token}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
        )
        connection.sendall(head + content)
        return connection


class Answers:
    """Answers that come one after another on a connection."""

    def __init__(self, connection):
        self.connection = connection
        self.file = connection.makefile("rb")
        self.close = self.file.close
        self.file.close = lambda: None  # http.client closes what it has read an answer from

    def makefile(self, _):
        return self.file

    def next(self, method="GET"):
        answer = http.client.HTTPResponse(self, method=method)
        answer.begin()
        body = answer.read()
        closed = False
        if answer.headers["Connection"] == "close":
            try:
                closed = self.file.read(1) == b""
            except ConnectionResetError:
                closed = True
        return Answer(answer.status, answer.headers, body, closed)


def read_answer(connection):
    return Answers(connection).next()


def is_closed(connection, seconds):
    """Whether the server closes within this time, without an answer or after one."""
    connection.settimeout(seconds)
    try:
        while connection.recv(65536):
            pass
        return True
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
