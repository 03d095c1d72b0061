// SPDX-License-Identifier: Apache-2.0
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arrays.h"
#include "attnscope/word_report.h"
#include "bindings.h"
#include "choices.h"
#include "python_text.h"
#include "session.h"
#include "shutdown.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace attnscope::python {
namespace {

Aggregation aggregation_of(const std::string& word) {
  return named<Aggregation>(word, {{"none", Aggregation::none},
                                   {"simple", Aggregation::simple},
                                   {"first", Aggregation::first},
                                   {"average", Aggregation::average},
                                   {"max", Aggregation::max}});
}

nb::dict entity_dict(const Entity& entity) {
  nb::dict result;
  result["kind"] = message_text(entity.kind);
  result["text"] = message_text(entity.text);
  result["span"] = nb::make_tuple(entity.span.begin, entity.span.end);
  result["score"] = entity.score;
  result["tokens"] = entity.tokens;
  result["label"] = entity.label;
  return result;
}

nb::list entity_list(const std::vector<Entity>& entities) {
  nb::list list;
  for (const Entity& entity : entities) list.append(entity_dict(entity));
  return list;
}

nb::list entities_of(const std::string& text, const nb::dict& encoding, const FloatArray& logits,
                     const std::vector<std::string>& labels, const std::string& aggregation) {
  const TensorView rows = view_of(AnyArray(logits), "logits");
  return entity_list(find_entities(text, encoding_of(encoding), rows, labels, aggregation_of(aggregation)));
}

analysis::WordRule rule_of(const std::string& word) {
  return named<analysis::WordRule>(word, {{"mean", analysis::WordRule::mean},
                                          {"first", analysis::WordRule::first},
                                          {"max", analysis::WordRule::max}});
}

WordReportOptions options_of(const nb::dict& choices) {
  using Numbers = std::optional<std::vector<std::int64_t>>;
  WordReportOptions options;
  options.measures = measures_of(nb::cast<std::optional<std::vector<std::string>>>(choices["measures"]));
  options.layers = nb::cast<Numbers>(choices["layers"]);
  options.heads = nb::cast<Numbers>(choices["heads"]);
  options.specials = named<Specials>(
      nb::cast<std::string>(choices["specials"]),
      {{"shown", Specials::shown}, {"hidden", Specials::hidden}, {"renormalised", Specials::renormalised}});
  options.rule = rule_of(nb::cast<std::string>(choices["rule"]));
  options.aggregation = aggregation_of(nb::cast<std::string>(choices["aggregation"]));
  options.entity = nb::cast<std::optional<std::string>>(choices["entity"]);
  options.word = nb::cast<std::optional<std::int64_t>>(choices["word"]);
  options.replacement_id = nb::cast<std::optional<std::int64_t>>(choices["replacement_id"]);
  return options;
}

nb::dict focus_dict(const Focus& focus) {
  nb::dict scores;
  for (const MeasuredWords& measured : focus.measures) scores[name(measured.measure)] = measured.scores;
  nb::list agreements;
  for (const Agreement& two : focus.agreements)
    agreements.append(nb::make_tuple(name(two.left), name(two.right), two.tau));
  nb::dict result;
  result["of"] = name(focus.kind);
  result["text"] = message_text(focus.text);
  result["kind"] = focus.entity ? message_text(focus.entity->kind) : nb::none();
  result["label"] = focus.target ? message_text(focus.label) : nb::none();
  result["logit"] = focus.target ? nb::cast(focus.value) : nb::none();
  result["words"] = focus.words;
  result["scores"] = scores;
  result["agreements"] = agreements;
  result["sentence"] = agreement_sentence(focus);
  return result;
}

nb::dict report_dict(const WordReport& report) {
  nb::list words;
  for (const ReportWord& word : report.words)
    words.append(nb::make_tuple(message_text(word.text), nb::make_tuple(word.span.begin, word.span.end),
                                word.number, word.tokens));
  nb::list focuses;
  for (const Focus& focus : report.focuses) focuses.append(focus_dict(focus));
  nb::dict measures;
  for (const Measure measure : report.measures) measures[name(measure)] = describe(measure, report);
  nb::dict result;
  result["words"] = words;
  result["entities"] = entity_list(report.entities);
  result["explained"] = focuses;
  result["measures"] = measures;
  result["layers"] = report.layers;
  result["heads"] = report.heads;
  result["notices"] = message_texts(report.notices);
  return result;
}

nb::dict report_of(Session& session, const std::string& text, const nb::dict& encoding,
                   const nb::dict& choices, bool main_thread) {
  const Encoding tokens = encoding_of(encoding);
  const WordReportOptions options = options_of(choices);
  WordReport report;
  session.with_run(main_thread, [&](Run& run) { report = word_report(run, text, tokens, options); });
  return report_dict(report);
}

// (words, labels, line), or None at the end.
nb::object next_sentence(ConllReader& reader) {
  const auto read = [&] {
    const Unlocked unlocked;
    return reader.next();
  };
  const std::optional<LabelledSentence> sentence = read();
  if (!sentence) return nb::none();
  return nb::make_tuple(sentence->words, sentence->labels, sentence->line);
}

nb::list spelled(const std::vector<std::string>& labels) {
  nb::list entities;
  for (const WordEntity& entity : spell_entities(labels))
    entities.append(nb::make_tuple(entity.kind, entity.first, entity.last));
  return entities;
}

}  // namespace

void bind_words(nb::module_& m) {
  m.def("find_entities", &entities_of, "text"_a, "encoding"_a, "logits"_a, "labels"_a, "aggregation"_a);
  m.def("word_report", &report_of, "session"_a, "text"_a, "encoding"_a, "choices"_a, "main_thread"_a);
  m.def(
      "describe_rule", [](const std::string& rule) { return describe(rule_of(rule)); }, "rule"_a);
  m.def("spell_entities", &spelled, "labels"_a);
  nb::class_<ConllReader>(m, "ConllReader", "Sentences of a file of words and labels.")
      .def(
          "__init__",
          [](ConllReader* reader, const nb::bytes& path) { new (reader) ConllReader(path_of(path)); },
          "path"_a)
      .def("next", &next_sentence);
  nb::class_<EntityScore>(m, "EntityScore",
                          "Counts of entities found and expected, for precision, recall and F1 (micro).")
      .def(nb::init<>())
      .def_ro("correct", &EntityScore::correct)
      .def_ro("found", &EntityScore::found)
      .def_ro("expected", &EntityScore::expected)
      .def("add", &EntityScore::add, "found_labels"_a, "expected_labels"_a)
      .def("precision", &EntityScore::precision)
      .def("recall", &EntityScore::recall)
      .def("f1", &EntityScore::f1);
}

}  // namespace attnscope::python
