// SPDX-License-Identifier: MIT
// Writes metrics in the Prometheus text format 0.0.4 or as OpenMetrics 1.0. The two differ in where
// a counter's _total stands, in the type "info", and in the end mark; callers need not know.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ccr::stats {

enum class Format : std::uint8_t { prometheus_text, open_metrics };
enum class Kind : std::uint8_t { counter, gauge, histogram, info };

// By an Accept header's value; whoever does not ask for OpenMetrics gets the older text.
[[nodiscard]] Format format_for(std::string_view accept);
[[nodiscard]] std::string_view content_type(Format format);

struct Label {
    std::string_view name;
    std::string_view value;
};
using Labels = std::initializer_list<Label>;

class Exposition {
  public:
    explicit Exposition(Format format) : format_(format) {}

    // Begins a family; its samples follow. `name` is written without _total and _info.
    void family(Kind kind, std::string_view name, std::string_view help);
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);
    // `counts` has one more element than `bounds`; each counts its own bucket only.
    void histogram(Label label, std::span<const double> bounds,
                   std::span<const std::uint64_t> counts, double sum);

    // Everything written, with the end mark.
    [[nodiscard]] std::string finish();

  private:
    void begin_sample(std::string_view suffix, Labels labels);
    [[nodiscard]] std::string_view suffix() const;

    std::string out_;
    std::string name_;
    Kind kind_ = Kind::gauge;
    Format format_;
};

}  // namespace ccr::stats
