#include "affectsr/program/flags.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

namespace affectsr::cli {

namespace {

[[noreturn]] void refuse(const Field& field, const std::string& wanted, const std::string& typed) {
    throw UsageError(flag_of(field.name) + " must be " + wanted + ", got \"" + typed + "\"");
}

template <class Number>
bool reads_as(const std::string& typed, Number& number) {
    const char* first = typed.data();
    if (typed.size() > 1 && typed[0] == '+') ++first;
    const auto [end, error] = std::from_chars(first, typed.data() + typed.size(), number);
    return error == std::errc() && end == typed.data() + typed.size();
}

/// A word of a list: a number where it reads as one, else text.
Json list_item(const std::string& word) {
    std::int64_t whole = 0;
    double number = 0;
    if (reads_as(word, whole)) return whole;
    if (reads_as(word, number) && std::isfinite(number)) return number;
    return word;
}

Json typed_list(const std::string& typed) {
    if (!typed.empty() && typed.front() == '[') {
        const Json list = Json::parse(typed, nullptr, false);
        if (list.is_array()) return list;
    }
    Json list = Json::array();
    std::stringstream words(typed);
    for (std::string word; std::getline(words, word, ',');) list.push_back(list_item(word));
    return list;
}

std::string number_text(double number) {
    std::ostringstream text;
    text.precision(15);
    text << number;
    return text.str();
}

std::string default_text(const Field& field) {
    const Json value = field.get();
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_float()) return number_text(value.get<double>());
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const Json& item : value) {
        text += text.empty() ? "" : ",";
        text += item.is_string() ? item.get<std::string>() : item.dump();
    }
    return text;
}

}  // namespace

std::string flag_of(const std::string& field_name) {
    std::string flag = "--" + field_name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag;
}

Json typed_value(const Field& field, const std::string& typed) {
    if (field.type == "text") {
        // A variable that a script forgot to set must not mean "as if the flag were not there".
        if (typed.empty() && field.words.empty()) refuse(field, "named or left out", typed);
        return typed;
    }
    if (field.type == "list") return typed_list(typed);
    if (field.type == "whole number") {
        std::int64_t whole = 0;
        if (!reads_as(typed, whole)) refuse(field, "a whole number", typed);
        return whole;
    }
    if (field.type == "number") {
        double number = 0;
        if (!reads_as(typed, number) || !std::isfinite(number)) refuse(field, "a number", typed);
        return number;
    }
    if (field.type == "yes/no") {
        if (typed == "true" || typed == "yes" || typed == "1") return true;
        if (typed == "false" || typed == "no" || typed == "0") return false;
        refuse(field, "true or false", typed);
    }
    const Json settings = Json::parse(typed, nullptr, false);
    if (settings.is_discarded()) refuse(field, "settings as JSON", typed);
    return settings;
}

void set_typed(const Field& field, const std::string& typed) {
    try {
        field.set(typed_value(field, typed));
    } catch (const UsageError& error) {
        // The field calls itself "most_faces"; whoever typed knows it as --most-faces.
        std::string message = error.what();
        const std::string quoted = "\"" + field.name + "\"";
        if (const auto at = message.find(quoted); at != std::string::npos)
            message.replace(at, quoted.size(), flag_of(field.name));
        throw UsageError(message, error.code());
    }
}

std::string value_hint(const Field& field) {
    std::string words;
    for (const std::string& word : field.words) words += (words.empty() ? "" : "|") + word;
    if (!words.empty()) return words;
    const bool below = std::isfinite(field.range.most), above = std::isfinite(field.range.least);
    std::string bounds;
    if (below && above)
        bounds = number_text(field.range.least) + ".." + number_text(field.range.most);
    else if (above)
        bounds = "at least " + number_text(field.range.least);
    else if (below)
        bounds = "at most " + number_text(field.range.most);
    if (field.type == "list") return bounds.empty() ? "A,B,..." : "A,B,... (" + bounds + ")";
    if (!bounds.empty()) return bounds;
    if (field.type == "whole number" || field.type == "number") return "N";
    return field.type == "settings" ? "JSON" : "TEXT";
}

void add_flags(CLI::App& command, const std::vector<Field>& fields, const std::string& group,
               const std::map<std::string, std::string>& letters) {
    for (const Field& field : fields) {
        const auto letter = letters.find(field.name);
        const std::string before = letter == letters.end() ? "" : "-" + letter->second + ",";
        if (field.type == "yes/no") {
            const bool on = field.get().get<bool>();
            const std::string flag = on ? flag_of("no_" + field.name) : flag_of(field.name);
            command
                .add_flag_function(
                    before + flag, [field, on](std::int64_t) { field.set(!on); }, field.help)
                ->group(group);
            continue;
        }
        const std::string standard = default_text(field);
        const std::string help = field.help + (standard.empty() ? "" : " [" + standard + "]");
        CLI::Option* option =
            command
                .add_option_function<std::string>(
                    before + flag_of(field.name), [field](const std::string& typed) { set_typed(field, typed); }, help)
                ->option_text(value_hint(field))
                ->group(group);
        if (field.type == "list") option->delimiter(',')->multi_option_policy(CLI::MultiOptionPolicy::Join);
    }
}

std::vector<Field> only(const std::vector<Field>& fields, const std::vector<std::string>& names) {
    std::vector<Field> chosen;
    for (const std::string& name : names) {
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
        AFFECTSR_EXPECT(field != fields.end(), "no setting is called " + name);
        chosen.push_back(*field);
    }
    return chosen;
}

}  // namespace affectsr::cli
