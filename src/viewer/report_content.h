// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/head_report.h"
#include "attnscope/layer_report.h"
#include "viewer/document_impl.h"
#include "viewer/model_state.h"

namespace attnscope {

/// Probability of a label of a sequence classifier.
struct LabelProbability {
  std::string label;
  double logit = 0.0;
  double probability = 0.0;
};

/// What ablating each head alone does to the label of a focus.
struct FocusEffects {
  double value = 0.0;
  Tensor effect;  // [layers, heads]
};

/// What the report says beside what the document holds.
struct ReportContent {
  std::optional<ModelInfo> model;  // absent for attention from elsewhere
  std::string source;
  std::vector<std::int64_t> layers;  // numbers to show
  std::vector<std::int64_t> heads;
  std::vector<ReportWord> words;
  std::vector<std::optional<std::string>> word_labels;  // one a word
  std::vector<LabelProbability> labels;                 // of a sequence classifier
  std::vector<std::optional<FocusEffects>> effects;     // one a focus
  HeadReport head_report;
  std::vector<LayerSummary> layer_summaries;
  std::vector<ModuleOutputs> modules;
  std::vector<std::string> notices;
};

[[nodiscard]] std::string report_json(const Document::Impl& document, const ReportContent& content);

}  // namespace attnscope
