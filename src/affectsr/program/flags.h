// One listing of a settings struct → flags of the command line.
#pragma once

#include <CLI/App.hpp>
#include <map>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr::cli {

/// "--most-faces" of "most_faces".
std::string flag_of(const std::string& field_name);

/// One flag per field, under the heading `group`: its help, range, words and default come from the field. A yes/no
/// becomes --name, or --no-name where the default is yes; a list takes commas (48,24,16) or a JSON list, and commas
/// once more each time the flag is given again; settings take JSON. A bad value throws UsageError naming the flag while
/// the line is parsed. The struct behind the fields must outlive the parsing. `letters`: one-letter names of some
/// fields ({"output", "o"}).
void add_flags(CLI::App& command, const std::vector<Field>& fields, const std::string& group,
               const std::map<std::string, std::string>& letters = {});

/// The fields with these names, in this order; Bug if one is not there.
std::vector<Field> only(const std::vector<Field>& fields, const std::vector<std::string>& names);

/// What was typed after the flag, as the JSON that the field takes. Throws UsageError naming the flag.
Json typed_value(const Field& field, const std::string& typed);

/// Sets the field to what was typed. Throws UsageError naming the flag, the value and what is allowed.
void set_typed(const Field& field, const std::string& typed);

/// What may follow the flag, as shown in the help: "1..16", "bicubic|area", "TEXT".
std::string value_hint(const Field& field);

}  // namespace affectsr::cli
