// SPDX-License-Identifier: Apache-2.0
//
// Errors as answers.

#include <new>

#include "attnscope/outputs.h"
#include "core/message.h"
#include "serve/http.h"

namespace attnscope::serve {
namespace {

int status_of(const Error& error) {
  if (dynamic_cast<const TextError*>(&error) != nullptr) return 422;
  if (error.code() == "PART") return 404;
  if (dynamic_cast<const UnsupportedModel*>(&error) != nullptr) return 422;
  return error.info().kind == ErrorKind::usage ? 400 : 500;
}

Refused out_of_memory() {
  return {503,
          problem(ErrorKind::limit, "MEMORY", "server")
              .found("not enough memory for this request")
              .hint("take a shorter text"),
          {{"Retry-After", "1"}}};
}

}  // namespace

std::string error_json(const ErrorInfo& info) {
  ErrorInfo without_hint = info;
  without_hint.hint.clear();
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").value(info.code).key("message").value(to_string(without_hint));
  json.key("field").value(info.field).key("hint").value(info.hint);
  return json.end_object().end_object().text();
}

Response error_response(const Refused& refused) {
  return {refused.status, "application/json", error_json(refused.info), refused.fields, refused.close};
}

Refused refusal_of_current_exception() {
  try {
    throw;
  } catch (const Refused& refused) {
    return refused;
  } catch (const Error& error) {
    return {status_of(error), error.info()};
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& error) {
    return {500, problem(ErrorKind::input, "INTERNAL", "server")
                     .found("{}", error.what())
                     .hint("this is a defect of attnscope; please report it with what you did")};
  }
}

}  // namespace attnscope::serve
