// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "commands.h"
#include "numbers.h"
#include "process.h"

namespace attnscope::cli {
namespace {

struct OptionEntry {
  std::vector<std::string> names;  // "-m", "--model"
  std::string description;
  std::string value;  // "FILE", "DIR", "N"; empty for a flag
};

struct CommandEntry {
  std::string name;
  std::string description;
  std::vector<OptionEntry> options;
};

OptionEntry describe(const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  entry.description = option.get_description();
  if (option.get_items_expected_max() > 0) entry.value = option.get_type_name();
  return entry;
}

CommandEntry describe(const CLI::App& command) {
  CommandEntry entry{command.get_name(), command.get_description(), {}};
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) entry.options.push_back(describe(*option));
  }
  return entry;
}

std::vector<CommandEntry> describe_commands(const CLI::App& app) {
  std::vector<CommandEntry> commands;
  for (const CLI::App* command : app.get_subcommands({})) commands.push_back(describe(*command));
  return commands;
}

std::string all_names(const CommandEntry& command) {
  std::vector<std::string> names;
  for (const OptionEntry& option : command.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return fmt::format("{}", fmt::join(names, " "));
}

std::string bash_script(const CommandEntry& program, const std::vector<CommandEntry>& commands) {
  std::vector<std::string> names;
  std::string cases;
  for (const CommandEntry& command : commands) {
    names.push_back(command.name);
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command.name, all_names(command));
  }
  return fmt::format(
      "_attnscope() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} words\n"
      "  case ${{COMP_WORDS[1]}} in\n{}"
      "    *) words=\"{} {}\" ;;\n"
      "  esac\n"
      "  case $current in\n"
      "    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$current\")) ;;\n"
      "    *) if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "       else COMPREPLY=($(compgen -f -- \"$current\")); fi ;;\n"
      "  esac\n"
      "}}\n"
      "complete -o filenames -F _attnscope attnscope\n",
      cases, fmt::join(names, " "), all_names(program));
}

/// A word between single quotes, as bash, zsh and fish read it.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char character : text) {
    if (character == '\'') {
      result += "'\\''";
    } else {
      result += character;
    }
  }
  return result + "'";
}

/// Brackets and colons mean something in the descriptions of _arguments.
std::string zsh_description(const std::string& text) {
  std::string result;
  for (const char character : text) {
    if (character == '[' || character == ']' || character == ':') result += '\\';
    result += character;
  }
  return result;
}

std::string zsh_option(const OptionEntry& option, const std::string& name) {
  const bool path = option.value == "FILE" || option.value == "DIR";
  const std::string value =
      option.value.empty() ? "" : fmt::format(":{}:{}", option.value, path ? "_files" : "");
  return " " + quoted(fmt::format("{}[{}]{}", name, zsh_description(option.description), value));
}

std::string zsh_case(const CommandEntry& command) {
  std::string text = fmt::format("    {}) _arguments", command.name);
  for (const OptionEntry& option : command.options) {
    for (const std::string& name : option.names) text += zsh_option(option, name);
  }
  return text + " '*:file:_files' ;;\n";
}

std::string zsh_script(const CommandEntry& program, const std::vector<CommandEntry>& commands) {
  std::string names;
  std::string cases;
  for (const CommandEntry& command : commands) {
    names += ' ' + quoted(command.name + ':' + zsh_description(command.description));
    cases += zsh_case(command);
  }
  std::string options;
  for (const OptionEntry& option : program.options) {
    for (const std::string& name : option.names) options += zsh_option(option, name);
  }
  return fmt::format(
      "#compdef attnscope\n"
      "_attnscope() {{\n"
      "  local -a commands=({})\n"
      "  if (( CURRENT == 2 )); then _describe command commands; _arguments{}; return; fi\n"
      "  local command=$words[2]\n"
      "  shift words; (( CURRENT-- ))\n"
      "  case $command in\n{}"
      "  esac\n"
      "}}\n"
      "compdef _attnscope attnscope\n",
      names, options, cases);
}

std::string fish_option(const OptionEntry& option, const std::string& condition) {
  std::string line = "complete -c attnscope -n " + quoted(condition);
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.value.empty()) line += " -r";
  return line + " -d " + quoted(option.description) + '\n';
}

std::string fish_script(const CommandEntry& program, const std::vector<CommandEntry>& commands) {
  std::string text;
  for (const OptionEntry& option : program.options) text += fish_option(option, "__fish_use_subcommand");
  for (const CommandEntry& command : commands) {
    text += fmt::format("complete -c attnscope -f -n '__fish_use_subcommand' -a {} -d {}\n", command.name,
                        quoted(command.description));
    for (const OptionEntry& option : command.options) {
      text += fish_option(option, "__fish_seen_subcommand_from " + command.name);
    }
  }
  return text;
}

void run_completion(const std::string& shell, const CLI::App& app) {
  const CommandEntry program = describe(app);
  const std::vector<CommandEntry> commands = describe_commands(app);
  constexpr decltype(&bash_script) kScripts[] = {bash_script, zsh_script, fish_script};
  print(kScripts[parse_choice("SHELL", shell, {"bash", "zsh", "fish"})](program, commands));
}

}  // namespace

void setup_completion(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("completion", "Print the completion script of a shell.");
  command->footer(
      "source <(attnscope completion bash)\n"
      "attnscope completion zsh > ~/.zfunc/_attnscope\n"
      "attnscope completion fish > ~/.config/fish/completions/attnscope.fish");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->type_name("")->required();
  command->callback([shell, &app, &job] { job = [shell, &app] { run_completion(*shell, app); }; });
}

}  // namespace attnscope::cli
