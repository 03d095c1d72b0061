// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "kernels/kernels.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/activation.cpp"
// Compiles the rest of this file once per instruction set.
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

// Definitions: torch.nn.functional and transformers' activations.py. The forms differ from theirs where
// theirs cancel; infinities and NaN give what theirs give.
HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

HWY_INLINE Vector sigmoid(Vector x) { return hn::Div(set(1.0F), hn::Add(set(1.0F), exp(hn::Neg(x)))); }
HWY_INLINE Vector silu(Vector x) { return hn::Div(x, hn::Add(set(1.0F), exp(hn::Neg(x)))); }

// The distribution function of the normal distribution, (1 + erf(x / sqrt 2)) / 2, to 3e-7 of its value:
// Phi(-z) = exp(-z^2 / 2) R(z), and R is smooth in t = 1 / (1 + 0.35 z): a minimax fit of R / t on 0 <= z
// <= 14.
HWY_INLINE Vector normal_distribution(Vector x) {
  const Vector z = hn::Abs(x);
  const Vector t = hn::Div(set(1.0F), hn::MulAdd(z, set(0.35F), set(1.0F)));
  Vector p = set(-0.0291461386F);
  p = hn::MulAdd(p, t, set(0.14397271F));
  p = hn::MulAdd(p, t, set(-0.255716324F));
  p = hn::MulAdd(p, t, set(0.159176499F));
  p = hn::MulAdd(p, t, set(-0.0231114179F));
  p = hn::MulAdd(p, t, set(0.105508663F));
  p = hn::MulAdd(p, t, set(0.119832702F));
  p = hn::MulAdd(p, t, set(0.139861897F));
  p = hn::MulAdd(p, t, set(0.139621407F));
  const Vector tail = hn::Mul(hn::Mul(p, t), exp_nonpositive(hn::Mul(hn::Mul(z, z), set(-0.5F))));
  return hn::IfThenElse(hn::Lt(x, set(0.0F)), tail, hn::Sub(set(1.0F), tail));
}

struct Gelu {
  HWY_INLINE Vector operator()(Vector x) const { return hn::Mul(x, normal_distribution(x)); }
};
struct Gelu10 {
  HWY_INLINE Vector operator()(Vector x) const {
    return at_most(at_least(Gelu()(x), set(-10.0F)), set(10.0F));
  }
};
// x (1 + tanh(u)) / 2 = x sigmoid(2 u) with u = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluTanh {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector cubic = hn::MulAdd(hn::Mul(hn::Mul(x, x), x), set(0.044715F), x);
    return hn::Div(x, hn::Add(set(1.0F), exp(hn::Mul(cubic, set(-1.59576912F)))));
  }
};
struct QuickGelu {
  HWY_INLINE Vector operator()(Vector x) const {
    return hn::Div(x, hn::Add(set(1.0F), exp(hn::Mul(x, set(-1.702F)))));
  }
};
struct Relu {
  HWY_INLINE Vector operator()(Vector x) const { return at_least(x, set(0.0F)); }
};
struct Relu2 {
  HWY_INLINE Vector operator()(Vector x) const { return hn::Mul(Relu()(x), Relu()(x)); }
};
struct Relu6 {
  HWY_INLINE Vector operator()(Vector x) const { return at_most(Relu()(x), set(6.0F)); }
};
struct LeakyRelu {
  HWY_INLINE Vector operator()(Vector x) const {
    return hn::IfThenElse(hn::Lt(x, set(0.0F)), hn::Mul(x, set(0.01F)), x);
  }
};
struct HardSwish {
  HWY_INLINE Vector operator()(Vector x) const {
    return hn::Div(hn::Mul(x, Relu6()(hn::Add(x, set(3.0F)))), set(6.0F));
  }
};
struct Silu {
  HWY_INLINE Vector operator()(Vector x) const { return silu(x); }
};
struct Sigmoid {
  HWY_INLINE Vector operator()(Vector x) const { return sigmoid(x); }
};
// (e^2z - 1) / (e^2z + 1), which is 1 from z = 10 on; the sign is put back at the end.
struct Tanh {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector z = at_most(hn::Abs(x), set(10.0F));
    const Vector e = exp_minus_one(hn::Add(z, z));
    return hn::CopySign(hn::Div(e, hn::Add(e, set(2.0F))), x);
  }
};
// x tanh(log(1 + e^x)) = x e (e + 2) / (e (e + 2) + 2) with e = e^x; the factor is 1 from x = 20 on.
struct Mish {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector e = exp(at_most(x, set(20.0F)));
    const Vector product = hn::Mul(e, hn::Add(e, set(2.0F)));
    return hn::Mul(x, hn::Div(product, hn::Add(product, set(2.0F))));
  }
};
// (1 + erf((x - mu) / (sigma sqrt 2))) / 2 with transformers' mu = 0.707107 and sigma = 0.282095.
struct Laplace {
  HWY_INLINE Vector operator()(Vector x) const {
    return normal_distribution(hn::Div(hn::Sub(x, set(0.707107F)), set(0.282095F)));
  }
};

template <class Function>
HWY_INLINE void apply(float* values, std::int64_t count, const Function& function) {
  for_each_vector(count, values, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    return function(load(values + i, lanes));
  });
}

