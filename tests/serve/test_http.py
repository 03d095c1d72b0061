# SPDX-License-Identifier: Apache-2.0
"""What the server refuses, and how: wrong sources, paths, heads and bodies (rows 81 to 86 of the bad inputs)."""

import json
import socket
import time

import pytest
from serve_client import Answers, read_answer


def test_a_host_that_is_not_this_server_is_misdirected(server):
    port = server.port
    for host in (
        "evil.example", f"127.0.0.1.evil:{port}", f"localhost.:{port}", f"127.0.0.1:{port}x", f"127.0.0.1:{port}/",
        f"user@127.0.0.1:{port}", "127.0.0.1:1", "127.0.0.1", "localhost", "", f"0.0.0.0:{port}",
    ):  # fmt: skip
        answer = server.raw(server.lines("GET / HTTP/1.1", f"Host: {host}", host=False))
        assert answer.status == 421 and answer.closed, host
        assert answer.error["code"] == "HOST"
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}", f"LOCALHOST:{port}"):
        assert server.raw(server.lines("GET / HTTP/1.1", f"Host: {host}", host=False)).status == 200, host


def test_no_host_and_two_hosts_are_a_bad_request(server):
    good = f"Host: 127.0.0.1:{server.port}"
    for fields in ((), (good, good), (good, "Host: evil.example")):
        answer = server.raw(server.lines("GET / HTTP/1.1", *fields, host=False))
        assert answer.status == 400 and answer.error["code"] == "HOST", fields
    assert server.raw(server.lines("GET / HTTP/1.0", host=False)).status == 400


@pytest.mark.parametrize("target", ["/", "/api/model", "/api/documents"])
def test_other_sites_are_forbidden(server, target):
    method = "POST" if target == "/api/documents" else "GET"
    for field in (
        "Origin: http://evil.example", "Origin: null", f"Origin: https://127.0.0.1:{server.port}",
        "Origin: http://127.0.0.1", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
    ):  # fmt: skip
        authorized = f"Authorization: Bearer {server.token}"
        answer = server.raw(server.lines(f"{method} {target} HTTP/1.1", field, authorized))
        assert answer.status == 403 and answer.error["code"] == "ORIGIN", field
    own = server.raw(server.lines("GET / HTTP/1.1", f"Origin: http://127.0.0.1:{server.port}", "Sec-Fetch-Site: none"))
    assert own.status == 200


def test_all_below_api_needs_the_token_whether_it_exists_or_not(server, document):
    token = server.token
    wrong = ("", "Bearer", "Bearer x", f"Bearer {token}x", f"Bearer {token[:-1]}", f"Basic {token}", token)
    for target in ("/api/model", "/api/documents", f"{document}/report", f"{document}/parts/overview", "/api/nothing"):
        for value in (None, *wrong):
            fields = () if value is None else (f"Authorization: {value}",)
            answer = server.raw(server.lines(f"GET {target} HTTP/1.1", *fields))
            assert answer.status == 401 and answer.fields["WWW-Authenticate"] == "Bearer", (target, value)
    assert server.raw(server.lines(f"GET /api/model?token={token} HTTP/1.1")).status == 401
    assert server.get("/api/nothing").status == 404


def test_bodies_that_are_not_called_json_are_refused(server):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert server.post("/api/documents", {"text": "a"}, Content_Type=kind).status == 415, kind
    assert server.post("/api/documents", {}, Content_Type="Application/JSON; charset=utf-8").status == 400


