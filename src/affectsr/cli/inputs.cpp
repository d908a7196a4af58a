#include "affectsr/cli/inputs.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "affectsr/base/error.h"
#include "affectsr/base/text.h"

namespace affectsr::cli {

namespace fs = std::filesystem;

namespace {

// A photo in a format we cannot read deserves a row that says so; it must not vanish from the count.
constexpr std::array<std::string_view, 16> kPictureExtensions = {".jpg",  ".jpeg", ".jpe", ".jfif", ".png",  ".webp",
                                                                 ".gif",  ".bmp",  ".tif", ".tiff", ".heic", ".heif",
                                                                 ".avif", ".jxl",  ".jp2", ".pnm"};

Input failed_input(const std::string& name, const std::string& code, const std::string& message) {
    return {name, name, code, message};
}

bool is_folder(const fs::path& path) {
    std::error_code ignored;  // what cannot be looked at is left to the reader, which tells why
    return fs::is_directory(path, ignored);
}

/// Appends the pictures under `folder` in byte order. Whether there was any (or a row that says why not).
bool walk(const fs::path& folder, std::vector<Input>& inputs) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (at->path().filename().native().front() != '.') entries.push_back(at->path());
    if (error) {
        inputs.push_back(failed_input(folder.native(), "not_readable",
                                      folder.native() + ": cannot list the folder: " + error.message()));
        return true;
    }
    std::sort(entries.begin(), entries.end());
    bool any = false;
    for (const fs::path& entry : entries) {
        std::error_code ignored;
        const bool link = fs::is_symlink(entry, ignored);
        if (is_folder(entry)) {
            if (link) continue;  // following it could go round in circles
            const bool found = walk(entry, inputs);
            if (!found && looks_like_picture(entry))
                inputs.push_back(failed_input(entry.native(), "empty_folder",
                                              entry.native() + ": is a folder named like a picture, and holds none"));
            any = any || found || looks_like_picture(entry);
        } else if (looks_like_picture(entry)) {
            inputs.push_back({entry.native(), entry, "", ""});
            any = true;
        }
    }
    return any;
}

void add_path(const std::string& name, std::vector<Input>& inputs) {
    if (!is_folder(name)) {
        inputs.push_back({name, name, "", ""});
        return;
    }
    if (!walk(name, inputs))
        inputs.push_back(failed_input(name, "empty_folder", name + ": no picture (.jpg .png .webp) in this folder"));
}

void add_matches(const std::string& pattern, std::vector<Input>& inputs) {
    glob_t found = {};
    const int result = glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> names(found.gl_pathv, found.gl_pathv + (result == 0 ? found.gl_pathc : 0));
    globfree(&found);
    if (result == GLOB_NOSPACE) throw ResourceError("out_of_memory", "too little memory to list " + pattern);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) add_path(name, inputs);
    if (names.empty()) inputs.push_back(failed_input(pattern, "no_match", pattern + ": no file matches this pattern"));
}

}  // namespace

bool looks_like_picture(const fs::path& path) {
    const std::string extension = lower_case(path.extension().native());
    return std::find(kPictureExtensions.begin(), kPictureExtensions.end(), extension) != kPictureExtensions.end();
}

std::vector<Input> list_inputs(const InputWords& words) {
    if (std::count(words.typed.begin(), words.typed.end(), "-") > 1)
        throw UsageError("\"-\" (stdin) can be named only once");
    std::vector<Input> inputs;
    for (const std::string& word : words.typed) {
        std::error_code ignored;
        const bool exists = fs::symlink_status(word, ignored).type() != fs::file_type::not_found;
        if (word == "-")
            inputs.push_back({"-", {}, "", ""});
        else if (!exists && word.find_first_of("*?[") != std::string::npos)
            add_matches(word, inputs);
        else if (word.empty())
            inputs.push_back(failed_input(word, "not_found", "an empty name is no file"));
        else
            add_path(word, inputs);
    }
    for (const std::string& word : words.listed) add_path(word, inputs);
    return inputs;
}

std::vector<std::string> read_list_of_inputs(const fs::path& list, bool null_separated) {
    std::ifstream file;
    if (list != "-") file.open(list, std::ios::binary);
    std::istream& stream = list == "-" ? std::cin : file;
    std::vector<std::string> words;
    for (std::string line; std::getline(stream, line, null_separated ? '\0' : '\n');) {
        if (!null_separated && !line.empty() && line.back() == '\r') line.pop_back();
        if (!line.empty()) words.push_back(std::move(line));
    }
    if (!stream.eof() || stream.bad() || is_folder(list))
        throw UsageError("--files-from: cannot read " + list.string() + ": " + std::strerror(errno), "list_unreadable");
    return words;
}

}  // namespace affectsr::cli
