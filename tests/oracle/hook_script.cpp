// SPDX-License-Identifier: Apache-2.0
#include "hook_script.h"

#include <simdjson.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <utility>

#include "attnscope/error.h"

namespace probe {
namespace {

using attnscope::Activation;
using attnscope::HookEvent;
using attnscope::JsonWriter;
using simdjson::dom::element;

std::string text_of(element value) { return std::string(std::string_view(value.get_string().value())); }

// By value: the result objects that hold them are temporaries, which a range-for does not keep.
simdjson::dom::array items(element value) { return value.get_array().value(); }
simdjson::dom::object members(element value) { return value.get_object().value(); }

std::string text_at(element object, const char* key) { return text_of(object.at_key(key).value()); }

bool flag_at(element object, const char* key) {
  bool flag = false;
  const bool absent = object.at_key(key).get(flag) != simdjson::SUCCESS;
  return !absent && flag;
}

void print(const JsonWriter& json) { std::printf("%s\n", json.text().c_str()); }

// The single key and value of a step or an action.
std::pair<std::string, element> only_member(element object) {
  for (const auto member : members(object)) return {std::string(member.key), member.value};
  throw std::runtime_error("script: an empty object");
}

double value_at(const attnscope::Tensor& tensor, std::int64_t index) {
  return tensor.dtype() == attnscope::DType::i64 ? static_cast<double>(tensor.i64()[index])
                                                 : static_cast<double>(tensor.f32()[index]);
}

// Shape, mean and root mean square: enough to tell one tensor from another.
void write_tensor(JsonWriter& json, const Activation& activation) {
  const attnscope::Tensor tensor = activation.own();
  double sum = 0;
  double squares = 0;
  for (std::int64_t i = 0; i < tensor.count(); ++i) {
    sum += value_at(tensor, i);
    squares += value_at(tensor, i) * value_at(tensor, i);
  }
  const double count = static_cast<double>(tensor.count());
  json.begin_object();
  json.key("shape").value(std::vector<std::int64_t>(tensor.shape().begin(), tensor.shape().end()));
  json.key("mean").value(sum / count).key("rms").value(std::sqrt(squares / count)).end_object();
}

void print_event(const HookEvent& event, const std::string& id, const std::string& point) {
  JsonWriter json;
  json.begin_object().key("event").value(point).key("hook").value(id);
  json.key("path").value(event.path()).key("call").value(event.call());
  json.key("inputs").begin_array();
  for (std::size_t i = 0; i < event.num_inputs(); ++i) write_tensor(json, event.input(i));
  json.end_array().key("outputs").begin_array();
  for (std::size_t i = 0; i < event.num_outputs(); ++i) write_tensor(json, event.output(i));
  json.end_array().end_object();
  print(json);
}

void print_error(const char* step, const std::string& name, const std::exception& error) {
  const auto* own = dynamic_cast<const attnscope::Error*>(&error);
  JsonWriter json;
  json.begin_object().key(step).value(name).key("error").value(own != nullptr ? own->code() : error.what());
  json.end_object();
  print(json);
}

void scale(const attnscope::MutableTensorView& values, float factor) {
  float* data = values.f32();
  for (std::int64_t i = 0; i < values.count(); ++i) data[i] *= factor;
}

void replace_input(HookEvent& event, std::size_t index, float factor) {
  attnscope::Tensor copy = event.input(index).own();
  scale(copy.mutable_view(), factor);
  event.replace_input(index, copy.view());
}

void replace_output(HookEvent& event, std::size_t index, float factor) {
  attnscope::Tensor copy = event.output(index).own();
  scale(copy.mutable_view(), factor);
  event.replace_output(index, copy.view());
}

void fill_ids(HookEvent& event, std::size_t index, std::int64_t id) {
  attnscope::Tensor ids = event.input(index).own();
  std::fill_n(ids.mutable_view().i64(), ids.count(), id);
  event.replace_input(index, ids.view());
}

// An action that changes a value; `argument` is [INDEX, NUMBER].
void change_value(HookEvent& event, const std::string& action, element argument) {
  const auto index = static_cast<std::size_t>(argument.at(0).get_uint64().value());
  if (action == "fill_ids") return fill_ids(event, index, argument.at(1).get_int64().value());
  const auto factor = static_cast<float>(argument.at(1).get_double().value());
  if (action == "scale_input") return replace_input(event, index, factor);
  if (action == "scale_output") return replace_output(event, index, factor);
  for (std::int64_t text = 0; text < event.num_texts(); ++text) {
    if (action == "edit_input")
      scale(event.edit_input(index, text), factor);
    else if (action == "edit_output")
      scale(event.edit_output(index, text), factor);
    else
      throw std::logic_error("script: unknown action " + action);
  }
}

/// One script on one Run.
class Player {
 public:
  Player(const attnscope::Model& model, const attnscope::RunOptions& options, element script)
      : run_(model, options), name_(text_at(script, "name")), steps_(script.at_key("steps").value()) {
    for (const element hook : items(script.at_key("hooks").value()))
      hooks_.emplace(text_at(hook, "id"), hook);
  }

