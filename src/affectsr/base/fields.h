// One listing of a settings struct serves JSON, command-line flags, help, range checks and the record of what ran.
//
// A settings struct has defaults and one listing:
//     struct SgdOptions {
//         double momentum = 0.9;
//         void fields(auto&& f) { f("momentum", momentum, "share of the last step kept", Range{0, 1}); }
//     };
// Members may be bool, integers, float, double, std::string, std::filesystem::path, std::vector of those, Json, another
// settings struct, or a vector of settings structs.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "affectsr/base/error.h"

namespace affectsr {

/// JSON that keeps the order in which keys were written: records stay readable and byte-stable.
using Json = nlohmann::ordered_json;

/// Inclusive bounds of a number.
struct Range {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
};
/// The words a text setting may have.
struct OneOf {
    std::vector<std::string> words;
};

/// One setting of one struct, with its type erased; `get` and `set` refer to the struct, which must outlive it.
struct Field {
    std::string name;                ///< snake_case, as in JSON; the flag is --kebab-case of it
    std::string type;                ///< "whole number", "number", "text", "yes/no", "list", "settings"
    std::string help;                ///< one sentence with unit and range
    Range range;                     ///< checked by `set` for numbers
    std::vector<std::string> words;  ///< allowed words; empty: any text
    std::function<Json()> get;
    std::function<void(const Json&)> set;  ///< throws UsageError naming the field, the value and what is allowed
};

class FieldLister;

template <class T>
concept Settings = std::is_class_v<T> && requires(T& settings, FieldLister& lister) {
    settings.fields(lister);
};

template <class T>
std::vector<Field> list_fields(T& settings);
/// The settings as JSON, every field in its listed order.
template <class T>
Json to_json(const T& settings);
/// Sets the fields that `json` names. Throws UsageError for an unknown name (listing the known ones), a wrong type or a
/// value out of range; `where` (for example a file name) begins the message.
template <class T>
void set_from_json(T& settings, const Json& json, const std::string& where = "settings");
/// Defaults changed by `json`; errors as set_from_json.
template <class T>
T from_json(const Json& json, const std::string& where = "settings") {
    T settings;
    set_from_json(settings, json, where);
    return settings;
}

namespace detail {
void apply_json(const std::vector<Field>& fields, const Json& json, const std::string& where);
[[noreturn]] void refuse_value(const std::string& name, const std::string& wanted, const Json& got);
void check_range(const std::string& name, double value, const Range& range);
void check_word(const std::string& name, const std::string& value, const std::vector<std::string>& words);

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

template <class T>
constexpr const char* type_name() {
    if constexpr (std::same_as<T, bool>)
        return "yes/no";
    else if constexpr (std::integral<T>)
        return "whole number";
    else if constexpr (std::floating_point<T>)
        return "number";
    else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::filesystem::path>)
        return "text";
    else if constexpr (is_vector<T>::value)
        return "list";
    else
        return "settings";
}

template <class T>
Json value_to_json(const T& value) {
    if constexpr (std::same_as<T, std::filesystem::path>)
        return value.string();
    else if constexpr (is_vector<T>::value) {
        Json list = Json::array();
        for (const auto& item : value) list.push_back(value_to_json<typename T::value_type>(item));
        return list;
    } else if constexpr (Settings<T>)
        return affectsr::to_json(value);
    else
        return Json(value);
}

template <class T>
void value_from_json(const std::string& name, T& value, const Json& json, const Range& range,
                     const std::vector<std::string>& words) {
    if constexpr (std::same_as<T, Json>)
        value = json;
    else if constexpr (std::same_as<T, bool>) {
        if (!json.is_boolean()) refuse_value(name, "true or false", json);
        value = json.template get<bool>();
    } else if constexpr (std::integral<T>) {
        if (!json.is_number_integer()) refuse_value(name, "a whole number", json);
        check_range(name, json.template get<double>(), range);
        const bool fits = json.is_number_unsigned() ? std::in_range<T>(json.template get<std::uint64_t>())
                                                    : std::in_range<T>(json.template get<std::int64_t>());
        if (!fits) refuse_value(name, "a whole number that fits", json);
        value = json.template get<T>();
    } else if constexpr (std::floating_point<T>) {
        if (!json.is_number()) refuse_value(name, "a number", json);
        check_range(name, json.template get<double>(), range);
        const T number = json.template get<T>();
        if (!std::isfinite(number)) refuse_value(name, "a finite number that fits", json);  // JSON cannot record others
        value = number;
    } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::filesystem::path>) {
        if (!json.is_string()) refuse_value(name, "a text", json);
        check_word(name, json.template get<std::string>(), words);
        value = json.template get<std::string>();
    } else if constexpr (is_vector<T>::value) {
        if (!json.is_array()) refuse_value(name, "a list", json);
        T list;
        for (std::size_t i = 0; i < json.size(); ++i) {
            typename T::value_type item{};
            value_from_json(name + "[" + std::to_string(i) + "]", item, json[i], range, words);
            list.push_back(std::move(item));
        }
        value = std::move(list);
    } else {
        if (!json.is_object()) refuse_value(name, "an object of settings", json);
        affectsr::set_from_json(value, json, name);
    }
}
}  // namespace detail

/// Collects the listing of a settings struct; the `f` that `fields(f)` is called with.
class FieldLister {
 public:
    template <class T>
    void operator()(std::string name, T& member, std::string help, Range range = {}) {
        add(std::move(name), member, std::move(help), range, {});
    }
    template <class T>
    void operator()(std::string name, T& member, std::string help, OneOf one_of) {
        add(std::move(name), member, std::move(help), {}, std::move(one_of.words));
    }
    std::vector<Field> take() { return std::move(fields_); }

 private:
    template <class T>
    void add(std::string name, T& member, std::string help, Range range, std::vector<std::string> words) {
        Field field;
        field.type = detail::type_name<T>();
        field.help = std::move(help);
        field.range = range;
        field.words = words;
        field.get = [&member] { return detail::value_to_json(member); };
        field.set = [&member, name, range, words](const Json& json) {
            detail::value_from_json(name, member, json, range, words);
        };
        field.name = std::move(name);
        fields_.push_back(std::move(field));
    }
    std::vector<Field> fields_;
};

template <class T>
std::vector<Field> list_fields(T& settings) {
    FieldLister lister;
    settings.fields(lister);
    return lister.take();
}

template <class T>
Json to_json(const T& settings) {
    T copy = settings;  // a listing needs a mutable struct; settings are small
    Json json = Json::object();
    for (const Field& field : list_fields(copy)) json[field.name] = field.get();
    return json;
}

template <class T>
void set_from_json(T& settings, const Json& json, const std::string& where) {
    T changed = settings;  // all or nothing: a refused setting leaves the struct as it was
    detail::apply_json(list_fields(changed), json, where);
    settings = std::move(changed);
}

}  // namespace affectsr
