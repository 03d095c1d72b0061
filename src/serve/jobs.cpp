// SPDX-License-Identifier: Apache-2.0
#include "serve/jobs.h"

#include <new>
#include <utility>

#include "core/message.h"

namespace attnscope::serve {

Jobs::Jobs(std::size_t most_waiting) : most_waiting_(most_waiting), thread_([this] { run(); }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting_.clear();
    if (running_) running_->leave();
  }
  changed_.notify_all();
  thread_.join();
}

void Jobs::add(std::shared_ptr<Exchange> exchange, Work work) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [](const Job& job) { return job.exchange->left(); });
    if (waiting_.size() >= most_waiting_)
      throw Refused{503,
                    problem(ErrorKind::limit, "BUSY", "server")
                        .found("{} requests wait already", waiting_.size())
                        .hint("try again in a moment"),
                    {{"Retry-After", "1"}}};
    waiting_.push_back({std::move(exchange), std::move(work)});
  }
  changed_.notify_all();
}

void Jobs::check() const {
  if (running_) running_->check();
}

void Jobs::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    running_ = job.exchange;
    lock.unlock();
    do_job(job);
    lock.lock();
    running_ = nullptr;
  }
}

void Jobs::do_job(const Job& job) {
  try {
    job.exchange->check();
    job.work(*job.exchange);
  } catch (const Left&) {
    job.exchange->end();  // nobody takes it
  } catch (...) {
    try {
      job.exchange->fail(refusal_of_current_exception());
    } catch (const std::bad_alloc&) {
      job.exchange->leave();  // not even memory to say so: the client finds the connection closed
    }
  }
}

}  // namespace attnscope::serve
