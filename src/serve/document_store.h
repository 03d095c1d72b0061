// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/viewer.h"

namespace attnscope::serve {

/// The documents of a server by their ids. Over its limit it forgets those that were not used for the longest
/// time, but never the newest. Threads may share it.
class DocumentStore {
 public:
  explicit DocumentStore(std::size_t most_bytes);

  /// Returns the id.
  std::string add(Document document);
  /// Throws:  Refused (404) for an id that does not exist or was forgotten.
  [[nodiscard]] Document find(const std::string& id);
  struct Entry {
    std::string id;
    std::string title;
  };
  [[nodiscard]] std::vector<Entry> list() const;  ///< the newest last

 private:
  struct Kept {
    std::string id;
    Document document;
    std::size_t size_bytes;
    std::size_t last_use;
  };
  void forget();

  std::size_t most_bytes_;
  // Ids are not used again by another server on the same port, whose answers a browser may have kept.
  std::string prefix_;
  mutable std::mutex mutex_;
  std::size_t added_ = 0;
  std::size_t uses_ = 0;
  std::list<Kept> kept_;  // the newest last
};

}  // namespace attnscope::serve
