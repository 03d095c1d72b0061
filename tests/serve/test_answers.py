# SPDX-License-Identifier: Apache-2.0
"""What the server answers: the same numbers as the command line gives, in parts, ranges and streams."""

import json
import zlib

import numpy
import pytest

TEXT = "Angela Merkel visited Paris with John Smith."


def read_tensors(data):
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    kinds = {"F32": "<f4", "U8": "u1", "U16": "<u2"}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = numpy.frombuffer(data[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors


@pytest.fixture(scope="module")
def report(server, document):
    return server.get(f"{document}/report").json


def test_the_page_comes_without_a_token_and_names_none(server):
    answer = server.raw(server.lines())
    assert answer.status == 200 and answer.fields["Content-Type"] == "text/html; charset=utf-8"
    assert b"<!doctype html>" in answer.body[:200].lower() and server.token.encode() not in answer.body


def test_model_and_list_name_the_first_document(server, document):
    model = server.get("/api/model").json
    assert model["model"] == {"source": "builtin:demo", "layers": 6, "heads": 12}
    assert model["limits"] == {"tokens": 512, "bytes": 65536} and TEXT in model["examples"]
    assert server.get("/api/documents").json[0] == {"id": model["first"], "title": TEXT}


def test_a_text_becomes_a_document(server):
    answer = server.post("/api/documents", {"text": "Paris is nice. \U0001f600"})
    assert answer.status == 200 and answer.json["report"]["text"] == "Paris is nice. \U0001f600"
    assert server.get(f"/api/documents/{answer.json['id']}/report").json == answer.json["report"]
    assert server.get("/api/documents").json[-1]["id"] == answer.json["id"]
    assert server.get("/api/documents/other/report").status == 404


def test_markup_in_a_text_stays_text(server):
    """Rows 92: what is data is never sent as a page, and never as one that may be taken for one."""
    text = "<script>alert(1)</script> <img src=x onerror=alert(1)> \u202e abc \x1b[31m &amp; </title>"
    answer = server.post("/api/documents", {"text": text})
    assert answer.json["report"]["text"] == text
    assert answer.fields["Content-Type"] == "application/json"
    assert answer.fields["X-Content-Type-Options"] == "nosniff"
    assert b"alert(1)" not in server.raw(server.lines()).body
    assert server.get("/api/documents").json[-1]["title"].startswith("<script>alert(1)</script>")


def test_parts_hold_the_weights_that_run_writes(server, document, attnscope, tmp_path):
    assert attnscope("run", TEXT, "-o", tmp_path / "a.npz").returncode == 0
    with numpy.load(tmp_path / "a.npz") as arrays:
        weights = arrays["attentions"]
    layer = read_tensors(server.get(f"{document}/parts/layer.3").body)["weights"]
    numpy.testing.assert_array_equal(layer, weights[3])
    head = read_tensors(server.get(f"{document}/parts/head.3.7").body)["weights"]
    numpy.testing.assert_array_equal(head, weights[3, 7])
    mean = read_tensors(server.get(f"{document}/parts/mean.0%2C3-5.all").body)["weights"]
    numpy.testing.assert_allclose(mean, weights[[0, 3, 4, 5]].mean((0, 1)), atol=1e-6)
    for name in ("layer.6", "layer.-1", "other", "layer.0.1.2"):
        assert server.get(f"{document}/parts/{name}").status == 404, name


def test_a_part_is_sent_again_only_if_it_is_not_known(server, document):
    path = f"{document}/parts/overview"
    first = server.get(path)
    assert first.fields["ETag"] and first.fields["Cache-Control"] == "private, no-cache"
    again = server.get(path, If_None_Match=f'"x", W/{first.fields["ETag"]}')
    assert again.status == 304 and again.body == b"" and again.fields["ETag"] == first.fields["ETag"]
    assert server.get(path, If_None_Match='"x"').status == 200
    assert server.get(f"{document}/parts/layer.0").fields["ETag"] != first.fields["ETag"]


def test_a_range_of_a_part_is_those_bytes(server, document):
    path = f"{document}/parts/layer.0"
    whole = server.get(path)
    size = len(whole.body)
    for field, part in (("0-99", slice(0, 100)), ("100-", slice(100, None)), ("-10", slice(size - 10, None))):
        answer = server.get(path, Range=f"bytes={field}", Accept_Encoding="deflate")
        assert answer.status == 206 and answer.body == whole.body[part]
        begin, end, _ = part.indices(size)
        assert answer.fields["Content-Range"] == f"bytes {begin}-{end - 1}/{size}"
    answer = server.get(path, Range=f"bytes={size}-")
    assert answer.status == 416 and answer.fields["Content-Range"] == f"bytes */{size}"
    for field in ("bytes=5-4", "lines=0-1", "bytes=0-1,4-5"):
        assert server.get(path, Range=field).status == 200
    assert server.get(path, Range="bytes=0-9", If_Range=whole.fields["ETag"]).status == 206
    assert server.get(path, Range="bytes=0-9", If_Range='"x"').status == 200


def test_a_part_is_deflated_for_those_who_take_it(server, document):
    path = f"{document}/parts/layer.0"
    whole = server.get(path)
    assert whole.fields["Content-Encoding"] is None and whole.fields["Vary"] == "Accept-Encoding"
    answer = server.get(path, Accept_Encoding="gzip, deflate")
    assert answer.fields["Content-Encoding"] == "deflate" and zlib.decompress(answer.body) == whole.body
    assert answer.fields["ETag"] != whole.fields["ETag"]
    assert server.get(path, If_None_Match=answer.fields["ETag"]).status == 304


def test_the_scan_and_single_ablations_agree_with_the_report(server, document, report):
    answer = server.post(f"{document}/scan", {"focus": 1})
    assert answer.fields["Content-Type"] == "application/jsonl" and answer.fields["Transfer-Encoding"] == "chunked"
    *progress, last = [json.loads(line) for line in answer.body.splitlines()]
    done = [line["done"] for line in progress]
    assert done == sorted(done) and done[-1] == 72 and all(line["all"] == 72 for line in progress)
    focus = report["focuses"][1]
    assert last["value"] == pytest.approx(focus["value"], abs=1e-5)
    numpy.testing.assert_allclose(last["effect"], focus["ablation"]["effect"], atol=1e-6)
    for layer, head in ((0, 0), (2, 5), (5, 11)):
        one = server.post(f"{document}/ablate", {"heads": [[layer, head]], "focus": 1}).json
        assert one["change"] == pytest.approx(last["effect"][layer][head], abs=1e-5)
        assert one["label"] == focus["label"] and one["ablated"] == pytest.approx(one["value"] + one["change"])


def test_without_any_head_other_labels_come_out(server, document, report):
    heads = [[layer, head] for layer in range(6) for head in range(12)]
    answer = server.post(f"{document}/ablate", {"heads": heads, "focus": 0}).json
    assert len(answer["labels"]) == len(report["words"]["text"]) and answer["labels"] != report["words"]["label"]
    assert answer["labels"][0] is None and answer["labels"][-1] is None
    twice = server.post(f"{document}/ablate", {"heads": [[1, 1], [1, 1]], "focus": 0}).json
    assert twice == server.post(f"{document}/ablate", {"heads": [[1, 1]], "focus": 0}).json
    # What was ablated does not stay so.
    assert server.post("/api/documents", {"text": TEXT}).json["report"]["words"] == report["words"]


DRAWN = {
    "matrix": ({}, b">paris<"),
    "links": ({"layers": [1], "heads": [0, 3], "from": 6}, b"L1 H3<"),
    "grid": ({}, b">H11<"),
    "words": ({"focus": 1}, b">Merkel<"),
    "heads": ({}, b">L0 H2<"),
    "layers": ({}, b">L5<"),
    "difference": ({"layers": [0, 5]}, b">layer 5<"),
}


@pytest.mark.parametrize("view", DRAWN)
def test_every_view_is_drawn(server, document, view):
    chosen, written = DRAWN[view]
    answer = server.post(f"{document}/figure", {"view": view, "format": "svg", **chosen})
    assert answer.status == 200 and answer.fields["Content-Type"] == "image/svg+xml"
    assert answer.body.startswith(b"<svg") and written in answer.body


@pytest.mark.parametrize(
    ("form", "kind", "start"), [("png", "image/png", b"\x89PNG"), ("pdf", "application/pdf", b"%PDF")]
)
def test_pictures_are_rendered(server, document, form, kind, start):
    answer = server.post(f"{document}/figure", {"view": "matrix", "format": form})
    if answer.status == 422 and answer.error["code"] == "NO_RENDERER":
        pytest.skip("this build cannot render")
    assert answer.status == 200 and answer.fields["Content-Type"] == kind and answer.body.startswith(start)


def test_figure_options_are_taken(server, document):
    options = {
        "width_mm": 120, "font_size_pt": 9, "theme": "paper", "palette": "viridis", "transform": "linear",
        "range": "unit", "dpi": 72, "caption": "A caption.",
    }  # fmt: skip
    drawn = server.post(f"{document}/figure", {"view": "matrix", "format": "svg", "options": options})
    assert b"120mm" in drawn.body and b"A caption." in drawn.body
    other = server.post(f"{document}/figure", {"view": "matrix", "layers": [2], "heads": [0]}).body
    assert other != server.post(f"{document}/figure", {"view": "matrix", "layers": [3], "heads": [0]}).body
