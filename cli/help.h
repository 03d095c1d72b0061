// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace attnscope::cli {

/// Help that starts with examples, which stand one a line in the footer of the App.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() { column_width(34); }
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

/// "usage: attnscope run [OPTIONS] [TEXT...]" and where to read more.
[[nodiscard]] std::string usage_line(const CLI::App& app);

}  // namespace attnscope::cli