def test_no_answer_ever_allows_another_origin(server, document):
    preflight = ("Origin: http://evil.example", "Access-Control-Request-Method: POST")
    answers = [
        server.raw(server.lines()),
        server.raw(server.lines("OPTIONS /api/documents HTTP/1.1", *preflight)),
        server.raw(server.lines("OPTIONS /api/documents HTTP/1.1", f"Authorization: Bearer {server.token}")),
        server.raw(server.lines("GET /nothing HTTP/1.1")),
        server.raw(b"nonsense\r\n"),
        server.get("/api/model"),
        server.get(f"{document}/parts/overview"),
        server.post("/api/documents", {}),
    ]
    assert [answer.status for answer in answers] == [200, 403, 405, 404, 400, 200, 200, 400]
    for answer in answers:
        assert not [name for name in answer.fields if name.lower().startswith("access-control")]
        assert answer.fields["X-Content-Type-Options"] == "nosniff"
        assert answer.fields["Referrer-Policy"] == "no-referrer"
        assert answer.fields["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.fields["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.fields["Cache-Control"] in ("no-store", "private, no-cache")
        assert "default-src 'none'" in answer.fields["Content-Security-Policy"]


def test_no_path_leads_to_a_file(server):
    for target in (
        "/../etc/passwd", "/..\\..\\etc\\passwd", "/%2e%2e/etc/passwd", "/%252e%252e/etc/passwd", "/..%2fetc/passwd",
        "/.", "//etc/passwd", "/index.html", "/apix/model", "/assets/../api/model",
    ):  # fmt: skip
        assert server.raw(server.lines(f"GET {target} HTTP/1.1")).status == 404, target
    for target in ("/%00", "/a%00.html", "/%c0%ae%c0%ae/", f"http://127.0.0.1:{server.port}/", "*", "/%", "/%g0"):
        assert server.raw(server.lines(f"GET {target} HTTP/1.1")).status == 400, target
    prefix = server.raw(server.lines("GET /api/../api/model HTTP/1.1", f"Authorization: Bearer {server.token}"))
    assert prefix.status == 404


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server):
    fields = (f"Authorization: Bearer {server.token}", "Content-Type: application/json")
    answer = server.raw(server.lines("POST /api/documents HTTP/1.1", *fields, "Content-Length: 1048577"))
    assert answer.status == 413 and answer.closed
    large = server.lines("POST /api/documents HTTP/1.1", *fields, "Content-Length: 8000000") + b" " * 8_000_000
    assert server.raw(large).status == 413


