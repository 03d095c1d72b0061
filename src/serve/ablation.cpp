// SPDX-License-Identifier: Apache-2.0
#include "serve/ablation.h"

#include "attnscope/interventions.h"
#include "attnscope/outputs.h"
#include "attnscope/probe.h"
#include "core/message.h"

namespace attnscope::serve {
namespace {

const std::vector<Focus>& focuses_of(const Document& document) {
  static const std::vector<Focus> none;
  return document.words() ? document.words()->focuses : none;
}

/// A position among the focuses, of one with a label.
std::size_t read_focus(const BodyPlace& place, const Document& document) {
  const std::vector<Focus>& focuses = focuses_of(document);
  const auto focus =
      static_cast<std::size_t>(place.index(static_cast<std::int64_t>(focuses.size()), "focuses"));
  if (!focuses[focus].target)
    throw Refused{422, problem(ErrorKind::input, "NO_LABEL", "focus")
                           .found("the model gives no label here, so ablation has nothing to change")
                           .hint("open a model that classifies tokens or texts")};
  return focus;
}

Tensor logits_of(Run& run, const Document& document) {
  Request request;
  request.logits = true;
  return run(std::vector<Encoding>{document.encoding()}, request).texts.front().logits;
}

/// What a token classifier says of each word, by its first piece.
void write_labels(JsonWriter& json, const Document& document, const ModelInfo& model, const Tensor& logits) {
  json.key("labels").begin_array();
  for (const ReportWord& word : document.words()->words) {
    if (model.task != Task::token_classification || !word.number) {
      json.null();
      continue;
    }
    const Target target = predicted_target(logits.view(), {word.tokens.front()});
    json.value(model.labels[static_cast<std::size_t>(target.label)]);
  }
  json.end_array();
}

}  // namespace

AblationWish read_ablation(const BodyPlace& body, const Document& document) {
  body.allow({"heads", "focus"});
  const std::int64_t layers = document.attentions().size(0);
  const std::int64_t heads = document.attentions().size(1);
  AblationWish wish;
  for (const BodyPlace& head : body.member("heads").items(1, static_cast<std::size_t>(layers * heads))) {
    const auto pair = head.items(2, 2);
    wish.heads[pair[0].index(layers, "layers")].insert(pair[1].index(heads, "heads"));
  }
  wish.focus = read_focus(body.member("focus"), document);
  return wish;
}

Target read_scan(const BodyPlace& body, const Document& document) {
  body.allow({"focus"});
  return *focuses_of(document)[read_focus(body.member("focus"), document)].target;
}

std::string ablate(Run& run, const Document& document, const AblationWish& wish) {
  const Focus& focus = focuses_of(document)[wish.focus];
  Interventions edits;
  for (const auto& [layer, heads] : wish.heads)
    edits.add({.kind = EditKind::zero_heads, .layer = layer, .heads = {heads.begin(), heads.end()}});
  const auto applied = edits.apply(run);
  const Tensor logits = logits_of(run, document);
  const double ablated = target_value(logits.view(), *focus.target);
  JsonWriter json;
  json.begin_object().key("label").value(focus.label).key("value").value(focus.value);
  json.key("ablated").value(ablated).key("change").value(ablated - focus.value);
  write_labels(json, document, run.model().info(), logits);
  return json.end_object().text();
}

void scan(Run& run, const Document& document, const Target& target, Exchange& to) {
  const Encoding& encoding = document.encoding();
  to.send({.content_type = "application/jsonl", .streams = true});
  ScanOptions options;
  options.progress = [&to](std::int64_t done, std::int64_t all) {
    to.check();
    JsonWriter json;
    json.begin_object().key("done").value(done).key("all").value(all).end_object();
    to.send_piece(json.text() + '\n');
  };
  const Sequence text{encoding.input_ids, encoding.token_type_ids};
  const AblationScan scanned = ablation_scan(run, text, options);
  const Tensor effects = ablation_effects(scanned, target);
  JsonWriter json;
  json.begin_object().key("value").value(target_value(scanned.logits.view(), target));
  json.key("effect").begin_array();
  for (std::int64_t layer = 0; layer < effects.size(0); ++layer) {
    json.begin_array();
    for (std::int64_t head = 0; head < effects.size(1); ++head) json.value(effects.at({layer, head}));
    json.end_array();
  }
  json.end_array().end_object();
  to.send_piece(json.text() + '\n');
  to.end();
}

}  // namespace attnscope::serve
