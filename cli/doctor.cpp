// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "attnscope/error.h"
#include "attnscope/outputs.h"
#include "commands.h"
#include "health.h"
#include "model_options.h"
#include "process.h"

namespace attnscope::cli {
namespace {

constexpr const char* kSample = "Angela Merkel visited Paris with Barack Obama.";

struct DoctorCommand {
  ModelOptions model;
  std::string sample = kSample;
};

void append(std::vector<Finding>& findings, const std::vector<Finding>& more) {
  findings.insert(findings.end(), more.begin(), more.end());
}

Finding load_failure(const ErrorInfo& error) {
  ErrorInfo place = error;
  place.hint.clear();
  return {"weights", Health::error, to_string(place), error.hint};
}

/// The model, or what keeps it from being opened; if only the task head is missing, the encoder alone.
std::optional<Model> open_model(const DoctorCommand& command, std::vector<Finding>& findings) {
  LoadOptions options = command.model.load;
  try {
    return Model::load(command.model.model, options);
  } catch (const CheckpointError& error) {
    findings.push_back(load_failure(error.info()));
    if (error.code() != "MODEL_TENSOR") return std::nullopt;
  } catch (const UnsupportedModel& error) {
    findings.push_back(load_failure(error.info()));
    return std::nullopt;
  }
  try {
    options.task = Task::none;
    Model encoder = Model::load(command.model.model, options);
    findings.push_back({"class", Health::error,
                        "the weights of the task head are missing, those of the encoder are there",
                        "take the fine-tuned checkpoint, or write " + encoder.info().architecture +
                            " as the architecture into config.json"});
    return encoder;
  } catch (const CheckpointError&) {
    return std::nullopt;
  }
}

/// What loading had to say, but for the tensors that check_weights lists.
std::vector<Finding> notes_of(const Model& model) {
  std::vector<Finding> findings;
  for (const std::string& notice : model.info().notices)
    if (notice.find("are not used by this class") == std::string::npos)
      findings.push_back({"notes", Health::warning, notice});
  return findings;
}

std::vector<Finding> examine(const DoctorCommand& command) {
  std::vector<Finding> findings;
  const std::optional<Model> model = open_model(command, findings);
  check_interrupt();
  if (!model) return findings;
  if (findings.empty()) append(findings, check_weights(*model, command.model.load));
  check_interrupt();
  findings.push_back(check_finite(*model));
  findings.push_back(check_attention(*model, command.sample));
  append(findings, check_tokenizer(*model, command.sample));
  append(findings, notes_of(*model));
  return findings;
}

Health worst(const std::vector<Finding>& findings) {
  Health health = Health::ok;
  for (const Finding& finding : findings) health = std::max(health, finding.health);
  return health;
}

std::string json_of(const std::string& model, const std::vector<Finding>& findings) {
  JsonWriter json;
  json.begin_object().key("model").value(model).key("status").value(name(worst(findings)));
  json.key("checks").begin_array();
  for (const Finding& finding : findings) {
    json.begin_object().key("check").value(finding.check).key("status").value(name(finding.health));
    json.key("found").value(finding.found).key("hint").value(finding.hint).end_object();
  }
  return json.end_array().end_object().text();
}

std::string line_of(const Finding& finding) {
  const std::string hint = finding.hint.empty() ? "" : "; " + finding.hint;
  return fmt::format("{:<8} {:<10} {}\n", name(finding.health), finding.check,
                     escape_for_terminal(finding.found + hint));
}

void run_doctor(const DoctorCommand& command) {
  const std::vector<Finding> findings = examine(command);
  if (command.model.json) {
    print(json_of(command.model.model, findings) + '\n');
  } else {
    for (const Finding& finding : findings) print(line_of(finding));
  }
  if (worst(findings) != Health::ok) throw WrongFound{};
}

}  // namespace

void setup_doctor(CLI::App& app, Job& job) {
  auto* command =
      app.add_subcommand("doctor", "Look for what is wrong with a model: exit code 1 if anything is.");
  command->footer(
      "attnscope doctor -m DIR\n"
      "attnscope doctor -m DIR \"Ein Satz in der Sprache des Modells.\"\n"
      "attnscope doctor -m DIR --json");
  auto options = std::make_shared<DoctorCommand>();
  command
      ->add_option("TEXT", options->sample, "A sample of the texts it is for; default: an English sentence")
      ->type_name("");
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_doctor(*options); }; });
}

}  // namespace attnscope::cli
