// SPDX-License-Identifier: Apache-2.0
#include "nn/library_product.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <compare>
#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/memory.h"
#include "core/scratch.h"
#include "kernels/kernels.h"

namespace attnscope::nn {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

/// How the weight lies in memory.
enum class WeightForm {
  rows,   ///< [out, in], as in the checkpoint
  packed  ///< as the library likes it: the same for every number of rows
};

/// What a oneDNN primitive is made for.
struct ProductShape {
  std::int64_t rows;
  std::int64_t in;
  std::int64_t out;
  bool has_bias;
  Precision precision;
  WeightForm form;
  auto operator<=>(const ProductShape&) const = default;
};

memory::data_type type_of(Precision precision) {
  return precision == Precision::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc matrix(std::int64_t rows, std::int64_t columns, memory::data_type type) {
  return {{rows, columns}, type, memory::format_tag::ab};
}

// Seen as [in, out].
memory::desc weight_of(const ProductShape& shape) {
  const auto tag = shape.form == WeightForm::rows ? memory::format_tag::ba : memory::format_tag::any;
  return {{shape.in, shape.out}, type_of(shape.precision), tag};
}

// An inner_product primitive would do the same, but splits long sums differently for different numbers of
// rows.
dnnl::matmul::primitive_desc describe(const ProductShape& shape) {
  const memory::desc input = matrix(shape.rows, shape.in, type_of(shape.precision));
  const memory::desc weight = weight_of(shape);
  const memory::desc bias = shape.has_bias ? matrix(1, shape.out, memory::data_type::f32) : memory::desc();
  const memory::desc output = matrix(shape.rows, shape.out, memory::data_type::f32);
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
// (product_test compares bits); oneDNN has them for AVX-512, from version 3 also for AVX2. What cannot be
// described has no kernel at all.
bool has_kernel_that_keeps_bits(const ProductShape& shape) {
  try {
    return std::string_view(describe(shape).impl_info_str()).starts_with("brg");
  } catch (const dnnl::error&) {
    return false;
  }
}

struct Primitive {
  explicit Primitive(const ProductShape& shape) : description(describe(shape)), matmul(description) {}
  dnnl::matmul::primitive_desc description;
  dnnl::matmul matmul;
};

constexpr std::size_t kMaxPrimitives = 1024;

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
  std::shared_mutex mutex_;
  std::map<ProductShape, std::shared_ptr<const Primitive>> primitives_;
};

PrimitiveCache& primitives() {
  static PrimitiveCache cache;
  return cache;
}

/// A primitive and the arguments that a thread hands to it: only their addresses change from call to call.
class Call {
 public:
  explicit Call(const ProductShape& shape)
      : primitive_(primitives().get(shape)),
        input_(primitive_->description.src_desc(), engine(), nullptr),
        weight_(primitive_->description.weights_desc(), engine(), nullptr),
        output_(primitive_->description.dst_desc(), engine(), nullptr),
        scratch_(primitive_->description.scratchpad_desc(), engine(), nullptr),
        scratch_bytes_(primitive_->description.scratchpad_desc().get_size()) {
    if (shape.has_bias) bias_ = memory(matrix(1, shape.out, memory::data_type::f32), engine(), nullptr);
  }

  /// The weight is one that the library has packed.
  void operator()(const void* input, const memory& packed_weight, const float* bias, float* output) {
    execute(input, packed_weight, bias, output);
  }
  /// The weight lies in rows.
  void operator()(const void* input, const void* weight, const float* bias, float* output) {
    weight_.set_data_handle(const_cast<void*>(weight));  // only read
    execute(input, weight_, bias, output);
  }

 private:
  void execute(const void* input, const memory& weight, const float* bias, float* output) {
    thread_local Scratch scratch;
    thread_local const dnnl::stream stream(engine());
    input_.set_data_handle(const_cast<void*>(input));
    output_.set_data_handle(output);
    scratch_.set_data_handle(scratch.bytes(scratch_bytes_));
    std::array<dnnl_exec_arg_t, 5> arguments{{{DNNL_ARG_SRC, input_.get()},
                                              {DNNL_ARG_WEIGHTS, weight.get()},
                                              {DNNL_ARG_DST, output_.get()},
                                              {DNNL_ARG_SCRATCHPAD, scratch_.get()}}};
    int count = 4;
    if (bias != nullptr) {
      bias_.set_data_handle(const_cast<float*>(bias));
      arguments[4] = {DNNL_ARG_BIAS, bias_.get()};
      count = 5;
    }
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_->matmul.get(), stream.get(), count, arguments.data()),
        "could not multiply matrices");
    dnnl::error::wrap_c_api(dnnl_stream_wait(stream.get()), "could not wait for a matrix product");
  }

  std::shared_ptr<const Primitive> primitive_;
  memory input_;
  memory weight_;
  memory bias_;
  memory output_;
  memory scratch_;
  std::size_t scratch_bytes_;  // asking for it allocates
};

