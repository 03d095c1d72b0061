// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/outputs.h"
#include "attnscope/version.h"
#include "core/message.h"
#include "viewer/report_content.h"
#include "viewer/utf16.h"

namespace attnscope {
namespace {

void write(JsonWriter& json, const std::optional<std::string>& text) {
  if (text) {
    json.value(*text);
  } else {
    json.null();
  }
}

void write(JsonWriter& json, const Span& range) {
  json.value(std::vector<std::int64_t>{range.begin, range.end});
}

const char* task_name(Task task) {
  constexpr const char* kNames[] = {nullptr, "masked_lm", "sequence_classification", "token_classification",
                                    "question_answering"};
  return kNames[static_cast<std::size_t>(task)];
}

/// Writes the report of one document, a method for each key or group of keys.
class ReportWriter {
 public:
  ReportWriter(const Document::Impl& document, const ReportContent& content)
      : document_(document), content_(content), positions_(document.text) {}

  std::string text() {
    json_.begin_object().key("format").value("attnscope-report").key("version").value(std::int64_t{1});
    json_.key("generator").value(name_and_version());
    write_model();
    json_.key("layers").value(content_.layers).key("heads").value(content_.heads);
    json_.key("text").value(document_.text);
    write_tokens();
    write_words();
    write_prediction();
    write_entities();
    write_focuses();
    write_head_numbers();
    write_layer_numbers();
    write_modules();
    write_weights();
    json_.key("notices").value(content_.notices);
    return json_.end_object().text();
  }

 private:
  void write_model() {
    json_.key("model").begin_object().key("source").value(content_.source);
    if (content_.model) {
      write_facts(*content_.model);
    } else {
      for (const char* key : {"model_type", "architecture", "task"}) json_.key(key).null();
      json_.key("layers").value(document_.num_layers()).key("heads").value(document_.num_heads());
      for (const char* key : {"hidden_size", "head_dim", "max_positions", "labels", "parameters"})
        json_.key(key).null();
      json_.key("embedded").value(false);
    }
    json_.end_object();
  }

  void write_facts(const ModelInfo& model) {
    json_.key("model_type").value(model.model_type).key("architecture").value(model.architecture);
    json_.key("task");
    if (const char* task = task_name(model.task)) {
      json_.value(task);
    } else {
      json_.null();
    }
    json_.key("layers").value(model.num_layers).key("heads").value(model.num_heads);
    json_.key("hidden_size").value(model.hidden_size);
    json_.key("head_dim").value(model.hidden_size / model.num_heads);
    json_.key("max_positions").value(model.max_positions).key("labels").value(model.labels);
    json_.key("parameters").value(model.num_parameters);
    json_.key("embedded").value(model.source == "builtin:demo");
  }

  void write_tokens() {
    const Encoding& encoding = document_.encoding;
    json_.key("tokens").begin_object().key("text").value(encoding.tokens);
    json_.key("id").begin_array();
    for (const std::int64_t id : encoding.input_ids)
      id < 0 ? json_.null() : json_.value(id);  // attention from elsewhere has no ids
    json_.end_array().key("span").begin_array();
    for (const Span& span : encoding.offsets) write(json_, positions_.of(span));
    json_.end_array().key("word").begin_array();
    for (std::size_t word = 0; word < content_.words.size(); ++word)
      for (std::size_t token = 0; token < content_.words[word].tokens.size(); ++token)
        json_.value(static_cast<std::int64_t>(word));
    json_.end_array().key("special").begin_array();
    for (const std::int64_t special : encoding.special_tokens_mask) json_.value(special != 0);
    json_.end_array().end_object();
  }

  template <class Write>
  void write_word_column(const char* key, const Write& write_one) {
    json_.key(key).begin_array();
    for (const ReportWord& word : content_.words) write_one(word);
    json_.end_array();
  }

  void write_words() {
    json_.key("words").begin_object();
    write_word_column("text", [&](const ReportWord& word) { json_.value(word.text); });
    write_word_column("span", [&](const ReportWord& word) { write(json_, positions_.of(word.span)); });
    write_word_column("tokens", [&](const ReportWord& word) {
      write(json_, Span{word.tokens.front(), word.tokens.back() + 1});
    });
    write_word_column("special", [&](const ReportWord& word) { json_.value(!word.number.has_value()); });
    json_.key("label").begin_array();
    for (const auto& label : content_.word_labels) write(json_, label);
    json_.end_array().end_object();
  }

  void write_prediction() {
    json_.key("prediction");
    if (content_.labels.empty()) {
      json_.null();
      return;
    }
    const auto best = std::max_element(content_.labels.begin(), content_.labels.end(),
                                       [](const auto& a, const auto& b) { return a.logit < b.logit; });
    json_.begin_object().key("label").value(best->label);
    json_.key("probability").value(static_cast<float>(best->probability)).key("labels").begin_array();
    for (const LabelProbability& label : content_.labels)
      json_.begin_object()
          .key("label")
          .value(label.label)
          .key("logit")
          .value(static_cast<float>(label.logit))
          .key("probability")
          .value(static_cast<float>(label.probability))
          .end_object();
    json_.end_array().end_object();
  }

  /// Positions of the words that hold tokens of an entity.
  [[nodiscard]] std::vector<std::int64_t> words_of(const Entity& entity) const {
    std::vector<std::int64_t> words;
    for (std::size_t word = 0; word < content_.words.size(); ++word) {
      const auto& tokens = content_.words[word].tokens;
      const bool holds = std::any_of(entity.tokens.begin(), entity.tokens.end(), [&](std::int64_t token) {
        return token >= tokens.front() && token <= tokens.back();
      });
      if (holds) words.push_back(static_cast<std::int64_t>(word));
    }
    return words;
  }

