// SPDX-License-Identifier: Apache-2.0
#include "serve/exchange.h"

#include <utility>

namespace attnscope::serve {

void Exchange::change(const std::function<void()>& what) {
  {
    const std::lock_guard lock(mutex_);
    what();
  }
  wake_();
}

void Exchange::send(Response response) {
  change([&] {
    streaming_ = response.streams;
    news_.ended = !response.streams;
    news_.response = std::move(response);
  });
}

void Exchange::send_piece(const std::string& piece) {
  change([&] { news_.pieces += piece; });
}

void Exchange::end() {
  change([&] { news_.ended = true; });
}

void Exchange::fail(const Refused& refused) {
  if (!streaming_) return send(error_response(refused));
  send_piece(error_json(refused.info) + '\n');
  end();
}

Exchange::News Exchange::take() {
  const std::lock_guard lock(mutex_);
  News news = std::move(news_);
  news_ = {};
  return news;
}

}  // namespace attnscope::serve
