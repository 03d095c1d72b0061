// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace attnscope::cli {

/// What the arguments ask for; it runs after all of them were read.
using Job = std::function<void()>;

/// Each adds one subcommand, which sets `job` when it is chosen.
void setup_demo(CLI::App& app, Job& job);
void setup_show(CLI::App& app, Job& job);
void setup_run(CLI::App& app, Job& job);
void setup_heads(CLI::App& app, Job& job);
void setup_layers(CLI::App& app, Job& job);
void setup_diff(CLI::App& app, Job& job);
void setup_words(CLI::App& app, Job& job);
void setup_export(CLI::App& app, Job& job);
void setup_plot(CLI::App& app, Job& job);
void setup_doctor(CLI::App& app, Job& job);
void setup_tokenize(CLI::App& app, Job& job);
void setup_bench(CLI::App& app, Job& job);
void setup_inspect(CLI::App& app, Job& job);
void setup_completion(CLI::App& app, Job& job);

}  // namespace attnscope::cli
