// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/head_report.h"
#include "core/message.h"
#include "probe/scan_progress.h"

namespace attnscope {
namespace {

void refuse_without_labels(const ModelInfo& model) {
  if (model.task == Task::token_classification && !model.labels.empty()) return;
  throw UnsupportedModel(problem(ErrorKind::input, "NO_LABELS", "head scores")
                             .found("'{}' gives no labels to words, so there is no F1", model.architecture)
                             .hint("load a token classifier, for example one for named entities"));
}

}  // namespace

std::vector<std::string> word_labels(const Encoding& text, const TensorView& logits,
                                     const std::vector<std::string>& labels, std::int64_t num_words) {
  std::vector<std::string> found(static_cast<std::size_t>(num_words), "O");
  const Tensor owned = logits.own();
  const std::int64_t width = owned.size(1);
  for (const std::int64_t token : first_pieces(text)) {
    const float* row = owned.f32() + token * width;
    const auto word = static_cast<std::size_t>(*text.word_ids[static_cast<std::size_t>(token)]);
    if (word < found.size())
      found[word] = labels[static_cast<std::size_t>(std::max_element(row, row + width) - row)];
  }
  return found;
}

HeadScoresCollector::HeadScoresCollector(const HeadImportanceOptions& options) : options_(options) {}

void HeadScoresCollector::add(Run& run, const Encoding& text, const std::vector<std::string>& labels) {
  const Model model = run.model();
  const ModelInfo& info = model.info();
  refuse_without_labels(info);
  scores_.num_layers = info.num_layers;
  scores_.num_heads = info.num_heads;
  scores_.ablated.resize(static_cast<std::size_t>(info.num_layers * info.num_heads));
  const ScanOptions options = scan_of_text(options_, scores_.num_texts, info.num_layers * info.num_heads);
  const AblationScan scan =
      ablation_scan(run, {.input_ids = text.input_ids, .token_type_ids = text.token_type_ids}, options);
  const auto words = static_cast<std::int64_t>(labels.size());
  scores_.unablated.add(word_labels(text, scan.logits.view(), info.labels, words), labels);
  for (std::size_t head = 0; head < scores_.ablated.size(); ++head) {
    const auto place = static_cast<std::int64_t>(head);
    const TensorView logits =
        scan.ablated.view().select(0, place / info.num_heads).select(0, place % info.num_heads);
    scores_.ablated[head].add(word_labels(text, logits, info.labels, words), labels);
  }
  ++scores_.num_texts;
}

}  // namespace attnscope