void activate(Activation activation, float* values, std::int64_t count) {
  switch (activation) {
    case Activation::gelu:
      return apply(values, count, Gelu());
    case Activation::gelu_10:
      return apply(values, count, Gelu10());
    case Activation::gelu_tanh:
      return apply(values, count, GeluTanh());
    case Activation::quick_gelu:
      return apply(values, count, QuickGelu());
    case Activation::relu:
      return apply(values, count, Relu());
    case Activation::relu2:
      return apply(values, count, Relu2());
    case Activation::relu6:
      return apply(values, count, Relu6());
    case Activation::leaky_relu:
      return apply(values, count, LeakyRelu());
    case Activation::hardswish:
      return apply(values, count, HardSwish());
    case Activation::silu:
      return apply(values, count, Silu());
    case Activation::sigmoid:
      return apply(values, count, Sigmoid());
    case Activation::tanh:
      return apply(values, count, Tanh());
    case Activation::mish:
      return apply(values, count, Mish());
    case Activation::laplace:
      return apply(values, count, Laplace());
    case Activation::sqrtsoftplus:
      return activate_plain(activation, values, count);  // too rare for code of its own
    case Activation::linear:
      return;
  }
}

// Derivatives, where a function has a corner as torch takes them.
struct GeluSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector density = hn::Mul(exp_nonpositive(hn::Mul(hn::Mul(x, x), set(-0.5F))), set(0.39894228F));
    return hn::MulAdd(x, density, normal_distribution(x));
  }
};
struct Gelu10Slope {
  HWY_INLINE Vector operator()(Vector x) const {
    return hn::IfThenZeroElse(hn::Gt(Gelu()(x), set(10.0F)), GeluSlope()(x));
  }
};
// Of x sigmoid(u): s + x s (1 - s) du/dx.
HWY_INLINE Vector gated_slope(Vector x, Vector u, Vector du) {
  const Vector s = sigmoid(u);
  const Vector rest = hn::Mul(s, hn::Sub(set(1.0F), s));
  return hn::MulAdd(hn::Mul(x, rest), du, s);
}
struct GeluTanhSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector square = hn::Mul(x, x);
    const Vector u = hn::Mul(hn::MulAdd(hn::Mul(square, x), set(0.044715F), x), set(1.59576912F));
    const Vector du = hn::MulAdd(square, set(0.214064463F), set(1.59576912F));
    return gated_slope(x, u, du);
  }
};
struct QuickGeluSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    return gated_slope(x, hn::Mul(x, set(1.702F)), set(1.702F));
  }
};
struct SiluSlope {
  HWY_INLINE Vector operator()(Vector x) const { return gated_slope(x, x, set(1.0F)); }
};
struct SigmoidSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector s = sigmoid(x);
    return hn::Mul(s, hn::Sub(set(1.0F), s));
  }
};
struct TanhSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector t = Tanh()(x);
    return hn::NegMulAdd(t, t, set(1.0F));
  }
};
struct ReluSlope {
  HWY_INLINE Vector operator()(Vector x) const { return hn::IfThenElseZero(hn::Gt(x, set(0.0F)), set(1.0F)); }
};
struct Relu2Slope {
  HWY_INLINE Vector operator()(Vector x) const { return hn::Mul(Relu()(x), set(2.0F)); }
};
struct Relu6Slope {
  HWY_INLINE Vector operator()(Vector x) const {
    return hn::IfThenZeroElse(hn::Ge(x, set(6.0F)), ReluSlope()(x));
  }
};
struct LeakyReluSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    return hn::IfThenElse(hn::Gt(x, set(0.0F)), set(1.0F), set(0.01F));
  }
};
struct HardSwishSlope {
  HWY_INLINE Vector operator()(Vector x) const {
    const Vector middle = hn::MulAdd(x, set(1.0F / 3.0F), set(0.5F));
    const Vector upper = hn::IfThenElse(hn::Gt(x, set(3.0F)), set(1.0F), middle);
    return hn::IfThenZeroElse(hn::Le(x, set(-3.0F)), upper);
  }
};

template <class Slope>
HWY_INLINE void scale(const float* inputs, float* gradients, std::int64_t count, const Slope& slope) {
  for_each_vector(count, gradients, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    return hn::Mul(load(gradients + i, lanes), slope(load(inputs + i, lanes)));
  });
}

void activation_backward(Activation activation, const float* inputs, float* gradients, std::int64_t count) {
  switch (activation) {
    case Activation::gelu:
      return scale(inputs, gradients, count, GeluSlope());
    case Activation::gelu_10:
      return scale(inputs, gradients, count, Gelu10Slope());
    case Activation::gelu_tanh:
      return scale(inputs, gradients, count, GeluTanhSlope());
    case Activation::quick_gelu:
      return scale(inputs, gradients, count, QuickGeluSlope());
    case Activation::relu:
      return scale(inputs, gradients, count, ReluSlope());
    case Activation::relu2:
      return scale(inputs, gradients, count, Relu2Slope());
    case Activation::relu6:
      return scale(inputs, gradients, count, Relu6Slope());
    case Activation::leaky_relu:
      return scale(inputs, gradients, count, LeakyReluSlope());
    case Activation::hardswish:
      return scale(inputs, gradients, count, HardSwishSlope());
    case Activation::silu:
      return scale(inputs, gradients, count, SiluSlope());
    case Activation::sigmoid:
      return scale(inputs, gradients, count, SigmoidSlope());
    case Activation::tanh:
      return scale(inputs, gradients, count, TanhSlope());
    case Activation::mish:
    case Activation::laplace:
    case Activation::sqrtsoftplus:  // too rare for code of their own
      return activation_backward_plain(activation, inputs, gradients, count);
    case Activation::linear:
      return;
  }
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attnscope::kernels {

HWY_EXPORT(activate);
HWY_EXPORT(activation_backward);

void activate(Activation activation, float* values, std::int64_t count) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(activate)(activation, values, count);
}

void activation_backward(Activation activation, const float* inputs, float* gradients, std::int64_t count) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(activation_backward)(activation, inputs, gradients, count);
}

}  // namespace attnscope::kernels
#endif
