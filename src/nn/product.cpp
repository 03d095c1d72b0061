// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/memory.h"
#include "kernels/kernels.h"

namespace attnscope::nn {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

memory::desc matrix(std::int64_t rows, std::int64_t columns, std::int64_t row_stride,
                    std::int64_t column_stride = 1) {
  return {{rows, columns}, memory::data_type::f32, memory::dims{row_stride, column_stride}};
}

/// What a oneDNN primitive is made for.
struct ProductShape {
  std::int64_t rows;
  std::int64_t in;
  std::int64_t out;
  bool has_bias;
  auto operator<=>(const ProductShape&) const = default;
};

// An inner_product primitive would do the same, but splits long sums differently for different numbers of
// rows. Rows are dense: with gaps between them oneDNN 2 falls back to kernels that do not keep bits.
dnnl::matmul::primitive_desc describe(const ProductShape& shape) {
  const memory::desc input = matrix(shape.rows, shape.in, shape.in);
  const memory::desc weight({shape.in, shape.out}, memory::data_type::f32, memory::format_tag::any);
  const memory::desc bias = shape.has_bias ? matrix(1, shape.out, shape.out) : memory::desc();
  const memory::desc output = matrix(shape.rows, shape.out, shape.out);
  dnnl::primitive_attr attributes;
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
  attributes.set_scratchpad_mode(
      dnnl::scratchpad_mode::user);  // the library's own is not safe between threads
#if DNNL_VERSION_MAJOR >= 3
  return {engine(), input, weight, bias, output, attributes};
#else
  return {dnnl::matmul::desc(input, weight, bias, output), attributes, engine()};
#endif
}

// Only these kernels add up a row in an order that does not depend on the other rows or on threads
// (product_test compares bits); oneDNN has them for AVX-512, from version 3 also for AVX2.
bool keeps_bits(const dnnl::matmul::primitive_desc& description) {
  return std::string_view(description.impl_info_str()).starts_with("brg");
}

struct Primitive {
  explicit Primitive(const ProductShape& shape) : description(describe(shape)), matmul(description) {}
  dnnl::matmul::primitive_desc description;
  dnnl::matmul matmul;
};

/// Primitives of the process by shape: making one costs up to a millisecond, and all layers share them.
class PrimitiveCache {
 public:
  std::shared_ptr<const Primitive> get(const ProductShape& shape) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = primitives_.find(shape); found != primitives_.end()) return found->second;
    }
    auto made = std::make_shared<const Primitive>(shape);
    const std::unique_lock lock(mutex_);
    if (primitives_.size() >= kMaxPrimitives) primitives_.clear();
    return primitives_.try_emplace(shape, std::move(made)).first->second;
  }

 private:
  static constexpr std::size_t kMaxPrimitives = 1024;
  std::shared_mutex mutex_;
  std::map<ProductShape, std::shared_ptr<const Primitive>> primitives_;
};

PrimitiveCache& primitives() {
  static PrimitiveCache cache;
  return cache;
}

// Rows of the next primitive when `rows` are left: texts come in every length, primitives in 28. From 4 rows
// on a product takes time in proportion to its rows, so that cutting costs next to nothing.
std::int64_t piece(std::int64_t rows) {
  if (rows <= 16) return rows;
  for (const std::int64_t size : {1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24})
    if (size <= rows) return size;
  return 16;
}

/// Memory of one thread that only grows.
class Scratch {
 public:
  std::byte* get(std::size_t size_bytes) {
    if (size_bytes > capacity_) {
      bytes_ = allocate_aligned(size_bytes);
      capacity_ = size_bytes;
    }
    return bytes_.get();
  }
  float* floats(std::int64_t count) {
    return reinterpret_cast<float*>(get(static_cast<std::size_t>(count) * sizeof(float)));
  }

 private:
  std::shared_ptr<std::byte> bytes_;
  std::size_t capacity_ = 0;
};

void copy_rows(const float* source, std::int64_t source_stride, std::int64_t rows, std::int64_t width,
               float* target, std::int64_t target_stride) {
  for (std::int64_t row = 0; row < rows; ++row)
    std::copy_n(source + row * source_stride, width, target + row * target_stride);
}

/// The rows that one call multiplies.
struct Rows {
  const float* input;
  std::int64_t input_stride;
  std::int64_t count;
  float* output;
  std::int64_t output_stride;
};

/// The product by oneDNN.
class LibraryProduct {
 public:
  LibraryProduct(const Tensor& weight, const Tensor& bias)
      : bias_(bias), in_(weight.size(1)), out_(weight.size(0)) {
    const auto primitive = primitives().get({64, in_, out_, !bias.empty()});
    weight_ = memory(primitive->description.weights_desc(), engine());
    memory source(matrix(in_, out_, 1, in_), engine(), const_cast<float*>(weight.f32()));  // only read
    dnnl::stream stream(engine());
    dnnl::reorder(source, weight_).execute(stream, source, weight_);
    stream.wait();
  }

  void operator()(Rows rows) const {
    const bool dense = rows.input_stride == in_ && rows.output_stride == out_;
    while (rows.count > 0) {
      const std::int64_t count = piece(dense ? rows.count : std::min<std::int64_t>(rows.count, 64));
      if (dense)
        multiply(rows.input, count, rows.output);
      else
        multiply_with_gaps(rows, count);
      rows.input += count * rows.input_stride;
      rows.output += count * rows.output_stride;
      rows.count -= count;
    }
  }

 private:
  void multiply_with_gaps(const Rows& rows, std::int64_t count) const {
    thread_local Scratch input_copy;
    thread_local Scratch output_copy;
    float* input = input_copy.floats(count * in_);
    float* output = output_copy.floats(count * out_);
    copy_rows(rows.input, rows.input_stride, count, in_, input, in_);
    multiply(input, count, output);
    copy_rows(output, out_, count, out_, rows.output, rows.output_stride);
  }

