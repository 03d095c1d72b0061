// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/encoder_parts.h"
#include "attnscope/hooks.h"

namespace attnscope {

/// The numbers that hooks changed, at the inputs and outputs of every module. No gradient passes them.
///
/// A value on its way from one module to another leaves the modules that hold the first and not the second,
/// and enters those that hold the second and not the first: paths say which.
class Changes {
 public:
  explicit Changes(const EncoderParts& parts);

  /// To be called when the other hooks of a module have fired.
  void note_inputs(const HookEvent& event) { note(event, Side::input); }
  void note_outputs(const HookEvent& event) { note(event, Side::output); }

  /// Zeroes a gradient [count] where the input or output of one module was changed.
  void cut_input(const std::string& module, std::size_t index, float* gradient, std::int64_t count) const {
    cut({module, Side::input, index}, gradient, count);
  }
  void cut_output(const std::string& module, std::size_t index, float* gradient, std::int64_t count) const {
    cut({module, Side::output, index}, gradient, count);
  }
  /// The same for all modules from `consumer` on outwards that do not hold `producer`.
  void enter(const std::string& consumer, const std::string& producer, float* gradient,
             std::int64_t count) const;
  /// The same for the value beside it that a layer norm adds: the last input of those around `consumer`.
  void enter_beside(const std::string& consumer, const std::string& producer, float* gradient,
                    std::int64_t count) const;
  /// The same for all modules from `producer` on outwards that do not hold `consumer`.
  void leave(const std::string& producer, const std::string& consumer, float* gradient,
             std::int64_t count) const;
  /// Whether the weights or another output of a module were changed: its mask, 1 where not; else null.
  [[nodiscard]] const float* output_mask(const std::string& module, std::size_t index) const;

 private:
  enum class Side { input, output };
  struct Place {
    std::string module;
    Side side;
    std::size_t index;
    auto operator<=>(const Place&) const = default;
  };

  void note(const HookEvent& event, Side side);
  void cut(const Place& place, float* gradient, std::int64_t count) const;
  [[nodiscard]] std::size_t index_left(const std::string& module) const;

  std::string pooled_base_;  // the base model, where its second output is what the head reads; else "-"
  std::map<std::string, std::size_t> num_inputs_;  // of the modules with changed inputs
  std::map<Place, std::vector<float>> masks_;      // 1 where the number is as computed, 0 where not
};

/// The path around a path: "a.b" of "a.b.c", "" of "a".
[[nodiscard]] std::string parent_path(const std::string& path);
/// Whether `module` is `path` or around it.
[[nodiscard]] bool holds(const std::string& module, const std::string& path);

}  // namespace attnscope