  void write_entities() {
    json_.key("entities").begin_array();
    for (const Entity& entity : entities()) {
      json_.begin_object().key("kind").value(entity.kind).key("text").value(entity.text).key("span");
      write(json_, positions_.of(entity.span));
      json_.key("score").value(static_cast<float>(entity.score));
      json_.key("words").value(words_of(entity)).end_object();
    }
    json_.end_array();
  }

  [[nodiscard]] std::vector<Entity> entities() const {
    return document_.words ? document_.words->entities : std::vector<Entity>{};
  }

  void write_focuses() {
    json_.key("focuses").begin_array();
    for (std::size_t i = 0; document_.words && i < document_.words->focuses.size(); ++i)
      write_focus(document_.words->focuses[i], content_.effects[i]);
    json_.end_array();
  }

  void write_focus(const Focus& focus, const std::optional<FocusEffects>& effects) {
    json_.begin_object().key("kind").value(name(focus.kind)).key("text").value(focus.text).key("entity");
    write_entity_place(focus);
    json_.key("words").value(focus.words).key("label").value(focus.label).key("value");
    if (focus.target) {
      json_.value(static_cast<float>(focus.value));
    } else {
      json_.null();
    }
    write_measures(focus);
    json_.key("agreements").begin_array();
    for (const Agreement& two : focus.agreements)
      json_.begin_object()
          .key("left")
          .value(name(two.left))
          .key("right")
          .value(name(two.right))
          .key("tau")
          .value(static_cast<float>(two.tau))
          .end_object();
    json_.end_array().key("sentence").value(agreement_sentence(focus)).key("ablation");
    write_effects(effects);
    json_.end_object();
  }

  void write_entity_place(const Focus& focus) {
    const std::vector<Entity> all = entities();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Entity& entity) {
      return focus.entity && entity.span == focus.entity->span;
    });
    if (found == all.end()) {
      json_.null();
    } else {
      json_.value(std::int64_t{found - all.begin()});
    }
  }

  void write_measures(const Focus& focus) {
    json_.key("measures").begin_array();
    for (const MeasuredWords& measured : focus.measures) {
      json_.begin_object().key("measure").value(name(measured.measure));
      json_.key("description").value(describe(measured.measure, *document_.words));
      json_.key("scores").begin_array();
      for (const double score : measured.scores) json_.value(static_cast<float>(score));
      json_.end_array().end_object();
    }
    json_.end_array();
  }

  void write_effects(const std::optional<FocusEffects>& effects) {
    if (!effects) {
      json_.null();
      return;
    }
    json_.begin_object().key("value").value(static_cast<float>(effects->value)).key("effect");
    const float* values = effects->effect.f32();
    write_by_head([&](std::size_t head) { json_.value(values[head]); });
    json_.end_object();
  }

  /// [layer][head] of what `write_one` writes for the head of that place.
  template <class Write>
  void write_by_head(const Write& write_one) {
    std::size_t place = 0;
    json_.begin_array();
    for (std::int64_t layer = 0; layer < document_.num_layers(); ++layer) {
      json_.begin_array();
      for (std::int64_t head = 0; head < document_.num_heads(); ++head) write_one(place++);
      json_.end_array();
    }
    json_.end_array();
  }

  void write_head_numbers() {
    const std::vector<HeadSummary>& heads = content_.head_report.heads;
    std::vector<std::vector<std::pair<std::string, double>>> numbers;
    for (const HeadSummary& head : heads) numbers.push_back(numbers_of(content_.head_report, head));
    json_.key("head_numbers").begin_object();
    for (std::size_t number = 0; number < numbers.front().size(); ++number) {
      json_.key(numbers.front()[number].first);
      write_by_head([&](std::size_t head) { json_.value(static_cast<float>(numbers[head][number].second)); });
    }
    json_.end_object().key("head_patterns");
    write_by_head([&](std::size_t head) { json_.value(analysis::name(heads[head].pattern)); });
  }

  void write_layer_numbers() {
    std::vector<std::vector<std::pair<std::string, double>>> numbers;
    for (const LayerSummary& layer : content_.layer_summaries) numbers.push_back(numbers_of(layer));
    json_.key("layer_numbers").begin_object();
    for (std::size_t number = 0; number < numbers.front().size(); ++number) {
      json_.key(numbers.front()[number].first).begin_array();
      for (const auto& layer : numbers) json_.value(static_cast<float>(layer[number].second));
      json_.end_array();
    }
    json_.end_object();
  }

  void write_modules() {
    json_.key("modules").begin_array();
    for (const ModuleOutputs& module : content_.modules) {
      json_.begin_object().key("path").value(module.path).key("type").value(module.type);
      json_.key("outputs").begin_array();
      for (const auto& [shape, dtype] : module.outputs)
        json_.begin_object()
            .key("shape")
            .value(std::vector<std::int64_t>(shape.begin(), shape.end()))
            .key("dtype")
            .value(name(dtype))
            .end_object();
      json_.end_array().end_object();
    }
    json_.end_array();
  }

  void write_weights() {
    json_.key("weights").begin_object().key("data").value(name(document_.data));
    json_.key("top_k").value(document_.top_k).key("overview_size").value(document_.overview_size());
    json_.key("query_key").value(document_.query_key).end_object();
    json_.key("parts").value(document_.part_names());
  }

  const Document::Impl& document_;
  const ReportContent& content_;
  Utf16Positions positions_;
  JsonWriter json_;
};

}  // namespace

std::string report_json(const Document::Impl& document, const ReportContent& content) {
  return ReportWriter(document, content).text();
}

}  // namespace attnscope
