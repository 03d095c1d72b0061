// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "attnscope/model.h"
#include "report_options.h"

namespace attnscope::cli {

/// What `show` is asked to draw, as it was typed.
struct ShowOptions {
  std::string view;  ///< words, matrix, grid; empty: from the other options
  std::string layer;
  std::string head;
  bool mean = false;
  bool grid = false;
  std::optional<std::string> entity;
  std::string word;
  std::string measure;
  std::string top;
};

/// The picture: words, everything as a grid, or a matrix (the mean over the heads of a layer, or one head).
struct ShowView {
  enum class Kind { words, grid, mean, head } kind = Kind::words;
  std::int64_t layer = 0;  ///< of a matrix
  std::int64_t head = 0;

  /// The name in JSON.
  [[nodiscard]] const char* name() const;
};

/// The options with "L3H7" taken apart.
/// Throws:  InvalidArgument for options that contradict each other.
[[nodiscard]] ShowOptions checked(ShowOptions options);

/// Of checked options. A matrix without a layer is of the last one.
/// Throws:  InvalidArgument naming the range, for a layer or head that the model does not have.
[[nodiscard]] ShowView choose_view(const ShowOptions& options, const ModelInfo& model);

/// What the words view is made of.
[[nodiscard]] ReportOptions words_of(const ShowOptions& options);

}  // namespace attnscope::cli
