#include "affectsr/base/text.h"

namespace affectsr {

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string quoted_command(std::span<const std::string> words) {
    constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    std::string line;
    for (const std::string& word : words) {
        std::string quoted = word;
        if (word.empty() || word.find_first_not_of(kPlain) != std::string::npos) {
            for (std::size_t i = 0; (i = quoted.find('\'', i)) != std::string::npos; i += 4) {
                quoted.replace(i, 1, "'\\''");
            }
            quoted = "'" + quoted + "'";
        }
        line += (line.empty() ? "" : " ") + quoted;
    }
    return line;
}

}  // namespace affectsr
