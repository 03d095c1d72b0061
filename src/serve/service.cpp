// SPDX-License-Identifier: Apache-2.0
#include "serve/service.h"

#include <algorithm>
#include <utility>

#include "attnscope/outputs.h"
#include "core/message.h"
#include "serve/ablation.h"
#include "serve/json_body.h"
#include "serve/part.h"
#include "serve/picture.h"

namespace attnscope::serve {
namespace {

const std::vector<std::string>& examples() {
  static const std::vector<std::string> texts{
      "Angela Merkel visited Paris with John Smith.", "John Smith works for Google in New York.",
      "This is a simple example sentence.", "The animal did not cross the street because it was too tired."};
  return texts;
}

std::int64_t most_tokens(const Model& model) {
  const std::int64_t of_model = model.info().max_positions;
  return std::min(of_model, model.tokenizer().model_max_length().value_or(of_model));
}

void check_text(const Model& model, const Limits& limits, const std::string& text) {
  if (text.size() > limits.text_bytes)
    throw TextError(problem(ErrorKind::input, "TEXT_SIZE", "text")
                        .found("{} bytes, at most {} are taken", text.size(), limits.text_bytes)
                        .hint("choose a part of it"));
  const auto tokens = static_cast<std::int64_t>(model.tokenizer().encode(text).size());
  if (tokens > most_tokens(model))
    throw TextError(problem(ErrorKind::input, "TEXT_TOO_LONG", "text")
                        .found("{} tokens, the model takes {}", tokens, most_tokens(model))
                        .hint("choose a part of it"));
}

void check_content_type(const RequestHead& head) {
  const std::string* type = head.find("content-type");
  const std::string given = type == nullptr ? "" : lower_case(trimmed(type->substr(0, type->find(';'))));
  if (given != "application/json")
    throw Refused{415, problem(ErrorKind::usage, "CONTENT_TYPE", "request")
                           .found("Content-Type '{}', expected application/json", given)};
}

Response page() {
  static const std::string html = server_page();
  return {200, "text/html; charset=utf-8", html};
}

RunOptions run_options(const ServerOptions& options, const Jobs& jobs) {
  RunOptions run;
  run.threads = options.threads;
  run.poll = [&jobs] { jobs.check(); };
  return run;
}

}  // namespace

Service::Service(const Model& model, const ServerOptions& options, const Limits& limits, Guard guard)
    : model_(model),
      limits_(limits),
      guard_(std::move(guard)),
      documents_(limits.document_bytes),
      run_(model, run_options(options, model_jobs_)),
      reading_(limits.connections),
      model_jobs_(limits.waiting_jobs) {
  const std::string first = options.first_text.empty() ? examples().front() : options.first_text;
  check_text(model_, limits_, first);
  model_jobs_.add(std::make_shared<Exchange>([] {}), [this, first](Exchange&) { run_first(first); });
}

Route Service::admit(const RequestHead& head, const std::string& local_address) const {
  guard_.check_source(head, local_address);
  if (is_protected(head)) guard_.check_token(head);
  const Route route = find_route(head);
  if (route.has_body()) check_content_type(head);
  return route;
}

void Service::answer(const Route& route, const HttpRequest& request,
                     const std::shared_ptr<Exchange>& exchange) {
  try {
    start(route, request, exchange);
  } catch (...) {
    exchange->fail(refusal_of_current_exception());
  }
}

void Service::start(const Route& route, const HttpRequest& request,
                    const std::shared_ptr<Exchange>& exchange) {
  switch (route.action) {
    case Action::page:
      return exchange->send(page());
    case Action::model:
      return send_model(exchange);
    case Action::list:
      return exchange->send(json_response(list()));
    case Action::report:
      return exchange->send(json_response(documents_.find(route.document).report()));
    case Action::part:
      return start_part(route, request.head, exchange);
    case Action::add:
      return start_add(request.body, exchange);
    default:
      return start_with_body(route, request.body, exchange);
  }
}

void Service::start_part(const Route& route, const RequestHead& head,
                         const std::shared_ptr<Exchange>& exchange) {
  const Document document = documents_.find(route.document);
  const PartWish wish(head, route.document, route.part);
  reading_.add(exchange, [document, wish](Exchange& to) { to.send(wish.answer(document)); });
}

void Service::start_with_body(const Route& route, const std::string& body,
                              const std::shared_ptr<Exchange>& exchange) {
  const Document document = documents_.find(route.document);
  const JsonValue value = parse_body(body);
  const BodyPlace place(value);
  if (route.action == Action::figure) {
    const PictureWish wish = read_picture_wish(place, document);
    return reading_.add(exchange, [document, wish](Exchange& to) { to.send(draw_picture(document, wish)); });
  }
  if (route.action == Action::scan) {
    const Target target = read_scan(place, document);
    return model_jobs_.add(exchange,
                           [this, document, target](Exchange& to) { scan(run_, document, target, to); });
  }
  const AblationWish wish = read_ablation(place, document);
  model_jobs_.add(exchange, [this, document, wish](Exchange& to) {
    to.send(json_response(ablate(run_, document, wish)));
  });
}

void Service::start_add(const std::string& body, const std::shared_ptr<Exchange>& exchange) {
  const JsonValue value = parse_body(body);
  const BodyPlace place(value);
  place.allow({"text"});
  const std::string text = place.member("text").text();
  check_text(model_, limits_, text);
  model_jobs_.add(exchange, [this, text](Exchange& to) {
    const std::string id = add(text);
    JsonWriter json;
    json.begin_object().key("id").value(id).end_object();
    std::string answer = json.text();
    answer.pop_back();
    to.send(json_response(answer + ",\"report\":" + documents_.find(id).report() + "}"));
  });
}

std::string Service::add(const std::string& text) {
  DocumentOptions options;
  options.progress = [this](const char*) { model_jobs_.check(); };
  return documents_.add(Document::of(run_, text, options));
}

void Service::run_first(const std::string& text) {
  std::optional<std::string> id;
  try {
    id = add(text);
  } catch (const std::exception&) {
    // The page opens without a document; the text, tried again, tells why.
  }
  const std::lock_guard lock(mutex_);
  first_ = std::move(id);
  first_done_ = true;
}

void Service::send_model(const std::shared_ptr<Exchange>& exchange) {
  std::unique_lock lock(mutex_);
  if (first_done_) return exchange->send(json_response(describe_model(first_)));
  lock.unlock();
  // Behind the first text, which waits or runs.
  model_jobs_.add(exchange, [this](Exchange& to) {
    const std::lock_guard locked(mutex_);
    to.send(json_response(describe_model(first_)));
  });
}

std::string Service::describe_model(const std::optional<std::string>& first) const {
  const ModelInfo& model = model_.info();
  JsonWriter json;
  json.begin_object().key("model").begin_object().key("source").value(model.source);
  json.key("layers").value(model.num_layers).key("heads").value(model.num_heads).end_object();
  json.key("examples").value(examples()).key("first");
  if (first) {
    json.value(*first);
  } else {
    json.null();
  }
  json.key("limits").begin_object().key("tokens").value(most_tokens(model_));
  json.key("bytes").value(static_cast<std::int64_t>(limits_.text_bytes)).end_object();
  return json.end_object().text();
}

std::string Service::list() const {
  JsonWriter json;
  json.begin_array();
  for (const DocumentStore::Entry& entry : documents_.list())
    json.begin_object().key("id").value(entry.id).key("title").value(entry.title).end_object();
  return json.end_array().text();
}

}  // namespace attnscope::serve
