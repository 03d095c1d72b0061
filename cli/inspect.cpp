// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "attnscope/outputs.h"
#include "commands.h"
#include "model_options.h"
#include "process.h"

namespace attnscope::cli {
namespace {

struct InspectCommand {
  ModelOptions model;
  std::string path;
};

const char* word(Task task) {
  switch (task) {
    case Task::masked_lm:
      return "masked_lm";
    case Task::sequence_classification:
      return "sequence_classification";
    case Task::token_classification:
      return "token_classification";
    case Task::question_answering:
      return "question_answering";
    case Task::none:
      break;
  }
  return "none";
}

void write_module(JsonWriter& json, const ModuleInfo& module) {
  json.begin_object().key("path").value(module.path).key("type").value(module.type);
  json.key("parameters").begin_array();
  for (const ParameterInfo& parameter : module.parameters) {
    const Shape& shape = parameter.shape;
    json.begin_object().key("name").value(parameter.name);
    json.key("shape").value(std::vector<std::int64_t>(shape.begin(), shape.end())).end_object();
  }
  json.end_array().end_object();
}

std::string json_of(const Model& model) {
  const ModelInfo& info = model.info();
  JsonWriter json;
  json.begin_object().key("model_type").value(info.model_type).key("architecture").value(info.architecture);
  json.key("task").value(word(info.task)).key("layers").value(info.num_layers);
  json.key("heads").value(info.num_heads).key("hidden_size").value(info.hidden_size);
  json.key("vocab_size").value(info.vocab_size).key("max_positions").value(info.max_positions);
  json.key("parameters").value(info.num_parameters).key("labels").value(info.labels);
  json.key("precision").value(name(info.precision));
  json.key("modules").begin_array();
  for (const ModuleInfo& module : model.modules()) json.value(module.path);
  return json.end_array().end_object().text();
}

std::string shapes_of(const ModuleInfo& module) {
  std::string text;
  for (const ParameterInfo& parameter : module.parameters) {
    text += fmt::format("  {} {}", parameter.name, to_string(parameter.shape));
  }
  return text;
}

/// "  attention: MultiHeadSelfAttention", indented by its depth; the model itself has no path.
std::string tree_line(const ModuleInfo& module) {
  const auto depth = static_cast<std::size_t>(std::count(module.path.begin(), module.path.end(), '.'));
  const std::size_t dot = module.path.rfind('.');
  const std::string name = dot == std::string::npos ? module.path : module.path.substr(dot + 1);
  if (name.empty()) return module.type + shapes_of(module) + '\n';
  return fmt::format("{}{}: {}{}\n", std::string(2 * (depth + 1), ' '), name, module.type, shapes_of(module));
}

std::string summary_of(const Model& model) {
  const ModelInfo& info = model.info();
  std::string text = fmt::format(
      "{}: {} ({})\n{} layers x {} heads, hidden size {}, vocabulary {}, up to {} tokens, {} parameters\n",
      escape_for_terminal(info.source), escape_for_terminal(info.architecture), info.model_type,
      info.num_layers, info.num_heads, info.hidden_size, info.vocab_size, info.max_positions,
      info.num_parameters);
  for (std::size_t label = 0; label < info.labels.size(); ++label) {
    text += fmt::format("{}{}", label == 0 ? "labels: " : ", ", escape_for_terminal(info.labels[label]));
  }
  return info.labels.empty() ? text : text + '\n';
}

void inspect_module(const InspectCommand& command, const ModuleInfo& module) {
  if (!command.model.json) {
    print(fmt::format("{}: {}{}\n", module.path, module.type, shapes_of(module)));
    return;
  }
  JsonWriter json;
  write_module(json, module);
  print(json.text() + '\n');
}

void run_inspect(const InspectCommand& command) {
  const Model model = load_model(command.model);
  if (!command.path.empty()) {
    inspect_module(command, model.module(command.path));
  } else if (command.model.json) {
    print(json_of(model) + '\n');
  } else {
    print(summary_of(model));
    for (const ModuleInfo& module : model.modules()) print(tree_line(module));
  }
}

}  // namespace

void setup_inspect(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("inspect", "List the modules of a model: the paths that hooks take.");
  command->footer(
      "attnscope inspect -m DIR\n"
      "attnscope inspect transformer.layer.0.attention\n"
      "attnscope inspect --json");
  auto options = std::make_shared<InspectCommand>();
  command->add_option("PATH", options->path, "Only this module")->type_name("");
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_inspect(*options); }; });
}

}  // namespace attnscope::cli