def test_lengths_that_can_be_read_in_two_ways_are_a_bad_request(server):
    for fields in (
        ["Content-Length: -1"], ["Content-Length: +5"], ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 9223372036854775808"], ["Content-Length: 0x10"], ["Content-Length: "],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ):  # fmt: skip
        answer = server.raw(server.lines("POST /api/documents HTTP/1.1", *fields) + b"hello")
        assert answer.status == 400 and answer.closed, fields
    chunked = server.lines("POST /api/documents HTTP/1.1", "Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n"
    answer = server.raw(chunked)
    assert answer.status == 501 and answer.closed


def refused_body(server, path, text):
    content = text if isinstance(text, bytes) else text.encode()
    head = server.lines(
        f"POST {path} HTTP/1.1",
        f"Authorization: Bearer {server.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    )
    answer = server.raw(head + content)
    assert answer.status == 400, text[:80]
    return answer.error


def test_a_malformed_body_is_a_bad_request_that_says_where(server):
    path = "/api/documents"
    for text in (
        "", "{", "{} {}", '{"text": "a",}', "nul", '{"text": 1e999}', '{"text": "\\ud800"}', b'{"text": "\x80"}',
        "{'text': 'a'}", '\ufeff{"text": "a"}',
    ):  # fmt: skip
        error = refused_body(server, path, text)
        assert error["code"] == "BODY_JSON" and "byte" in error["message"], text
    assert refused_body(server, path, "[" * 100_000 + "]" * 100_000)["field"].startswith("/0/0/0")
    assert refused_body(server, path, '{"text": "a", "text": "b"}')["field"] == "/text"
    assert refused_body(server, path, '{"text": "a", "te\\u0078t": "b"}')["field"] == "/text"


def test_wrong_types_and_unknown_fields_are_a_bad_request_that_says_where(server, document):
    for text, field in (("[]", "/"), ("{}", "/"), ('{"text": 1}', "/text"), ('{"text": "a", "more": 1}', "/more")):
        assert refused_body(server, "/api/documents", text)["field"] == field, text
    for text, field in (
        ('{"heads": [[-1, 0]], "focus": 0}', "/heads/0/0"), ('{"heads": [[6, 0]], "focus": 0}', "/heads/0/0"),
        ('{"heads": [[0, 0], [0, 12]], "focus": 0}', "/heads/1/1"), ('{"heads": [[0]], "focus": 0}', "/heads/0"),
        ('{"heads": [[9007199254740993, 0]], "focus": 0}', "/heads/0/0"), ('{"heads": [], "focus": 0}', "/heads"),
        ('{"heads": [[0.0, 0]], "focus": 0}', "/heads/0/0"), ('{"heads": "all", "focus": 0}', "/heads"),
        ('{"heads": [[0, 0]], "focus": 99}', "/focus"), ('{"heads": [[0, 0]]}', "/"),
    ):  # fmt: skip
        assert refused_body(server, f"{document}/ablate", text)["field"] == field, text
    layer = refused_body(server, f"{document}/ablate", '{"heads": [[6, 0]], "focus": 0}')
    assert layer["hint"] == "give 0 to 5"
    assert refused_body(server, f"{document}/scan", '{"focus": -1}')["field"] == "/focus"
    for text, field in (
        ('{"view": "pie"}', "/view"), ('{"view": "grid", "layers": [7]}', "/layers/0"), ("{}", "/"),
        ('{"view": "links"}', "/"), ('{"view": "matrix", "options": {"dpi": 1e9}}', "/options/dpi"),
        ('{"view": "matrix", "options": {"css": ""}}', "/options/css"), ('{"view": "difference"}', "/"),
    ):  # fmt: skip
        assert refused_body(server, f"{document}/figure", text)["field"] == field, text


def test_heads_that_are_too_large_are_refused(server):
    assert server.raw(b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n\r\n").status == 414
    assert server.raw(b"GET /" + b"a" * 65536).status == 414
    assert server.raw(server.lines("GET / HTTP/1.1", *["X: a"] * 10_000)).status == 431
    assert server.raw(server.lines("GET / HTTP/1.1", "X: " + "a" * 1_048_576)).status == 431


def test_heads_that_are_no_http_are_refused_at_once(server):
    host = f"Host: 127.0.0.1:{server.port}".encode()
    hello = bytes.fromhex("16030100c8010000c40303") + bytes(range(32)) + bytes(150)
    for request, status in (
        (b"GET / HTTP/1.1\n" + host + b"\n\n", 400), (b"GET / HTTP/1.1\r\n" + host + b"\r\nX: a\r\n b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400), (b"GET / HTTP/1.1\r\n" + host + b"\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET /\r\n", 400), (b"GET / HTTP/0.9\r\n\r\n", 505), (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (hello, 400), (b"GET / HTTP/3\r\n\r\n", 505), (b"\r\n\r\n", 400), (b"\x00", 400),
    ):  # fmt: skip
        before = time.monotonic()
        answer = server.raw(request)
        assert answer.status == status and answer.closed, request[:60]
        assert time.monotonic() - before < 8, request[:60]  # not by the deadline


def test_a_method_that_does_not_go_with_the_path_is_not_allowed(server, document):
    for method, path, allowed in (
        ("POST", "/api/model", "GET, HEAD"), ("GET", f"{document}/scan", "POST"),
        ("DELETE", "/api/documents", "GET, HEAD, POST"), ("PUT", f"{document}/report", "GET, HEAD"),
    ):  # fmt: skip
        answer = server.ask(method, path)
        assert answer.status == 405 and answer.fields["Allow"] == allowed
    assert server.raw(server.lines("BREW / HTTP/1.1")).status == 405


def test_head_is_get_without_the_body(server):
    with server.connect() as connection:
        connection.sendall(server.lines("HEAD / HTTP/1.1") + server.lines())
        answers = Answers(connection)
        head, page = answers.next("HEAD"), answers.next()
    assert head.body == b"" and head.fields["Content-Length"] == page.fields["Content-Length"] == str(len(page.body))


def test_an_expectation_is_answered_before_the_body(server):
    content = json.dumps({"text": 1}).encode()
    head = server.lines(
        "POST /api/documents HTTP/1.1",
        f"Authorization: Bearer {server.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Expect: 100-continue",
    )
    with server.connect() as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(content)
        assert read_answer(connection).status == 400
    assert server.raw(server.lines("GET / HTTP/1.1", "Expect: 200-ok")).status == 417


def test_a_client_that_closes_its_sending_side_still_gets_the_page(server):
    with server.connect() as connection:
        connection.sendall(server.lines("GET / HTTP/1.0"))
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(connection).status == 200
