// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "arrays.h"
#include "attnscope/head_report.h"
#include "attnscope/layer_report.h"
#include "bindings.h"
#include "interrupt.h"
#include "python_text.h"
#include "session.h"
#include "shutdown.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

/// (input_ids, token_type_ids or empty, word_ids with None for special tokens) of a text.
using TextTokens = std::tuple<std::vector<std::int64_t>, std::vector<std::int64_t>,
                              std::vector<std::optional<std::int64_t>>>;

// The parts of an encoding that reports read.
Encoding encoding_of(const TextTokens& text) {
  Encoding encoding;
  std::tie(encoding.input_ids, encoding.token_type_ids, encoding.word_ids) = text;
  for (const auto& word : encoding.word_ids)
    encoding.sequence_ids.push_back(word ? std::optional<std::int64_t>(0) : std::nullopt);
  return encoding;
}

std::vector<Encoding> encodings_of(const std::vector<TextTokens>& texts) {
  std::vector<Encoding> encodings;
  for (const TextTokens& text : texts) encodings.push_back(encoding_of(text));
  return encodings;
}

nb::object array_of(const Tensor& tensor) {
  return tensor.empty() ? nb::none() : to_python(tensor, Framework::numpy);
}

// ---- Heads ----

nb::dict report_of(const HeadStatisticsCollector& collector) {
  const HeadReport report = collector.report();
  nb::list rows;
  for (const HeadSummary& head : report.heads) {
    nb::dict row;
    row["layer"] = head.layer;
    row["head"] = head.head;
    row["pattern"] = analysis::name(head.pattern);
    for (const auto& [name, value] : numbers_of(report, head)) row[name.c_str()] = value;
    rows.append(row);
  }
  nb::dict result;
  result["rows"] = rows;
  result["num_texts"] = report.num_texts;
  result["num_rows"] = report.num_rows;
  result["distances"] = array_of(report.distances);
  result["map"] = array_of(report.map);
  result["notices"] = message_texts(report.notices);
  return result;
}

void add_to_statistics(HeadStatisticsCollector& collector, Session& session,
                       const std::vector<TextTokens>& texts, bool main_thread) {
  const std::vector<Encoding> encodings = encodings_of(texts);
  session.with_run(main_thread, [&](Run& run) { collector.add(run, encodings); });
}

HeadImportanceOptions importance_options(const std::string& by, const std::string& ablation,
                                         const std::optional<FloatArray>& means, std::int64_t num_texts,
                                         const nb::object& progress) {
  HeadImportanceOptions options;
  options.by = by == "gradient" ? ImportanceBy::gradient : ImportanceBy::ablation;
  options.scan.ablation = ablation == "zero"   ? Ablation::zero
                          : ablation == "mean" ? Ablation::mean
                                               : Ablation::uniform;
  options.scan.means = tensor_of(means);
  options.num_texts = num_texts;
  // The object that these options belong to keeps `progress` alive.
  if (!progress.is_none())
    options.scan.progress = [call = nb::handle(progress)](std::int64_t done, std::int64_t all) {
      sleep_if_ending();
      const nb::gil_scoped_acquire gil;
      try {
        call(done, all);
      } catch (nb::python_error& error) {
        throw_python_error(error);
      }
    };
  return options;
}

template <class Collector>
void construct(Collector* collector, const std::string& by, const std::string& ablation,
               const std::optional<FloatArray>& means, std::int64_t num_texts, const nb::object& progress) {
  new (collector) Collector(importance_options(by, ablation, means, num_texts, progress));
}

// `label`: of a sequence classifier; `labels`: of words. Neither: what the model says.
void add_to_importance(HeadImportanceCollector& collector, Session& session, const TextTokens& text,
                       std::optional<std::int64_t> label,
                       const std::optional<std::vector<std::string>>& labels, bool main_thread) {
  const Encoding encoding = encoding_of(text);
  std::vector<Target> targets;
  if (label) targets.push_back({Target::Of::loss, *label, {}});
  if (labels) targets = label_targets(encoding, *labels, session.model().info());
  if (labels && targets.empty()) return;
  session.with_run(main_thread, [&](Run& run) { collector.add(run, encoding, targets); });
}

nb::dict importance_of(const HeadImportanceCollector& collector) {
  const HeadImportance found = collector.result();
  nb::dict result;
  result["effect"] = array_of(found.effect);
  result["importance"] = array_of(found.importance);
  result["unablated"] = found.value;
  result["num_texts"] = found.num_texts;
  return result;
}

void add_to_scores(HeadScoresCollector& collector, Session& session, const TextTokens& text,
                   const std::vector<std::string>& labels, bool main_thread) {
  const Encoding encoding = encoding_of(text);
  session.with_run(main_thread, [&](Run& run) { collector.add(run, encoding, labels); });
}

nb::dict scores_of(const HeadScoresCollector& collector) {
  const HeadScores& scores = collector.scores();
  std::vector<double> ablated;
  for (const EntityScore& score : scores.ablated) ablated.push_back(score.f1());
  nb::dict result;
  result["f1"] = scores.unablated.f1();
  result["precision"] = scores.unablated.precision();
  result["recall"] = scores.unablated.recall();
  result["ablated_f1"] = ablated;  // layer by layer
  result["num_texts"] = scores.num_texts;
  return result;
}

