// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "attnscope/model.h"

namespace attnscope::cli {

/// What every command that opens a model takes.
struct ModelOptions {
  std::string model = "builtin:demo";
  bool quiet = false;
  bool json = false;
  LoadOptions load;
};

/// What every command that runs a model takes besides.
struct ComputeOptions {
  std::string threads;  ///< empty: as many as the machine has cores
  bool truncate = false;
  std::string utf8 = "refuse";
};

void add_model_options(CLI::App& command, ModelOptions& options);
void add_load_options(CLI::App& command, LoadOptions& options);
void add_compute_options(CLI::App& command, ComputeOptions& options);

/// Throws:  InvalidArgument for a number outside of 1..256.
[[nodiscard]] RunOptions run_options(const ComputeOptions& options);

/// Tells what is worth knowing, unless --quiet forbids it.
void tell(const ModelOptions& options, const std::vector<std::string>& notices);

/// Opens the model and tells its notices.
[[nodiscard]] Model load_model(const ModelOptions& options);

}  // namespace attnscope::cli
