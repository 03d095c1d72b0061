# SPDX-License-Identifier: Apache-2.0
"""`attnscope serve` as a program: its address, its port, and how it ends (rows 93 and 94)."""

import json
import re
import signal
import socket
import time

import pytest
from serve_client import read_answer

LONG = "Paris visited John . " * 30


def test_the_address_is_the_only_line_of_standard_output(serving):
    with serving("--text", "Paris is nice.") as server:
        first = server.get("/api/model").json["first"]
        assert server.get(f"/api/documents/{first}/report").json["text"] == "Paris is nice."
        assert len(server.token) == 32
        server.process.send_signal(signal.SIGINT)
        output, notes = server.process.communicate(timeout=30)
    assert output == "" and "Ctrl-C ends the server" in notes


def test_json_has_address_and_port(program, serving):
    import subprocess

    process = subprocess.Popen([program, "serve", "--json", "-q"], stdout=subprocess.PIPE, text=True)
    found = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    assert re.fullmatch(rf"http://127\.0\.0\.1:{found['port']}/#token=[\w-]{{32}}", found["url"])


def test_two_servers_have_different_tokens(serving):
    with serving() as one, serving() as other:
        assert one.token != other.token and one.port != other.port


def test_a_busy_port_is_an_error_that_names_its_holder(serving, attnscope):
    with serving() as server:
        result = attnscope("serve", "--port", str(server.port))
        assert result.returncode == 4 and result.stdout == ""
        assert "error[PORT_BUSY]" in result.stderr and f"process {server.process.pid} (attnscope)" in result.stderr


def test_an_address_that_is_not_of_this_machine_is_an_error(attnscope):
    for host in ("192.0.2.1", "no.such.host", "::g"):
        result = attnscope("serve", "--host", host, "--i-know-this-exposes")
        assert result.returncode == 4 and "error[BIND]" in result.stderr, host


@pytest.mark.parametrize(
    "arguments",
    [["--port", "65536"], ["--port", "-1"], ["--port", "x"], ["--threads", "0"], ["--host", "0.0.0.0"], ["more"]],
)
def test_wrong_arguments_are_refused(attnscope, arguments):
    assert attnscope("serve", *arguments).returncode == 2


def test_a_first_text_that_is_too_long_is_refused(attnscope, serving):
    result = attnscope("serve", "--text", "paris " * 600)
    assert result.returncode == 3 and "the model takes 512" in result.stderr


def test_an_open_address_needs_a_flag_prints_a_warning_and_still_needs_the_token(attnscope, serving):
    result = attnscope("serve", "--host", "0.0.0.0")
    assert result.returncode == 2 and "--i-know-this-exposes" in result.stderr
    with serving("--host", "0.0.0.0", "--i-know-this-exposes") as server:
        assert server.raw(server.lines("GET /api/model HTTP/1.1")).status == 401
        assert server.get("/api/model").status == 200
        assert server.raw(server.lines("GET / HTTP/1.1", "Host: evil.example", host=False)).status == 421
        server.process.send_signal(signal.SIGTERM)
        _, notes = server.process.communicate(timeout=30)
    assert "everybody who can reach this address" in notes


def test_no_browser_is_opened_without_a_terminal(serving):
    with serving("--open") as server:
        server.process.send_signal(signal.SIGTERM)
        _, notes = server.process.communicate(timeout=30)
    assert "no browser was opened" in notes


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_lets_the_running_answers_end(serving, name):
    with serving() as server:
        server.get("/api/model")
        idle = server.connect()
        connection = server.begin("/api/documents", {"text": "Angela lives in Paris."})
        time.sleep(0.1)
        server.process.send_signal(getattr(signal, name))
        answer = read_answer(connection)
        assert answer.status == 200 and answer.json["report"]["text"] == "Angela lives in Paris."
        assert server.process.wait(timeout=30) == 0
        assert idle.recv(1) == b""
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=5):
            pass


def test_answers_that_take_too_long_are_given_up_after_five_seconds(serving):
    with serving() as server:
        server.get("/api/model")
        connection = server.begin("/api/documents", {"text": LONG})
        time.sleep(0.3)
        start = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=30) == 0
        assert time.monotonic() - start < 8
        assert connection.recv(1) == b""


def test_a_second_ctrl_c_ends_it_at_once(serving):
    with serving() as server:
        server.get("/api/model")
        with server.begin("/api/documents", {"text": LONG}):
            time.sleep(0.3)
            server.process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert server.process.poll() is None
            start = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            assert server.process.wait(timeout=30) == -signal.SIGINT
            assert time.monotonic() - start < 1
