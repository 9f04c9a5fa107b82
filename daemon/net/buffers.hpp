// SPDX-License-Identifier: MIT
// Receive and scratch buffers, recycled per loop: a stream holds one only while bytes are in it, so
// thousands of idle streams share a handful.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace ccr::net {

class BufferPool;

// A leased block; goes back to its pool on destruction. Loop-local.
class Buffer {
  public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), data_(std::move(other.data_)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(data_, other.data_);
        return *this;
    }
    ~Buffer() { reset(); }

    explicit operator bool() const { return data_ != nullptr; }
    [[nodiscard]] char* data() const { return data_.get(); }
    [[nodiscard]] std::span<char> span() const;
    [[nodiscard]] std::size_t size() const;
    void reset();

  private:
    friend class BufferPool;
    Buffer(BufferPool* pool, std::unique_ptr<char[]> data) : pool_(pool), data_(std::move(data)) {}

    BufferPool* pool_ = nullptr;
    std::unique_ptr<char[]> data_;
};

class BufferPool {
  public:
    static constexpr std::size_t block = std::size_t{64} * 1024;  // also bounds a message head
    static constexpr std::size_t keep = 16;  // blocks kept for reuse: 1 MiB per loop at most

    [[nodiscard]] Buffer take();
    [[nodiscard]] std::size_t leased() const { return leased_; }

  private:
    friend class Buffer;
    void give_back(std::unique_ptr<char[]> data);

    std::vector<std::unique_ptr<char[]>> free_;
    std::size_t leased_ = 0;
};

inline std::span<char> Buffer::span() const {
    return {data_.get(), data_ ? BufferPool::block : 0};
}
inline std::size_t Buffer::size() const {
    return data_ ? BufferPool::block : 0;
}

}  // namespace ccr::net
