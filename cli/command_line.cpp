// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "attnscope/version.h"
#include "commands.h"
#include "help.h"
#include "process.h"
#include "suggestion.h"

namespace attnscope::cli {
namespace {

constexpr char kMark = '\0';  // cannot stand in an argument

/// CLI11 takes "[a,b]" for a list and "++" for the end of a subcommand; a text may be either. A mark at the
/// end, which no argument can contain, keeps them whole.
std::string protect(std::string argument) {
  const bool list = argument.size() >= 2 && argument.front() == '[' && argument.back() == ']';
  if (list || argument == "++") argument += kMark;
  return argument;
}

std::string unprotect(std::string argument) {
  if (!argument.empty() && argument.back() == kMark) argument.pop_back();
  return argument;
}

void unprotect_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_items_expected_max() > 0) option->transform(unprotect);
  }
  for (CLI::App* command : app.get_subcommands({})) unprotect_values(*command);
}

/// CLI11 takes the arguments from the end, and "-m2" for -m with the value 2.
std::vector<std::string> reversed_arguments(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  for (int index = argc - 1; index > 0; --index) arguments.push_back(protect(argv[index]));
  if (argc > 1 && arguments.back() == "diff") {
    const auto texts = std::find(arguments.rbegin(), arguments.rend(), "--");
    std::replace(arguments.rbegin(), texts, std::string("-m2"), std::string("--model2"));
  }
  return arguments;
}

/// The subcommand that was being read, or the program.
const CLI::App& deepest(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

InvalidArgument unknown_argument(const CLI::App& app, const std::string& argument) {
  const bool option = argument.starts_with("-");
  const bool command = !option && app.get_parent() == nullptr;
  const std::string name = argument.substr(0, argument.find('='));
  const auto nearest = suggest(name, command ? command_names(app) : option_names(app));
  std::string hint = option ? "put -- before a text that starts with -" : "";
  if (nearest) hint = fmt::format("did you mean '{}'?", *nearest);
  return usage_error(argument,
                     command  ? "unknown command"
                     : option ? "unknown option"
                              : "unexpected argument",
                     hint);
}

ErrorInfo parse_problem(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = deepest(app);
  const std::vector<std::string> unknown = app.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !unknown.empty()) {
    return unknown_argument(command, unprotect(unknown.front())).info();
  }
  return usage_error(command.get_parent() == nullptr ? "arguments" : command.get_name(), error.what()).info();
}

int report_usage(const CLI::App& app, const ErrorInfo& info, ErrorStyle style) {
  report(info, style);
  if (style == ErrorStyle::text) std::fputs((usage_line(deepest(app)) + '\n').c_str(), stderr);
  return kExitUsage;
}

void setup(CLI::App& app, Job& job) {
  app.name("attnscope");
  app.footer(
      "attnscope demo\n"
      "attnscope show \"Angela lives in Paris.\" --layer 5\n"
      "attnscope run \"Angela lives in Paris.\" -m DIR -o attention.npz");
  app.formatter(std::make_shared<HelpFormatter>());
  app.require_subcommand(0, 1);
  app.set_version_flag("--version", version_string());
  app.set_help_flag("-h,--help", "Print this help and exit");
  setup_demo(app, job);
  setup_show(app, job);
  setup_run(app, job);
  setup_heads(app, job);
  setup_layers(app, job);
  setup_diff(app, job);
  setup_words(app, job);
  setup_export(app, job);
  setup_plot(app, job);
  setup_doctor(app, job);
  setup_tokenize(app, job);
  setup_bench(app, job);
  setup_inspect(app, job);
  setup_completion(app, job);
  unprotect_values(app);
}

}  // namespace

ErrorStyle error_style(int argc, const char* const* argv) {
  const auto* const end = argv + argc;
  const auto* const stop = std::find(argv, end, std::string_view("--"));
  return std::find(argv, stop, std::string_view("--json")) == stop ? ErrorStyle::text : ErrorStyle::json;
}

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Look at the attention of BERT-like models.");
  Job job;
  setup(app, job);
  try {
    app.parse(reversed_arguments(argc, argv));
  } catch (const CLI::CallForHelp&) {
    print(deepest(app).help());
    return 0;
  } catch (const CLI::CallForVersion& version) {
    print(fmt::format("{}\n", version.what()));
    return 0;
  } catch (const CLI::ParseError& error) {
    return report_usage(app, parse_problem(app, error), error_style(argc, argv));
  }
  if (!job)
    return report_usage(app, usage_error("arguments", "no command given").info(), error_style(argc, argv));
  job();
  return 0;
}

}  // namespace attnscope::cli
