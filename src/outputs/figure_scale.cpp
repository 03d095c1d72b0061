// SPDX-License-Identifier: Apache-2.0
#include "outputs/figure_scale.h"

#include <algorithm>
#include <cmath>

#include "core/message.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr double kDecades = 4.0;  // of the logarithmic scale
constexpr double kLowest = 1e-4;
constexpr double kPowers[] = {1e6,  1e5,  1e4,  1e3,  1e2,  1e1,  1e0,  1e-1,
                              1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9};

/// Sizes of all weights.
/// Throws:  InvalidArgument (VALUE) for what is no number.
std::vector<float> sizes_of(const std::vector<TensorView>& drawn, bool& any_negative) {
  std::vector<float> sizes;
  for (const TensorView& view : drawn) {
    const Tensor weights = view.own();
    for (std::int64_t index = 0; index < weights.count(); ++index) {
      const float weight = weights.f32()[index];
      if (!std::isfinite(weight))
        throw InvalidArgument(problem(ErrorKind::usage, "VALUE", "figure")
                                  .at(fmt::format("weight {}", index))
                                  .found("{}, expected a number", weight)
                                  .hint("draw the heads that have none"));
      any_negative = any_negative || weight < 0.0F;
      sizes.push_back(std::abs(weight));
    }
  }
  return sizes;
}

double top_of(FigureRange range, std::vector<float> sizes) {
  if (range == FigureRange::unit) return 1.0;
  if (sizes.empty()) return 0.0;
  if (range == FigureRange::maximum)
    return static_cast<double>(*std::max_element(sizes.begin(), sizes.end()));
  const std::size_t rank = (sizes.size() * 99 + 99) / 100 - 1;  // nearest rank
  std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(rank), sizes.end());
  return static_cast<double>(sizes[rank]);
}

const char* name_of(FigureTransform transform) {
  constexpr const char* kNames[] = {"square-root", "linear", "logarithmic"};
  return kNames[static_cast<std::size_t>(transform)];
}

/// 1, 2 or 5 times a power of ten, the smallest that is at least `value`.
double round_up(double value) {
  double best = kPowers[0];
  for (const double power : kPowers) {
    for (const double factor : {5.0, 2.0, 1.0}) {
      if (factor * power >= value) best = factor * power;
    }
  }
  return best;
}

}  // namespace

std::vector<double> round_steps(double low, double high, int count) {
  std::vector<double> steps;
  if (!(high > low)) return steps;
  const double step = round_up((high - low) / count);
  const auto first = static_cast<std::int64_t>(std::ceil(low / step - 1e-9));
  const auto last = static_cast<std::int64_t>(std::floor(high / step + 1e-9));
  for (std::int64_t index = first; index <= last; ++index) steps.push_back(static_cast<double>(index) * step);
  return steps;
}

const Palette& palette_of(const FigureOptions& options) {
  if (options.palette.empty()) return options.theme == FigureTheme::paper ? paper() : cividis();
  for (const Palette* palette : {&cividis(), &viridis(), &paper()}) {
    if (options.palette == palette->name) return *palette;
  }
  throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "figure")
                            .field("palette")
                            .found("'{}' is not one of: cividis, viridis, paper", options.palette));
}

FigureScale::FigureScale(const FigureOptions& options, const std::vector<TensorView>& drawn,
                         const Palette& usual, bool is_signed)
    : palette_(&usual), transform_(options.transform), range_(options.range), signed_(is_signed) {
  top_ = top_of(range_, sizes_of(drawn, signed_));
  if (signed_) palette_ = &difference();
}

double FigureScale::unsigned_fraction(double size) const {
  if (!(top_ > 0.0) || !(size > 0.0)) return 0.0;
  const double part = std::min(size / top_, 1.0);
  if (transform_ == FigureTransform::square_root) return std::sqrt(part);
  if (transform_ == FigureTransform::linear) return part;
  return std::max(0.0, 1.0 + std::log10(std::max(part, kLowest)) / kDecades);
}

double FigureScale::fraction(double weight) const {
  if (!signed_) return unsigned_fraction(weight);
  const double part = unsigned_fraction(std::abs(weight)) / 2.0;
  return weight < 0.0 ? 0.5 - part : 0.5 + part;
}

Rgb FigureScale::color(double weight) const { return palette_->at(static_cast<float>(fraction(weight))); }

/// Between 0 and the top, the roundest first.
std::vector<double> FigureScale::round_numbers() const {
  if (transform_ == FigureTransform::linear) return round_steps(0.0, top_, 6);
  std::vector<double> numbers;
  for (const double factor : {1.0, 5.0, 2.0}) {
    for (const double power : kPowers) {
      if (factor * power < top_ && factor * power > top_ * kLowest) numbers.push_back(factor * power);
    }
  }
  return numbers;
}

std::vector<Tick> FigureScale::ticks(double distance) const {
  std::vector<Tick> ticks{{fraction(0.0), "0"}};
  const auto add = [&](double weight, double needed) {
    const double place = fraction(weight);
    const bool free = std::all_of(ticks.begin(), ticks.end(), [&](const Tick& tick) {
      return std::abs(tick.fraction - place) >= needed;
    });
    if (free) ticks.push_back({place, tick_text(weight)});
    return free;
  };
  if (!(top_ > 0.0)) return ticks;
  add(top_, 0.0);
  if (signed_) add(-top_, 0.0);
  for (const double number : round_numbers()) {
    if (add(number, distance) && signed_) add(-number, 0.0);
  }
  std::sort(ticks.begin(), ticks.end(),
            [](const Tick& left, const Tick& right) { return left.fraction < right.fraction; });
  return ticks;
}

std::string FigureScale::sentence() const {
  const std::string ends = signed_ ? fmt::format("from {} to {}", tick_text(-top_), tick_text(top_))
                                   : fmt::format("from 0 to {}", tick_text(top_));
  std::string scale = fmt::format("{} scale {}", name_of(transform_), ends);
  if (transform_ == FigureTransform::logarithm)
    scale += fmt::format(" (below {} as that)", number_text(kLowest * top_));
  if (range_ == FigureRange::unit) return scale;
  if (range_ == FigureRange::maximum)
    return scale + (signed_ ? ", the largest size drawn" : ", the largest weight drawn");
  return scale + ", the 99th percentile; larger ones have its colour";
}

}  // namespace attnscope