Call& call_for(const ProductShape& shape) {
  thread_local std::map<ProductShape, Call> calls;
  if (const auto found = calls.find(shape); found != calls.end()) return found->second;
  if (calls.size() >= kMaxPrimitives) calls.clear();
  return calls.try_emplace(shape, shape).first->second;
}

}  // namespace

struct LibraryProduct::Impl {
  Impl(WeightRows& weight_matrix, Tensor bias_vector, Precision the_precision)
      : weight(weight_matrix),
        bias(std::move(bias_vector)),
        in(weight.in()),
        out(weight.out()),
        precision(the_precision) {}

  [[nodiscard]] ProductShape shape(std::int64_t rows, std::int64_t columns, WeightForm form) const {
    return {rows, in, columns, !bias.empty(), precision, form};
  }

  // A weight that is used once, as by a command that runs one text, is not worth the packing.
  [[nodiscard]] bool worth_packing() {
    return precision == Precision::bf16 || used.load(std::memory_order_relaxed) ||
           used.exchange(true, std::memory_order_relaxed);
  }

  const memory& packed_weight() {
    std::call_once(once, [this] {
      const auto primitive = primitives().get(shape(64, out, WeightForm::packed));
      const memory::desc description = primitive->description.weights_desc();
      packed_bytes = allocate_aligned(description.get_size());  // on huge pages, unlike the library's own
      packed = memory(description, engine(), packed_bytes.get());
      const Tensor rows = weight.get();
      reorder(memory_of(rows), packed);
      if (precision == Precision::fp32) weight.give_up([this] { return unpacked(); });
    });
    return packed;
  }

  [[nodiscard]] Tensor unpacked() const {
    const std::shared_ptr<std::byte> bytes =
        allocate_aligned(static_cast<std::size_t>(in * out) * sizeof(float));
    const Tensor rows(bytes, bytes.get(), DType::f32, {out, in});
    reorder(packed, memory_of(rows));
    return rows;
  }

  // Rows of the weight, seen as [in, out]; written by unpacked() only.
  [[nodiscard]] memory memory_of(const Tensor& rows) const {
    const memory::desc description({in, out}, memory::data_type::f32, memory::format_tag::ba);
    return {description, engine(), const_cast<float*>(rows.f32())};
  }

  static void reorder(memory source, memory target) {
    dnnl::stream stream(engine());
    dnnl::reorder(source, target).execute(stream, source, target);
    stream.wait();
  }

  // Some rows of the weight in the product's precision.
  [[nodiscard]] const void* in_precision(const Tensor& weight_rows, ColumnRange columns) const {
    const float* rows = weight_rows.f32() + columns.first * in;
    if (precision == Precision::fp32) return rows;
    thread_local Scratch scratch;
    const std::int64_t count = (columns.last - columns.first) * in;
    auto* rounded = scratch.items<std::uint16_t>(count);
    kernels::f32_to_bf16(rows, rounded, count);
    return rounded;
  }

  WeightRows& weight;
  Tensor bias;
  std::int64_t in;
  std::int64_t out;
  Precision precision;
  std::atomic<bool> used = false;
  std::once_flag once;
  std::shared_ptr<std::byte> packed_bytes;
  memory packed;
};

LibraryProduct::LibraryProduct(WeightRows& weight, Tensor bias, Precision precision)
    : impl_(std::make_unique<Impl>(weight, std::move(bias), precision)) {}
LibraryProduct::~LibraryProduct() = default;

bool LibraryProduct::keeps_bits(std::int64_t in, std::int64_t out, bool has_bias, Precision precision) {
  for (const WeightForm form : {WeightForm::packed, WeightForm::rows})
    for (const std::int64_t rows : {1, 16, 64})
      if (!has_kernel_that_keeps_bits({rows, in, out, has_bias, precision, form})) return false;
  return true;
}

// From 4 rows on a product takes time in proportion to its rows, so that cutting costs next to nothing.
std::int64_t LibraryProduct::piece(std::int64_t rows) {
  if (rows <= 16) return rows;
  for (const std::int64_t size : {1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24})
    if (size <= rows) return size;
  return 16;
}

void LibraryProduct::multiply(const void* input, std::int64_t rows, ColumnRange columns,
                              float* output) const {
  Impl& impl = *impl_;
  const std::int64_t width = columns.last - columns.first;
  const float* bias = impl.bias.empty() ? nullptr : impl.bias.f32() + columns.first;
  if (width == impl.out && impl.worth_packing())
    return call_for(impl.shape(rows, width, WeightForm::packed))(input, impl.packed_weight(), bias, output);
  const Tensor weight = impl.weight.keep();
  call_for(impl.shape(rows, width, WeightForm::rows))(input, impl.in_precision(weight, columns), bias,
                                                      output);
}

const char* product_library() {
  static const std::string name = [] {
    const dnnl_version_t* version = dnnl_version();
    return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
  }();
  return name.c_str();
}

}  // namespace attnscope::nn
