// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "attnscope/outputs.h"
#include "attnscope/server.h"
#include "commands.h"
#include "errors.h"
#include "model_options.h"
#include "numbers.h"
#include "open_browser.h"
#include "process.h"

namespace attnscope::cli {
namespace {

struct ServeCommand {
  ModelOptions model;
  ComputeOptions compute;
  std::string port = "0";
  std::string host = "127.0.0.1";
  std::string text;
  bool exposes = false;
  bool open = false;
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

ServerOptions server_options(const ServeCommand& command) {
  constexpr std::int64_t kMostPort = 65535;
  ServerOptions options;
  options.port = static_cast<std::uint16_t>(parse_number("--port", command.port, 0, kMostPort));
  options.threads = run_options(command.compute).threads;
  options.host = command.host;
  options.first_text = command.text;
  if (!is_loopback(command.host) && !command.exposes)
    throw usage_error("--host",
                      fmt::format("'{}' lets others than this machine reach the server", command.host),
                      "add --i-know-this-exposes if that is what you want");
  return options;
}

std::string address_line(const ServeCommand& command, const Server& server) {
  if (!command.model.json) return server.url() + '\n';
  JsonWriter json;
  json.begin_object().key("url").value(server.url());
  json.key("port").value(static_cast<std::int64_t>(server.port()));
  return json.end_object().text() + '\n';
}

void tell_about(const ServeCommand& command, const Server& server) {
  if (!is_loopback(command.host))
    tell(command.model, {"everybody who can reach this address and knows the token can use the model, and "
                         "without TLS the token can be read on the way"});
  if (command.open && !open_browser(server.url()))
    tell(command.model, {"no browser was opened: open the address above yourself"});
  tell(command.model, {"open the address above in a browser; Ctrl-C ends the server"});
}

void run_serve(const ServeCommand& command) {
  const ServerOptions options = server_options(command);
  const Model model = load_model(command.model);
  Server server(model, options);
  print(address_line(command, server));
  flush_output();
  tell_about(command, server);
  handle_hangup();
  try {
    server.wait(check_interrupt);
  } catch (const Interrupted&) {
    server.stop();  // answers what runs; a second Ctrl-C ends the process at once
  }
}

}  // namespace

void setup_serve(CLI::App& app, Job& job) {
  auto* command = app.add_subcommand("serve", "Open the viewer in a browser, with a model behind it.");
  command->footer(
      "attnscope serve --open\n"
      "attnscope serve -m DIR --text \"Angela lives in Paris.\"\n"
      "attnscope serve --port 8123 --json");
  auto options = std::make_shared<ServeCommand>();
  command->add_option("--text", options->text, "The text to begin with")->type_name("TEXT");
  command->add_option("--port", options->port, "0 (default): any that is free")->type_name("N");
  command->add_option("--host", options->host, "Address of this machine to listen on; default: 127.0.0.1")
      ->type_name("ADDRESS");
  command->add_flag("--i-know-this-exposes", options->exposes,
                    "Allow a --host that other machines can reach");
  command->add_flag("--open", options->open, "Open a browser, if standard output is a terminal");
  command->add_option("-t,--threads", options->compute.threads, "1 to 256; default: one for each core")
      ->type_name("N");
  add_model_options(*command, options->model);
  add_load_options(*command, options->model.load);
  command->callback([options, &job] { job = [options] { run_serve(*options); }; });
}

}  // namespace attnscope::cli
