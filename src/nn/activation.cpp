// SPDX-License-Identifier: Apache-2.0
#include "nn/activation.h"

#include <algorithm>
#include <array>

#include "core/message.h"
#include "nn/execution.h"
#include "nn/parallel.h"

namespace attnscope::nn {
namespace {

using Function = kernels::Activation;

constexpr std::array kKinds{
    ActivationKind{"gelu", "GELUActivation", Function::gelu},
    ActivationKind{"gelu_10", "ClippedGELUActivation", Function::gelu_10},
    ActivationKind{"gelu_accurate", "AccurateGELUActivation", Function::gelu_tanh},
    ActivationKind{"gelu_fast", "FastGELUActivation", Function::gelu_tanh},
    ActivationKind{"gelu_new", "NewGELUActivation", Function::gelu_tanh},
    ActivationKind{"gelu_python", "GELUActivation", Function::gelu},
    ActivationKind{"gelu_python_tanh", "GELUTanh", Function::gelu_tanh},
    ActivationKind{"gelu_pytorch_tanh", "GELUTanh", Function::gelu_tanh},
    ActivationKind{"hardswish", "Hardswish", Function::hardswish},
    ActivationKind{"laplace", "LaplaceActivation", Function::laplace},
    ActivationKind{"leaky_relu", "LeakyReLU", Function::leaky_relu},
    ActivationKind{"linear", "LinearActivation", Function::linear},
    ActivationKind{"mish", "MishActivation", Function::mish},
    ActivationKind{"quick_gelu", "QuickGELUActivation", Function::quick_gelu},
    ActivationKind{"relu", "ReLU", Function::relu},
    ActivationKind{"relu2", "ReLUSquaredActivation", Function::relu2},
    ActivationKind{"relu6", "ReLU6", Function::relu6},
    ActivationKind{"sigmoid", "Sigmoid", Function::sigmoid},
    ActivationKind{"silu", "SiLUActivation", Function::silu},
    ActivationKind{"sqrtsoftplus", "SqrtSoftplusActivation", Function::sqrtsoftplus},
    ActivationKind{"swish", "SiLU", Function::silu},
    ActivationKind{"tanh", "Tanh", Function::tanh},
};

const ActivationKind* find(std::string_view name) {
  const auto* found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

std::string known_names() {
  std::string names;
  for (const ActivationKind& kind : kKinds) names += (names.empty() ? "" : ", ") + std::string(kind.name);
  return names;
}

}  // namespace

const ActivationKind& read_activation(const Config& config, std::string_view key) {
  const std::string name = config.text(key, "gelu");
  const ActivationKind* kind = find(name);
  if (kind == nullptr)
    config.fail_value(key, fmt::format("unknown activation '{}'", name), "known: " + known_names());
  return *kind;
}

const ActivationKind& activation_kind(std::string_view name) { return *find(name); }

Value activate(const ActivationKind& kind, const Value& input, Execution& run) {
  const Timed timed(run.times(), Part::activations);
  Value output = input;
  float* values = run.allocate(output);
  const std::int64_t width = input.width;
  parallel_rows(run, input.rows(run.batch()), width, [&](std::int64_t first, std::int64_t last) {
    std::copy(input.f32() + first * width, input.f32() + last * width, values + first * width);
    kernels::activate(kind.function, values + first * width, (last - first) * width);
  });
  return output;
}

Value linear_and_activation(const Linear& linear, const ActivationModule& activation, const Value& input,
                            Execution& run) {
  if (!run.observed(linear) && !run.observed(activation))
    return linear.forward_activated(input, activation.kind().function, run);
  return run(activation, run(linear, input));
}

}  // namespace attnscope::nn
