#include "affectsr/cli/row_values.h"

#include <cmath>

namespace affectsr::cli {

Json rounded(double value, double per_unit) {
    if (!std::isfinite(value)) return nullptr;
    return std::round(value * per_unit) / per_unit;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(valid_utf8(text));
}

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_row(RowFormat format, const Json& row, bool first) {
    if (format == RowFormat::jsonl) return dumped(row) + "\n";
    return (first ? "\n" : ",\n") + dumped(row);
}

}  // namespace affectsr::cli
