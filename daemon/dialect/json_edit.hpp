// SPDX-License-Identifier: MIT
// Changes to a JSON text that leave every other byte as it is. Collected against a parsed Document,
// in any order, then applied in one pass. Edits must not overlap.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/json.hpp"

namespace ccr::dialect {

class JsonEdit {
  public:
    explicit JsonEdit(std::string_view source) : source_(source) {}

    void replace(json::Value value, std::string text);
    void insert(std::size_t offset, std::string text);
    // Takes the bytes [begin, end) out; what is left must be JSON.
    void cut(std::size_t begin, std::size_t end) { edits_.push_back({begin, end, {}}); }
    // Text right inside an object, behind its last member: `"key":value`.
    void append_member(json::Value object, std::string member);

    // Takes out the elements (of an array) or members (of an object) for which `unwanted` is true,
    // with their commas. True if nothing is left.
    template <typename Unwanted>
    bool remove_elements(json::Value array, const Unwanted& unwanted) {
        Remover remover(*this);
        for (const json::Value element : array.elements())
            remover.item(begin_of(element), end_of(element), unwanted(element));
        return remover.finish();
    }
    template <typename Unwanted>
    bool remove_members(json::Value object, const Unwanted& unwanted) {
        Remover remover(*this);
        for (const json::Member member : object.members())
            remover.item(begin_of(member.key), end_of(member.value), unwanted(member));
        return remover.finish();
    }

    [[nodiscard]] bool empty() const { return edits_.empty(); }
    [[nodiscard]] std::string apply();

    static std::size_t begin_of(json::Value value) { return value.offset(); }
    static std::size_t end_of(json::Value value) { return value.offset() + value.raw().size(); }

  private:
    // Knows which of the commas around an unwanted item goes with it.
    class Remover {
      public:
        explicit Remover(JsonEdit& edit) : edit_(edit) {}
        void item(std::size_t begin, std::size_t end, bool unwanted);
        bool finish();

      private:
        static constexpr std::size_t none = static_cast<std::size_t>(-1);
        JsonEdit& edit_;
        bool kept_ = false;
        std::size_t previous_end_ = 0;
        std::size_t leading_ = none;  // start of unwanted items that no kept one precedes
    };
    struct Edit {
        std::size_t begin;
        std::size_t end;
        std::string text;
    };

    std::string_view source_;
    std::vector<Edit> edits_;
};

// The text as a JSON string.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace ccr::dialect
