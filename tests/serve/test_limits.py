# SPDX-License-Identifier: Apache-2.0
"""What a client may take of the server: time, connections, its queue and its memory (rows 87 to 91)."""

import contextlib
import os
import pathlib
import resource
import socket
import threading
import time

import pytest
from serve_client import Answers, is_closed, read_answer

LONG = "Paris visited John . " * 30  # takes many seconds: each word is left out for each entity


def drip(connection, pieces, seconds_between):
    """Sends slowly. Returns the seconds until the server closed."""
    start = time.monotonic()
    connection.settimeout(0.01)
    for piece in pieces:
        with contextlib.suppress(ConnectionError):
            connection.sendall(piece)
        time.sleep(seconds_between)
        with contextlib.suppress(TimeoutError):
            try:
                if connection.recv(1024) == b"":
                    return time.monotonic() - start
            except ConnectionError:
                return time.monotonic() - start
    raise AssertionError("the server went on reading")


def slow_clients(server):
    """Silent, slow in the head, slow in the body."""
    head = server.lines(
        "POST /api/documents HTTP/1.1",
        f"Authorization: Bearer {server.token}",
        "Content-Type: application/json",
        "Content-Length: 5000",
    )
    return {
        "silent": [b""] * 200,
        "head": [b"GET / HTTP/1.1\r\n", *[b"X: a\r\n"] * 200],
        "body": [head, *[b" "] * 200],
    }


@pytest.mark.parametrize(("kind", "deadline"), [("silent", 1.0), ("head", 1.0), ("body", 2.0)])
def test_a_client_that_sends_slowly_is_cut_off_at_the_deadline(limited, kind, deadline):
    with limited("--header-ms", 1000, "--request-ms", 2000) as server, server.connect() as connection:
        seconds = drip(connection, slow_clients(server)[kind], 0.1)
    assert deadline - 0.2 < seconds < deadline + 3


def test_slow_clients_do_not_hold_up_others(limited):
    with limited("--header-ms", 60_000, "--request-ms", 60_000) as server, contextlib.ExitStack() as stack:
        for pieces in list(slow_clients(server).values()) * 30:
            stack.enter_context(server.connect()).sendall(b"".join(pieces[:2]))
        seconds = []
        for _ in range(100):
            start = time.monotonic()
            assert server.get("/api/documents").status == 200
            seconds.append(time.monotonic() - start)
    assert sorted(seconds)[98] < 1


def test_a_client_that_does_not_read_is_cut_off(limited):
    with limited("--write-ms", 1000) as server, server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = server.lines("GET / HTTP/1.1")
        connection.settimeout(0.5)
        with contextlib.suppress(OSError):
            while True:  # until neither side takes more
                connection.sendall(request * 100)
        time.sleep(2.5)
        with pytest.raises(OSError):  # reset: nobody is there any more
            for _ in range(20):
                connection.sendall(request)
                time.sleep(0.1)
        assert server.get("/api/documents").status == 200


def test_an_idle_connection_is_closed(limited):
    with limited("--idle-ms", 500) as server, server.connect() as connection:
        connection.sendall(server.lines())
        assert read_answer(connection).status == 200
        assert is_closed(connection, 10)


def test_more_connections_than_the_limit_are_told_to_come_again(limited):
    with limited("--connections", 20) as server, contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(server.connect()).sendall(b"GET / ")
        for _ in range(5):
            with server.connect() as connection:
                answer = read_answer(connection)
                assert answer.status == 503 and answer.fields["Retry-After"] == "1" and answer.closed
        stack.close()
        for _ in range(100):  # until the server has seen that they are gone
            with contextlib.suppress(ConnectionError):
                if server.get("/api/documents").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the connections were not given back")


def open_files(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_two_thousand_connections_take_no_more_descriptors_than_the_limit(serving):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3000:
        pytest.skip(f"this process may open {hard} files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3000), hard))
    try:
        with serving() as server, contextlib.ExitStack() as stack:
            before = open_files(server)
            connections = [stack.enter_context(server.connect()) for _ in range(2000)]
            answer = read_answer(connections[-1])
            assert answer.status == 503
            assert open_files(server) <= before + 256 + 10
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_two_hundred_clients_at_once_are_all_answered(server):
    answers = []

    def ask():
        answers.append(server.get("/api/documents").status)

    threads = [threading.Thread(target=ask) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 200


def test_pipelined_requests_are_answered_in_order(server, document):
    paths = ["/", "/api/documents", f"{document}/parts/overview", "/api/model"] * 16
    requests = [server.lines(f"GET {path} HTTP/1.1", f"Authorization: Bearer {server.token}") for path in paths]
    single = {path: server.get(path).body for path in dict.fromkeys(paths)}
    with server.connect() as connection:
        connection.sendall(b"".join(requests))
        answers = Answers(connection)
        for path in paths:
            answer = answers.next()
            assert (answer.status, answer.body) == (200, single[path]), path


def processor_seconds(server):
    """Of the process so far: what does not depend on the load of the machine."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_work_ends_when_its_client_leaves(limited):
    with limited() as server:
        document = "/api/documents/" + server.get("/api/model").json["first"]
        ablation = {"heads": [[0, 0]], "focus": 0}
        for seconds in (0.1, 0.5, 1.0, 2.0):
            connection = server.begin("/api/documents", {"text": LONG})  # tens of processor seconds
            time.sleep(seconds)
            connection.close()
            before = processor_seconds(server)
            assert server.post(f"{document}/ablate", ablation).status == 200  # behind it
            assert processor_seconds(server) - before < 1, seconds
        with server.begin(f"{document}/scan", {"focus": 0}) as connection:
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert server.post(f"{document}/ablate", ablation).status == 200
        assert len(server.get("/api/documents").json) == 1


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "This is a sentence. " * 10_000, "paris " * 511], ids=["1 MB", "sentences", "513 tokens"]
)
def test_texts_that_are_too_long_are_refused_with_the_limit(server, text):
    answer = server.post("/api/documents", {"text": text})
    assert answer.status == 422
    assert ("at most 65536" if len(text) > 65536 else "the model takes 512") in answer.error["message"]


def test_the_queue_holds_eight_requests_and_then_says_busy(limited):
    with limited() as server, contextlib.ExitStack() as stack:
        server.get("/api/model")  # until the first text is done
        running = stack.enter_context(server.begin("/api/documents", {"text": LONG}))
        time.sleep(0.5)
        waiting = [stack.enter_context(server.begin("/api/documents", {"text": f"text {i}"})) for i in range(8)]
        time.sleep(0.5)
        answer = server.post("/api/documents", {"text": "one too many"})
        assert answer.status == 503 and answer.fields["Retry-After"] == "1" and answer.error["code"] == "BUSY"
        assert server.get("/api/documents").status == 200  # what needs no model is not held up
        running.close()
        assert [read_answer(connection).status for connection in waiting] == [200] * 8


def resident_bytes(server):
    for line in pathlib.Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def test_a_request_without_enough_memory_fails_alone(limited):
    with limited("--largest-block", 8_000_000) as server:
        document = "/api/documents/" + server.get("/api/model").json["first"]
        text = {"text": "paris " * 200}

        def fail():
            answer = server.post("/api/documents", text)
            assert answer.status == 503 and answer.error["code"] == "MEMORY" and answer.fields["Retry-After"] == "1"

        for _ in range(5):
            fail()
        before = resident_bytes(server)
        for _ in range(30):
            fail()
        assert resident_bytes(server) < before + (20 << 20)
        assert server.get(f"{document}/report").status == 200
        assert server.post("/api/documents", {"text": "short"}).status == 200
