// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/message.h"
#include "viewer/array_numbers.h"
#include "viewer/focus_effects.h"

namespace attnscope {
namespace {

// Of a longer text what takes a forward for each word or head is measured only when it is asked for.
constexpr std::int64_t kMostTokensOfManyRuns = 128;

bool has_tokenizer(const Model& model) {
  try {
    static_cast<void>(model.tokenizer());
    return true;
  } catch (const CheckpointError&) {
    return false;  // a model from memory need not have one
  }
}

/// Softmax; a single label is a number between 0 and 1 of its own, as in transformers' pipeline.
std::vector<LabelProbability> probabilities_of(const TensorView& logits,
                                               const std::vector<std::string>& labels) {
  std::vector<LabelProbability> found;
  double largest = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto logit = static_cast<double>(logits.at({static_cast<std::int64_t>(i)}));
    largest = i == 0 ? logit : std::max(largest, logit);
    found.push_back({labels[i], logit, 0.0});
  }
  double sum = labels.size() == 1 ? std::exp(-largest) : 0.0;
  for (LabelProbability& label : found) sum += label.probability = std::exp(label.logit - largest);
  for (LabelProbability& label : found) label.probability /= sum;
  return found;
}

/// What a token classifier says of each word, by its first piece.
std::vector<std::optional<std::string>> labels_of_words(const std::vector<ReportWord>& words,
                                                        const ModelInfo& model, const Tensor& logits) {
  std::vector<std::optional<std::string>> labels(words.size());
  if (model.task != Task::token_classification) return labels;
  for (std::size_t word = 0; word < words.size(); ++word) {
    if (!words[word].number) continue;
    const Target target = predicted_target(logits.view(), {words[word].tokens.front()});
    labels[word] = model.labels[static_cast<std::size_t>(target.label)];
  }
  return labels;
}

/// An encoding made by hand need not say what follows from its words.
Encoding completed(Encoding encoding) {
  const std::size_t tokens = encoding.word_ids.size();
  if (encoding.sequence_ids.size() != tokens) {
    encoding.sequence_ids.clear();
    for (const auto& id : encoding.word_ids)
      encoding.sequence_ids.push_back(id ? std::optional<std::int64_t>(0) : std::nullopt);
  }
  if (encoding.special_tokens_mask.size() != tokens) {
    encoding.special_tokens_mask.clear();
    for (const auto& id : encoding.word_ids) encoding.special_tokens_mask.push_back(id ? 0 : 1);
  }
  return encoding;
}

/// Makes a document step by step; each step is told before it begins.
class ModelDocument {
 public:
  ModelDocument(Run& run, const DocumentOptions& options)
      : run_(run), model_(run.model()), options_(options) {}

  Document make(const std::string& text, const Encoding& encoding) {
    begin("attention");
    document_->text = text;
    document_->encoding = completed(encoding);
    take(run_for_page(run_, encoding));
    choose_data(*document_, options_);
    begin("words");
    WordReportOptions words;
    words.measures = options_.measures;
    if (!words.measures && is_long())
      words.measures = {{Measure::attention, Measure::rollout, Measure::norms}};
    document_->words = word_report(run_, text, encoding, words);
    add_words();
    begin("heads");
    add_numbers();
    add_effects();
    add_notices();
    document_->report = report_json(*document_, content_);
    return Document(std::move(document_));
  }

 private:
  void begin(const char* step) const {
    if (options_.progress) options_.progress(step);
  }

  [[nodiscard]] bool is_long() const { return document_->num_tokens() > kMostTokensOfManyRuns; }

  void take(ModelState state) {
    document_->attentions = state.attentions;
    document_->queries = state.queries;
    document_->keys = state.keys;
    document_->rollout = analysis::rollout(state.attentions.view(), run_.options().poll);
    logits_ = state.logits;
    content_.model = model_.info();
    content_.source = model_.info().source;
    for (std::int64_t layer = 0; layer < document_->num_layers(); ++layer) content_.layers.push_back(layer);
    for (std::int64_t head = 0; head < document_->num_heads(); ++head) content_.heads.push_back(head);
    content_.modules = std::move(state.modules);
    notices_ = std::move(state.notices);
  }

  void add_words() {
    content_.words = document_->words->words;
    content_.word_labels = labels_of_words(content_.words, model_.info(), logits_);
    if (model_.info().task == Task::sequence_classification)
      content_.labels = probabilities_of(logits_.view(), model_.info().labels);
  }

  void add_numbers() {
    content_.head_report = has_tokenizer(model_)
                               ? report_of_heads()
                               : head_report_of(document_->attentions.view(), document_->encoding);
    document_->head_distances = content_.head_report.distances;
    document_->head_map = content_.head_report.map;
    begin("layers");
    LayerReportOptions layers;
    layers.poll = run_.options().poll;
    const bool has_pairs = document_->num_tokens() > 1;  // of tokens, whose states are compared
    content_.layer_summaries = has_tokenizer(model_) && has_pairs
                                   ? layer_report(run_, document_->encoding, layers).layers
                                   : layer_summaries_of(document_->attentions.view(), content_.head_report);
  }

  [[nodiscard]] HeadReport report_of_heads() {
    HeadReportOptions options;
    options.same_word = true;
    options.distances =
        has_head_map(document_->num_layers() * document_->num_heads(), document_->num_tokens());
    HeadStatisticsCollector collector(options);
    collector.add(run_, {document_->encoding});
    return collector.report();
  }

  void add_effects() {
    const std::vector<Focus>& focuses = document_->words->focuses;
    content_.effects.resize(focuses.size());
    if (!options_.ablation.value_or(!is_long() && !model_.info().labels.empty())) return;
    begin("ablation");
    content_.effects = focus_effects(run_, document_->encoding, focuses);
  }

  /// Each once, in the order of their making.
  void add_notices() {
    const std::vector<std::string>& of_model = model_.info().notices;
    notices_.insert(notices_.begin(), of_model.begin(), of_model.end());
    const std::vector<std::string>& of_words = document_->words->notices;
    notices_.insert(notices_.end(), of_words.begin(), of_words.end());
    if (is_long() && !options_.measures && model_.info().task != Task::none)
      notices_.push_back(
          fmt::format("of a text over {} tokens gradient and leave-one-out are measured only when "
                      "they are asked for",
                      kMostTokensOfManyRuns));
    for (std::string& notice : notices_)
      if (std::find(content_.notices.begin(), content_.notices.end(), notice) == content_.notices.end())
        content_.notices.push_back(std::move(notice));
  }

  Run& run_;
  Model model_;
  const DocumentOptions& options_;
  std::shared_ptr<Document::Impl> document_ = std::make_shared<Document::Impl>();
  ReportContent content_;
  Tensor logits_;
  std::vector<std::string> notices_;
};

}  // namespace

Document Document::of(Run& run, const std::string& text, const DocumentOptions& options) {
  return of(run, text, run.model().tokenizer().encode(text), options);
}

Document Document::of(Run& run, const std::string& text, const Encoding& encoding,
                      const DocumentOptions& options) {
  return ModelDocument(run, options).make(text, encoding);
}

}  // namespace attnscope
