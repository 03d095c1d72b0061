// SPDX-License-Identifier: Apache-2.0
#include "attnscope/analysis.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <vector>

#include "arrays.h"
#include "bindings.h"
#include "session.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

using analysis::TokenSet;
using Rows = std::optional<TokenSet>;
using WordIds = std::vector<std::int64_t>;

// What `make` computes, as a numpy array. Python runs meanwhile.
template <class Make>
nb::object computed(const Make& make) {
  Tensor result;
  Session::without_model(false, [&](const auto&) { result = make(); });
  return to_python(result, Framework::writable_numpy);
}

// A function of an array and of Args that gives a tensor.
template <auto function, class... Args>
nb::object call(const AnyArray& array, const Args&... args) {
  const TensorView view = view_of(array, "array");
  return computed([&] { return function(view, args...); });
}

std::string pattern(double entropy, double self, double previous, double next, double cls, double sep,
                    double punctuation, double same_word) {
  analysis::HeadStatistics statistics;
  statistics.entropy = entropy;
  statistics.self = self;
  statistics.previous = previous;
  statistics.next = next;
  statistics.cls = cls;
  statistics.sep = sep;
  statistics.punctuation = punctuation;
  statistics.same_word = same_word;
  return name(analysis::pattern(statistics));
}

nb::object word_attention(const AnyArray& weights, const WordIds& word_ids, const std::string& rule) {
  using analysis::WordRule;
  const TensorView view = view_of(weights, "weights");
  const WordRule chosen = rule == "mean" ? WordRule::mean : rule == "first" ? WordRule::first : WordRule::max;
  return computed([&] { return analysis::word_attention(view, word_ids, chosen); });
}

nb::object without_tokens(const AnyArray& weights, const TokenSet& tokens, bool renormalise) {
  using analysis::Hidden;
  const TensorView view = view_of(weights, "weights");
  const Hidden rule = renormalise ? Hidden::renormalise : Hidden::keep_mass;
  return computed([&] { return analysis::without_tokens(view, tokens, rule); });
}

nb::object flow(const AnyArray& weights, bool add_identity, bool main_thread) {
  const TensorView view = view_of(weights, "weights");
  Tensor result;
  Session::without_model(main_thread,
                         [&](const auto& poll) { result = analysis::flow(view, add_identity, poll); });
  return to_python(result, Framework::writable_numpy);
}

void add_text(analysis::HeadDistances& distances, const AnyArray& weights, bool main_thread) {
  const TensorView view = view_of(weights, "weights");
  Session::without_model(main_thread, [&](const auto& poll) { distances.add(view, poll); });
}

nb::object divergence(const AnyArray& left, const AnyArray& right) {
  const TensorView left_view = view_of(left, "left");
  const TensorView right_view = view_of(right, "right");
  return computed([&] { return analysis::divergence(left_view, right_view); });
}

void bind_statistics(nb::module_& m) {
  m.def("entropy", &call<analysis::entropy, Rows>, "weights"_a, "rows"_a.none());
  m.def("distance", &call<analysis::distance, Rows>, "weights"_a, "rows"_a.none());
  m.def("confidence", &call<analysis::confidence, Rows>, "weights"_a, "rows"_a.none());
  m.def("mass_on", &call<analysis::mass_on, TokenSet, Rows>, "weights"_a, "keys"_a, "rows"_a.none());
  m.def("mass_at_offset", &call<analysis::mass_at_offset, std::int64_t, Rows>, "weights"_a, "offset"_a,
        "rows"_a.none());
  m.def("mass_on_same_word", &call<analysis::mass_on_same_word, WordIds>, "weights"_a, "word_ids"_a);
  m.def("received", &call<analysis::received>, "weights"_a);
  m.def("pattern", &pattern, "entropy"_a, "self"_a, "previous"_a, "next"_a, "cls"_a, "sep"_a, "punctuation"_a,
        "same_word"_a);
}

void bind_comparisons(nb::module_& m) {
  nb::class_<analysis::HeadDistances>(m, "HeadDistances", "Sums of the divergences of heads over texts.")
      .def(nb::init<std::int64_t, std::int64_t>(), "layers"_a, "heads"_a)
      .def("add", &add_text, "weights"_a, "main_thread"_a)
      .def("matrix", [](const analysis::HeadDistances& distances) {
        return to_python(distances.matrix(), Framework::writable_numpy);
      });
  m.def("scale_to_plane", &call<analysis::scale_to_plane, std::int64_t>, "distances"_a, "dimensions"_a);
  m.def("divergence", &divergence, "left"_a, "right"_a);
  m.def("kendall_tau", &analysis::kendall_tau, "left"_a, "right"_a);
  m.def("total_variation", &analysis::total_variation, "left"_a, "right"_a);
  m.def("state_cosines", &call<analysis::state_cosines>, "hidden_states"_a);
  m.def("token_cosines", &call<analysis::token_cosines>, "hidden_states"_a);
  m.def("align_words", &analysis::align_words, "left"_a, "right"_a);
}

}  // namespace

void bind_analysis(nb::module_& m) {
  bind_statistics(m);
  m.def("word_attention", &word_attention, "weights"_a, "word_ids"_a, "rule"_a);
  m.def("without_tokens", &without_tokens, "weights"_a, "tokens"_a, "renormalise"_a);
  m.def("rollout", &call<[](const TensorView& weights) { return analysis::rollout(weights); }>, "weights"_a);
  m.def("accumulate", &call<[](const TensorView& given) { return analysis::accumulate(given); }>,
        "contributions"_a);
  m.def("flow", &flow, "weights"_a, "add_identity"_a, "main_thread"_a);
  bind_comparisons(m);
}

}  // namespace attnscope::python
