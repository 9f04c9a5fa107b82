// SPDX-License-Identifier: MIT
#include "daemon/stats/exposition.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "common/text.hpp"

namespace ccr::stats {
namespace {

constexpr std::array<std::string_view, 4> kind_names{"counter", "gauge", "histogram", "info"};

void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && quotes) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
}

// OpenMetrics wants bucket bounds as floats without an exponent; the text format takes them too,
// and one spelling keeps the series the same whichever format is scraped.
std::string bound_text(double bound) {
    std::array<char, 32> digits{};
    auto* const begin = digits.data();
    const auto end =
        std::to_chars(begin, begin + digits.size(), bound, std::chars_format::fixed).ptr;
    std::string text(begin, end);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

}  // namespace

Format format_for(std::string_view accept) {
    return icontains(accept, "application/openmetrics-text") ? Format::open_metrics
                                                             : Format::prometheus_text;
}

std::string_view content_type(Format format) {
    return format == Format::open_metrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

std::string_view Exposition::suffix() const {
    if (kind_ == Kind::counter) return "_total";
    if (kind_ == Kind::info) return "_info";
    return "";
}

void Exposition::family(Kind kind, std::string_view name, std::string_view help) {
    name_ = name;
    kind_ = kind;
    const bool open = format_ == Format::open_metrics;
    const std::string head = name_ + std::string(open ? "" : suffix());
    out_ += "# HELP " + head + ' ';
    append_escaped(out_, help, open);
    out_ += "\n# TYPE " + head + ' ';
    // The text format knows no infos; there they are gauges.
    out_ += !open && kind == Kind::info ? "gauge" : kind_names[static_cast<std::size_t>(kind)];
    out_ += '\n';
}

void Exposition::begin_sample(std::string_view suffix, Labels labels) {
    out_ += name_;
    out_ += suffix;
    char before = '{';
    for (const auto& [name, value] : labels) {
        out_ += before;
        out_ += name;
        out_ += "=\"";
        append_escaped(out_, value, true);
        out_ += '"';
        before = ',';
    }
    if (labels.size() != 0) out_ += '}';
    out_ += ' ';
}

void Exposition::sample(Labels labels, std::uint64_t value) {
    begin_sample(suffix(), labels);
    append_number(out_, value);
    out_ += '\n';
}

void Exposition::sample(Labels labels, double value) {
    begin_sample(suffix(), labels);
    if (std::isnan(value)) {
        out_ += "NaN";
    } else {
        append_number(out_, value);
    }
    out_ += '\n';
}

void Exposition::histogram(Label label, std::span<const double> bounds,
                           std::span<const std::uint64_t> counts, double sum) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        below += counts[i];
        const std::string bound = i < bounds.size() ? bound_text(bounds[i]) : "+Inf";
        begin_sample("_bucket", {label, {"le", bound}});
        append_number(out_, below);
        out_ += '\n';
    }
    begin_sample("_sum", {label});
    append_number(out_, sum);
    out_ += '\n';
    begin_sample("_count", {label});
    append_number(out_, below);
    out_ += '\n';
}

std::string Exposition::finish() {
    if (format_ == Format::open_metrics) out_ += "# EOF\n";
    return std::move(out_);
}

}  // namespace ccr::stats
