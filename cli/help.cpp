// SPDX-License-Identifier: Apache-2.0
#include "help.h"

#include <fmt/format.h>

#include <sstream>

namespace attnscope::cli {
namespace {

std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : full_name(*parent) + ' ' + app.get_name();
}

std::string usage_of(const CLI::App& app) {
  std::string usage = full_name(app) + " [OPTIONS]";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const char* const more = option->get_items_expected_max() > 1 ? "..." : "";
    const std::string name = option->get_name() + more;
    usage += option->get_required() ? ' ' + name : " [" + name + ']';
  }
  return app.get_subcommands({}).empty() ? usage : usage + " COMMAND";
}

std::string indented(const std::string& lines) {
  std::istringstream input(lines);
  std::string text;
  for (std::string line; std::getline(input, line);) text += fmt::format("  {}\n", line);
  return text;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string /*name*/,
                                     CLI::AppFormatMode mode) const {
  if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
  return fmt::format("Examples:\n{}\n{}\n\nUsage: {}\n{}{}{}", indented(app->get_footer()),
                     app->get_description(), usage_of(*app), make_positionals(app), make_groups(app, mode),
                     make_subcommands(app, CLI::AppFormatMode::Normal));
}

std::string usage_line(const CLI::App& app) {
  return fmt::format("usage: {}\nsee '{} --help'", usage_of(app), full_name(app));
}

}  // namespace attnscope::cli