  void multiply(const float* input, std::int64_t count, float* output) const {
    thread_local Scratch scratchpad;
    const auto primitive = primitives().get({count, in_, out_, !bias_.empty()});
    const dnnl::matmul::primitive_desc& description = primitive->description;
    const auto at = [](const memory::desc& desc, const void* data) {
      return memory(desc, engine(), const_cast<void*>(data));
    };
    const memory::desc scratch = description.scratchpad_desc();
    std::unordered_map<int, memory> arguments{
        {DNNL_ARG_SRC, at(description.src_desc(), input)},
        {DNNL_ARG_WEIGHTS, weight_},
        {DNNL_ARG_DST, at(description.dst_desc(), output)},
        {DNNL_ARG_SCRATCHPAD, at(scratch, scratchpad.get(scratch.get_size()))}};
    if (!bias_.empty()) arguments.emplace(DNNL_ARG_BIAS, at(matrix(1, out_, out_), bias_.f32()));
    thread_local dnnl::stream stream(engine());
    primitive->matmul.execute(stream, arguments);
    stream.wait();
  }

  Tensor bias_;
  std::int64_t in_;
  std::int64_t out_;
  memory weight_;
};

/// The product by our own kernel, for processors on which oneDNN's bits depend on the number of rows.
class PanelProduct {
 public:
  PanelProduct(const Tensor& weight, const Tensor& bias)
      : bias_(bias),
        in_(weight.size(1)),
        out_(weight.size(0)),
        packed_(allocate_aligned(static_cast<std::size_t>(kernels::packed_weight_floats(out_, in_)) *
                                 sizeof(float))) {
    const float* source = weight.f32();
    float* target = reinterpret_cast<float*>(packed_.get());
    const std::int64_t panels = kernels::weight_panels(out_);
#pragma omp parallel for if (in_ * out_ > kSmallWork)
    for (std::int64_t panel = 0; panel < panels; ++panel)
      kernels::pack_weight(source, out_, in_, panel, target);
  }

  void operator()(const Rows& rows) const {
    const kernels::PackedProduct product{reinterpret_cast<const float*>(packed_.get()),
                                         bias_.empty() ? nullptr : bias_.f32(),
                                         in_,
                                         out_,
                                         rows.input,
                                         rows.input_stride,
                                         rows.output,
                                         rows.output_stride};
    const std::int64_t panels = kernels::weight_panels(out_);
    const std::int64_t blocks = (rows.count + kRowBlock - 1) / kRowBlock;
#pragma omp parallel for collapse(2) if (rows.count * in_ * out_ > kSmallWork)
    for (std::int64_t block = 0; block < blocks; ++block)
      for (std::int64_t panel = 0; panel < panels; ++panel)
        kernels::packed_product(product, panel, block * kRowBlock,
                                std::min(rows.count, (block + 1) * kRowBlock));
  }

 private:
  static constexpr std::int64_t kRowBlock = 128;         // rows that share one reading of a panel
  static constexpr std::int64_t kSmallWork = 64 * 1024;  // below, waking a thread costs more than it saves
  Tensor bias_;
  std::int64_t in_;
  std::int64_t out_;
  std::shared_ptr<std::byte> packed_;
};

bool keeps_bits_for_all_rows(std::int64_t in, std::int64_t out, bool has_bias) {
  const auto keeps = [&](std::int64_t rows) { return keeps_bits(describe({rows, in, out, has_bias})); };
  return keeps(1) && keeps(16) && keeps(64);
}

// Asking the library takes it milliseconds, and the layers of a model have the same few shapes.
bool library_keeps_bits(std::int64_t in, std::int64_t out, bool has_bias) {
  static std::mutex mutex;
  static std::map<ProductShape, bool> answers;
  const ProductShape shape{0, in, out, has_bias};
  const std::lock_guard lock(mutex);
  const auto known = answers.find(shape);
  if (known != answers.end()) return known->second;
  return answers.emplace(shape, keeps_bits_for_all_rows(in, out, has_bias)).first->second;
}

}  // namespace

struct Product::Impl {
  Impl(Tensor weight_matrix, Tensor bias_vector)
      : weight(std::move(weight_matrix)), bias(std::move(bias_vector)) {}

  void pack() {
    if (library_keeps_bits(weight.size(1), weight.size(0), !bias.empty()))
      by_library.emplace(weight, bias);
    else
      by_panels.emplace(weight, bias);
  }

  Tensor weight;
  Tensor bias;
  std::once_flag packed;
  std::optional<LibraryProduct> by_library;
  std::optional<PanelProduct> by_panels;
};

Product::Product(Tensor weight, Tensor bias)
    : impl_(std::make_unique<Impl>(std::move(weight), std::move(bias))) {}
Product::~Product() = default;
Product::Product(Product&&) noexcept = default;

void Product::operator()(const float* input, std::int64_t input_stride, std::int64_t rows, float* output,
                         std::int64_t output_stride) const {
  std::call_once(impl_->packed, [this] { impl_->pack(); });
  const Rows work{input, input_stride, rows, output, output_stride};
  if (impl_->by_library)
    (*impl_->by_library)(work);
  else
    (*impl_->by_panels)(work);
}

std::int64_t Product::in() const { return impl_->weight.size(1); }
std::int64_t Product::out() const { return impl_->weight.size(0); }

const char* product_library() {
  static const std::string name = [] {
    const dnnl_version_t* version = dnnl_version();
    return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
  }();
  return name.c_str();
}

}  // namespace attnscope::nn