void bind_heads(nb::module_& m) {
  nb::class_<HeadStatisticsCollector>(m, "HeadStatistics", "Statistics of heads over texts.")
      .def(
          "__init__",
          [](HeadStatisticsCollector* collector, bool same_word, bool distances) {
            new (collector) HeadStatisticsCollector({.same_word = same_word, .distances = distances});
          },
          "same_word"_a, "distances"_a)
      .def("add", &add_to_statistics, "session"_a, "texts"_a, "main_thread"_a)
      .def("report", &report_of);
  nb::class_<HeadImportanceCollector>(m, "HeadImportance", "Importance of heads for a value over texts.")
      .def("__init__", &construct<HeadImportanceCollector>, "by"_a, "ablation"_a, "means"_a.none(),
           "num_texts"_a, "progress"_a.none(), nb::keep_alive<1, 6>())
      .def("add", &add_to_importance, "session"_a, "text"_a, "label"_a.none(), "labels"_a.none(),
           "main_thread"_a)
      .def("result", &importance_of);
  nb::class_<HeadScoresCollector>(m, "HeadScores", "F1 over labelled texts with each head ablated.")
      .def("__init__", &construct<HeadScoresCollector>, "by"_a, "ablation"_a, "means"_a.none(), "num_texts"_a,
           "progress"_a.none(), nb::keep_alive<1, 6>())
      .def("add", &add_to_scores, "session"_a, "text"_a, "labels"_a, "main_thread"_a)
      .def("result", &scores_of);
}

// ---- Layers and differences ----

// Runs Python's signal handlers, of which Ctrl-C is one.
void poll_python() {
  sleep_if_ending();
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() == 0) return;
  nb::python_error error;
  throw_python_error(error);
}

nb::dict layers_of(Session& session, const TextTokens& text, const std::vector<std::int64_t>& tokens,
                   bool flow, bool main_thread) {
  const Encoding encoding = encoding_of(text);
  LayerReportOptions options{.tokens = tokens, .flow = flow};
  if (main_thread) options.poll = poll_python;
  LayerReport report;
  session.with_run(main_thread, [&](Run& run) { report = layer_report(run, encoding, options); });
  nb::list rows;
  for (const LayerSummary& layer : report.layers) {
    nb::dict row;
    row["layer"] = layer.layer;
    for (const auto& [name, value] : numbers_of(layer)) row[name.c_str()] = value;
    rows.append(row);
  }
  nb::dict result;
  result["rows"] = rows;
  result["rollout"] = array_of(report.rollout);
  result["flow"] = array_of(report.flow);
  result["state_cosines"] = array_of(report.state_cosines);
  result["token_cosines"] = array_of(report.token_cosines);
  result["notices"] = message_texts(report.notices);
  return result;
}

/// (names, weights [layers, heads, n, n], word_ids with -1 for special tokens; None: names are of tokens).
using NamedWeights =
    std::tuple<std::vector<std::string>, FloatArray, std::optional<std::vector<std::int64_t>>>;

NamedAttention attention_of(const NamedWeights& side) {
  const auto& [names, weights, word_ids] = side;
  const Tensor tensor = tensor_of(weights);
  return {names, word_ids ? analysis::word_attention(tensor.view(), *word_ids) : tensor};
}

nb::dict change_of(const DifferenceReport& report, const AttentionChange& change) {
  const auto names = [&](std::int64_t pair) {
    const auto& [left, right] = report.pairs[static_cast<std::size_t>(pair)];
    return nb::make_tuple(report.left_names[static_cast<std::size_t>(left)],
                          report.right_names[static_cast<std::size_t>(right)]);
  };
  nb::dict row;
  row["layers"] = nb::make_tuple(change.left_layer, change.right_layer);
  row["head"] = change.head;
  row["from"] = names(change.from);
  row["to"] = names(change.to);
  row["left"] = change.left;
  row["right"] = change.right;
  return row;
}

nb::dict difference_of(const NamedWeights& left, const std::optional<NamedWeights>& right,
                       const std::optional<std::pair<std::int64_t, std::int64_t>>& layers,
                       std::int64_t strongest) {
  const DifferenceOptions options{strongest};
  const NamedAttention left_attention = attention_of(left);
  const DifferenceReport report =
      layers ? layer_difference(left_attention, layers->first, layers->second, options)
             : difference(left_attention, attention_of(right.value()), options);
  nb::list changes;
  for (const AttentionChange& change : report.strongest) changes.append(change_of(report, change));
  nb::dict result;
  result["pairs"] = report.pairs;
  result["layers"] = report.layers;
  result["by_head"] = report.by_head;
  result["left"] = array_of(report.left);
  result["right"] = array_of(report.right);
  result["mean_difference"] = array_of(report.mean_difference);
  result["strongest"] = changes;
  return result;
}

}  // namespace

void bind_reports(nb::module_& m) {
  bind_heads(m);
  m.def("layer_report", &layers_of, "session"_a, "text"_a, "tokens"_a, "flow"_a, "main_thread"_a);
  m.def("difference", &difference_of, "left"_a, "right"_a.none(), "layers"_a.none(), "strongest"_a);
}

}  // namespace attnscope::python
