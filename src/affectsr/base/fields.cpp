#include "affectsr/base/fields.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace affectsr::detail {

namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

// A refused value as JSON; bytes that are not UTF-8 must not hide why it was refused.
std::string quoted(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void apply_json(const std::vector<Field>& fields, const Json& json, const std::string& where) {
    if (!json.is_object()) throw UsageError(where + ": must be a JSON object of settings, got " + quoted(json));
    for (const auto& [name, value] : json.items()) {
        const auto field = std::ranges::find(fields, name, &Field::name);
        if (field == fields.end()) {
            std::vector<std::string> known;
            for (const Field& f : fields) known.push_back(f.name);
            throw UsageError(where + ": unknown setting \"" + name + "\"; known are: " + joined(known),
                             "unknown_setting");
        }
        try {
            field->set(value);
        } catch (const UsageError& error) {
            throw UsageError(where + ": " + error.what(), error.code());
        }
    }
}

void refuse_value(const std::string& name, const std::string& wanted, const Json& got) {
    throw UsageError("\"" + name + "\" must be " + wanted + ", got " + quoted(got));
}

void check_range(const std::string& name, double value, const Range& range) {
    if (value >= range.least && value <= range.most) return;
    std::ostringstream message;
    message.precision(15);  // bounds such as 50000000 in full
    message << "\"" << name << "\" must be ";
    if (std::isnan(value))
        message << "a number";
    else if (range.most == std::numeric_limits<double>::infinity())
        message << "at least " << range.least;
    else if (range.least == -std::numeric_limits<double>::infinity())
        message << "at most " << range.most;
    else
        message << "from " << range.least << " to " << range.most;
    message << ", got " << value;
    throw UsageError(message.str());
}

void check_word(const std::string& name, const std::string& value, const std::vector<std::string>& words) {
    if (words.empty() || std::find(words.begin(), words.end(), value) != words.end()) return;
    throw UsageError("\"" + name + "\" must be one of " + joined(words) + "; got \"" + value + "\"");
}

}  // namespace affectsr::detail
