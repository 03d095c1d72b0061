// SPDX-License-Identifier: Apache-2.0
#include "attnscope/viewer.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <utility>
#include <vector>

#include "arrays.h"
#include "bindings.h"
#include "choices.h"
#include "python_text.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

// From the dict that view.py makes.
DocumentOptions options_of(const nb::dict& choices) {
  DocumentOptions options;
  const auto data = nb::cast<std::optional<std::string>>(choices["data"]);
  if (data)
    options.data =
        named<PageData>(*data, {{"full", PageData::full}, {"u8", PageData::u8}, {"topk", PageData::topk}});
  options.top_k = nb::cast<std::int64_t>(choices["top_k"]);
  options.query_key = nb::cast<std::optional<bool>>(choices["query_key"]);
  options.ablation = nb::cast<std::optional<bool>>(choices["ablation"]);
  options.measures = measures_of(nb::cast<std::optional<std::vector<std::string>>>(choices["measures"]));
  return options;
}

Document document_of_text(Session& session, const std::string& text, const nb::dict& encoding,
                          const nb::dict& choices, bool main_thread) {
  const Encoding tokens = encoding_of(encoding);
  const DocumentOptions options = options_of(choices);
  std::optional<Document> document;
  session.with_run(main_thread, [&](Run& run) { document = Document::of(run, text, tokens, options); });
  return *document;
}

/// about: model, layers, heads, tokens, text, offsets (bytes), word_ids (-1 for special tokens).
Document document_of_attention(const FloatArray& weights, const nb::dict& about, const nb::dict& choices,
                               bool main_thread) {
  using Numbers = std::vector<std::int64_t>;
  Document::Attention attention;
  attention.weights = tensor_of(weights);
  attention.tokens = nb::cast<std::vector<std::string>>(about["tokens"]);
  attention.model = nb::cast<std::string>(about["model"]);
  attention.layers = nb::cast<Numbers>(about["layers"]);
  attention.heads = nb::cast<Numbers>(about["heads"]);
  attention.text = nb::cast<std::string>(about["text"]);
  using Offsets = std::vector<std::pair<std::int64_t, std::int64_t>>;
  for (const auto& [begin, end] : nb::cast<Offsets>(about["offsets"]))
    attention.offsets.push_back({begin, end});
  attention.word_ids = nb::cast<Numbers>(about["word_ids"]);
  DocumentOptions options = options_of(choices);
  std::optional<Document> document;
  Session::without_model(main_thread, [&](const auto& poll) {
    options.progress = [&poll](const char*) { poll(); };
    document = Document::of(attention, options);
  });
  return *document;
}

nb::bytes part_of(const Document& document, const std::string& name) {
  std::string bytes;
  Session::without_model(false, [&](const auto&) { bytes = document.part(name); });
  return bytes_of(bytes);
}

// (html, [(what, bytes), ...])
nb::tuple page_of(const std::vector<Document>& documents, const std::string& title, const std::string& view,
                  std::optional<std::size_t> max_bytes) {
  HtmlPage page;
  Session::without_model(false, [&](const auto&) { page = html_page(documents, {title, view, max_bytes}); });
  return nb::make_tuple(page.html, page.sizes);
}

}  // namespace

void bind_viewer(nb::module_& m) {
  nb::class_<Document>(m, "Document", "What a page shows of one text in one model.")
      .def_static("of_text", &document_of_text, "session"_a, "text"_a, "encoding"_a, "choices"_a,
                  "main_thread"_a)
      .def_static("of_attention", &document_of_attention, "weights"_a, "about"_a, "choices"_a,
                  "main_thread"_a)
      .def_prop_ro("text", &Document::text)
      .def_prop_ro("report", &Document::report)
      .def_prop_ro(
          "attentions",
          [](const Document& document) { return to_python(document.attentions(), Framework::numpy); })
      .def("parts", &Document::parts)
      .def("part", &part_of, "name"_a);
  m.def("html_page", &page_of, "documents"_a, "title"_a, "view"_a, "max_bytes"_a.none());
  m.def("viewer_module", &viewer_module);
}

}  // namespace attnscope::python
