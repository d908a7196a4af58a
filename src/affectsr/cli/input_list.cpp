#include "affectsr/cli/input_list.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "affectsr/base/error.h"
#include "affectsr/cli/standard_input.h"

namespace affectsr::cli {

namespace {

constexpr std::int64_t kMostListBytes = 1 << 28;

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
    throw UsageError("--files-from: " + name + " " + why, "list_unreadable");
}

std::vector<std::string> split(std::string_view bytes, char separator) {
    std::vector<std::string> words;
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find(separator), bytes.size());
        std::string_view word = bytes.substr(0, end);
        if (separator == '\n' && word.ends_with('\r')) word.remove_suffix(1);
        if (!word.empty()) words.emplace_back(word);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return words;
}

}  // namespace

std::vector<std::string> words_of_list(std::string_view bytes, bool null_separated, const std::string& name) {
    const bool has_null = bytes.find('\0') != std::string_view::npos;
    if (null_separated) {
        if (!has_null && bytes.find('\n') != std::string_view::npos)
            refuse(name, "has no NUL byte but several lines; leave out --null (-0), which is for find -print0");
        return split(bytes, '\0');
    }
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
        refuse(name, "is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
    if (has_null)
        refuse(name,
               "has NUL bytes; names that are separated by NUL (find -print0) need --null (-0), and a list in UTF-16 "
               "must be saved as UTF-8");
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    return split(bytes, '\n');
}

std::vector<std::string> read_list_of_inputs(const std::filesystem::path& list, bool null_separated,
                                             std::stop_token stop) {
    const std::string name = list == "-" ? "stdin" : list.string();
    // Opening blocks until a pipe has a writer: a list that is still to come is not an empty one.
    const int descriptor = list == "-" ? STDIN_FILENO : ::open(list.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) refuse(name, std::string("cannot be read: ") + std::strerror(errno));
    struct Closer {
        int descriptor;
        ~Closer() {
            if (descriptor != STDIN_FILENO) ::close(descriptor);
        }
    } const closer{descriptor};
    std::vector<std::uint8_t> bytes;
    try {
        bytes = read_stream(descriptor, name, kMostListBytes, stop);
    } catch (const InputError& error) {
        throw UsageError(std::string("--files-from: ") + error.what(), "list_unreadable");
    }
    return words_of_list({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, null_separated, name);
}

}  // namespace affectsr::cli