  std::vector<attnscope::NamedArray> play(const std::vector<NamedText>& texts) {
    std::size_t number = 0;
    for (const element step : items(steps_)) {
      const auto [kind, argument] = only_member(step);
      if (kind == "run")
        run_texts(texts, argument, name_ + "/" + std::to_string(number++));
      else
        change_hooks(kind, text_of(argument));
    }
    return std::move(arrays_);
  }

 private:
  void change_hooks(const std::string& kind, const std::string& id) {
    try {
      if (kind == "register") return register_hook(id);
      if (kind == "remove") return handles_.at(id).remove();
      throw std::logic_error("script: unknown step " + kind);
    } catch (const attnscope::Error& error) {
      print_error(kind.c_str(), id, dynamic_cast<const std::exception&>(error));
    }
  }

  void register_hook(const std::string& id) {
    const element hook = hooks_.at(id);
    const std::string point = text_at(hook, "point");
    const attnscope::HookOptions options{.prepend = flag_at(hook, "prepend"),
                                         .always_call = flag_at(hook, "always_call")};
    const auto fire = [this, id, hook, point](HookEvent& event) {
      print_event(event, id, point);
      for (const element action : items(hook.at_key("do").value())) act(event, action);
    };
    const std::string path = text_at(hook, "path");
    handles_[id] = point == "pre" ? run_.register_forward_pre_hook(path, fire, options)
                                  : run_.register_forward_hook(path, fire, options);
  }

  void act(HookEvent& event, element action) {
    const auto [kind, argument] = only_member(action);
    if (kind == "throw") throw std::runtime_error(text_of(argument));
    if (kind == "mark") return mark(text_of(argument));
    if (kind == "register" || kind == "remove") return change_hooks(kind, text_of(argument));
    change_value(event, kind, argument);
  }

  static void mark(const std::string& text) {
    print(JsonWriter().begin_object().key("mark").value(text).end_object());
  }

  void run_texts(const std::vector<NamedText>& texts, element names, const std::string& label) {
    std::vector<attnscope::Sequence> sequences;
    std::vector<std::string> prefixes;
    for (const element name : items(names))
      for (const NamedText& text : texts) {
        if (text.name != text_of(name)) continue;
        sequences.push_back(text.ids);
        prefixes.push_back(label + "." + text.name);
      }
    try {
      const attnscope::Captures captures = run_(sequences);
      for (std::size_t i = 0; i < prefixes.size(); ++i)
        append_arrays(arrays_, prefixes[i], captures.texts[i]);
      print(JsonWriter().begin_object().key("run").value(label).end_object());
    } catch (const std::exception& error) {
      print_error("run", label, error);
    }
  }

  attnscope::Run run_;
  std::string name_;
  element steps_;
  std::map<std::string, element> hooks_;
  std::map<std::string, attnscope::HookHandle> handles_;
  std::vector<attnscope::NamedArray> arrays_;
};

}  // namespace

std::vector<attnscope::NamedArray> play_scripts(const attnscope::Model& model,
                                                const std::vector<NamedText>& texts,
                                                const attnscope::RunOptions& options,
                                                const std::string& path) {
  simdjson::dom::parser parser;
  std::vector<attnscope::NamedArray> arrays;
  for (const element script : items(parser.load(path).value())) {
    print(JsonWriter().begin_object().key("script").value(text_at(script, "name")).end_object());
    for (attnscope::NamedArray& array : Player(model, options, script).play(texts))
      arrays.push_back(std::move(array));
  }
  return arrays;
}

void append_arrays(std::vector<attnscope::NamedArray>& arrays, const std::string& prefix,
                   const attnscope::TextCapture& capture) {
  const std::vector<std::pair<const char*, const attnscope::Tensor*>> parts{
      {"attentions", &capture.attentions},
      {"hidden_states", &capture.hidden_states},
      {"last_hidden_state", &capture.last_hidden_state},
      {"pooler_output", &capture.pooler_output},
      {"logits", &capture.logits},
  };
  for (const auto& [name, tensor] : parts)
    if (!tensor->empty()) arrays.push_back(attnscope::NamedArray::of(prefix + "." + name, *tensor));
}

}  // namespace probe
