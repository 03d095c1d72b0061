// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/scope.h"

namespace attnscope {

Scope Scope::operator/(std::string_view name) const {
  std::string path = path_;
  if (!path.empty()) path += '.';
  path += name;
  return Scope(weights_, std::move(path), prefix_);
}

Scope Scope::operator/(std::int64_t index) const { return *this / std::to_string(index); }

Tensor Scope::take(std::string_view name, const Shape& shape) const {
  return weights_.take(canonical(name), shape);
}

bool Scope::has(std::string_view name) const { return weights_.has(canonical(name)); }

std::string Scope::canonical(std::string_view name) const {
  const std::string full = (*this / name).path();
  const std::string prefix = prefix_.empty() ? prefix_ : prefix_ + ".";
  return full.starts_with(prefix) ? full.substr(prefix.size()) : full;
}

}  // namespace attnscope
