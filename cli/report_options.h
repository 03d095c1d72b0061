// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "attnscope/word_report.h"
#include "model_options.h"

namespace attnscope::cli {

/// What commands that make a word report take, as it was typed.
struct ReportOptions {
  std::optional<std::string> entity;
  std::string word;
  std::string layer = "all";
  std::string head = "all";
  std::string measure = "all";
  std::string specials = "shown";
  std::string rule = "mean";
};

/// --entity and --word.
void add_focus_options(CLI::App& command, std::optional<std::string>& entity, std::string& word);

/// What does not depend on the model.
/// Throws:  InvalidArgument that names the option.
[[nodiscard]] WordReportOptions report_options(const ReportOptions& options);

/// The report of a text, with the layers and heads that were typed; errors name the options.
[[nodiscard]] WordReport make_report(const std::string& text, const Model& model,
                                     const ReportOptions& options, const ComputeOptions& compute);

}  // namespace attnscope::cli
