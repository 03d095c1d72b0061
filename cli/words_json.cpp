// SPDX-License-Identifier: Apache-2.0
#include "words_table.h"

namespace attnscope::cli {
namespace {

void write_span(JsonWriter& json, const Span& span) {
  json.key("begin").value(span.begin).key("end").value(span.end);
}

void write_word(JsonWriter& json, const ReportWord& word) {
  json.begin_object().key("text").value(word.text).key("number");
  if (word.number) {
    json.value(*word.number);
  } else {
    json.null();
  }
  write_span(json, word.span);
  json.key("tokens").value(word.tokens).end_object();
}

void write_entity(JsonWriter& json, const Entity& entity) {
  json.begin_object().key("text").value(entity.text).key("kind").value(entity.kind);
  write_span(json, entity.span);
  json.key("score").value(entity.score).key("tokens").value(entity.tokens).end_object();
}

void write_scores(JsonWriter& json, const std::vector<MeasuredWords>& measures) {
  json.key("scores").begin_object();
  for (const MeasuredWords& measured : measures) {
    json.key(name(measured.measure)).begin_array();
    for (const double score : measured.scores) json.value(static_cast<float>(score));
    json.end_array();
  }
  json.end_object();
}

void write_share(JsonWriter& json, std::string_view name, const std::optional<double>& share) {
  json.key(name);
  if (share) {
    json.value(static_cast<float>(*share));
  } else {
    json.null();
  }
}

void write_shares(JsonWriter& json, const WordReport& report, const Focus& focus) {
  json.key("shares").begin_object();
  for (const MeasuredWords& measured : focus.measures) {
    if (measured.measure == Measure::leave_one_out) continue;
    const RowShares shares = row_shares(report, focus, measured);
    json.key(name(measured.measure)).begin_object();
    write_share(json, "special_tokens", shares.special_tokens);
    write_share(json, "itself", shares.itself);
    write_share(json, "words", shares.words);
    json.end_object();
  }
  json.end_object();
}

void write_agreements(JsonWriter& json, const Focus& focus) {
  json.key("agreement").begin_array();
  for (const Agreement& two : focus.agreements)
    json.begin_object()
        .key("measures")
        .value(std::vector<std::string>{name(two.left), name(two.right)})
        .key("tau")
        .value(two.tau)
        .end_object();
  json.end_array().key("compared_words").value(focus.compared_words);
  json.key("sentence").value(agreement_sentence(focus));
}

void write_target(JsonWriter& json, const Focus& focus) {
  json.key("label");
  if (focus.target) {
    json.value(focus.label).key("logit").value(static_cast<float>(focus.value));
  } else {
    json.null().key("logit").null();
  }
}

void write_focus(JsonWriter& json, const WordReport& report, const Focus& focus) {
  json.begin_object().key("of").value(name(focus.kind)).key("text").value(focus.text);
  json.key("words").value(focus.words);
  write_target(json, focus);
  write_scores(json, focus.measures);
  write_shares(json, report, focus);
  write_agreements(json, focus);
  json.end_object();
}

const char* name(analysis::WordRule rule) {
  return rule == analysis::WordRule::mean ? "mean" : rule == analysis::WordRule::first ? "first" : "max";
}

}  // namespace

std::string words_json(std::string_view text, const WordReport& report, std::string_view view) {
  JsonWriter json;
  json.begin_object();
  if (!view.empty()) json.key("view").value(view);
  json.key("text").value(text).key("words").begin_array();
  for (const ReportWord& word : report.words) write_word(json, word);
  json.end_array().key("entities").begin_array();
  for (const Entity& entity : report.entities) write_entity(json, entity);
  json.end_array().key("explained").begin_array();
  for (const Focus& focus : report.focuses) write_focus(json, report, focus);
  json.end_array().key("measures").begin_object();
  for (const Measure measure : report.measures)
    json.key(attnscope::name(measure)).value(describe(measure, report));
  json.end_object().key("layers").value(report.layers).key("heads").value(report.heads);
  json.key("specials").value(attnscope::name(report.specials)).key("rule").value(name(report.rule));
  return json.end_object().text();
}

}  // namespace attnscope::cli
