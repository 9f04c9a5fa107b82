// SPDX-License-Identifier: MIT
#include "daemon/net/buffers.hpp"

namespace ccr::net {

void Buffer::reset() {
    if (data_ && pool_) pool_->give_back(std::move(data_));
    data_.reset();
    pool_ = nullptr;
}

Buffer BufferPool::take() {
    ++leased_;
    if (free_.empty()) return {this, std::unique_ptr<char[]>(new char[block])};
    auto data = std::move(free_.back());
    free_.pop_back();
    return {this, std::move(data)};
}

void BufferPool::give_back(std::unique_ptr<char[]> data) {
    --leased_;
    if (free_.size() < keep) free_.push_back(std::move(data));
}

}  // namespace ccr::net
