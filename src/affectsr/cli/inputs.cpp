#include "affectsr/cli/inputs.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

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

/// The row of a place that cannot be looked at; what the machine ran out of is no fault of the place.
Input unreadable(const std::string& name, const std::string& what, const std::error_code& error) {
    if (error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system)
        throw ResourceError("out_of_descriptors", name + ": " + what + ": " + error.message());
    if (error == std::errc::not_enough_memory) throw ResourceError("out_of_memory", name + ": " + error.message());
    const bool gone = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
    return failed_input(name, gone ? "not_found" : "not_readable", name + ": " + what + ": " + error.message());
}

/// Turns what was named into inputs.
class Lister {
 public:
    Lister(const FileIdentities& own, std::vector<std::string>* unfollowed) : own_(own), unfollowed_(unfollowed) {}
    void add_named(const std::string& name);
    void add_matches(const std::string& pattern);
    void add(Input input) { inputs_.push_back(std::move(input)); }
    std::vector<Input> take() { return std::move(inputs_); }

 private:
    bool is_own(const fs::path& path) const {
        if (own_.empty()) return false;
        const std::optional<FileIdentity> identity = identity_of(path);
        return identity && own_.contains(*identity);
    }
    void add_path(const std::string& name);
    bool walk(const fs::path& folder);
    bool add_entry(const fs::directory_entry& entry);
    bool add_link(const fs::directory_entry& link);
    bool add_picture(const fs::path& path);

    const FileIdentities& own_;
    std::vector<std::string>* unfollowed_;
    std::vector<Input> inputs_;
};

/// Appends the pictures under `folder` in byte order. Whether there was any (or a row that says why not).
bool Lister::walk(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (at->path().filename().native().front() != '.') entries.push_back(*at);
    std::sort(entries.begin(), entries.end());
    bool any = false;
    if (error) {  // what was listed until then counts all the same
        inputs_.push_back(unreadable(folder.native(), "cannot list the folder", error));
        any = true;
    }
    for (const fs::directory_entry& entry : entries) any = add_entry(entry) || any;
    return any;
}

/// One name of a folder. Its kind comes with the listing, so that a folder is known as one where it cannot be entered.
bool Lister::add_entry(const fs::directory_entry& entry) {
    std::error_code error;
    if (entry.is_symlink(error)) return add_link(entry);
    const bool folder = !error && entry.is_directory(error);
    if (error && !looks_like_picture(entry.path())) {
        inputs_.push_back(unreadable(entry.path().native(), "cannot be looked at", error));
        return true;
    }
    if (!folder) return add_picture(entry.path());
    if (is_own(entry.path())) return false;
    if (walk(entry.path())) return true;
    if (!looks_like_picture(entry.path())) return false;
    inputs_.push_back(failed_input(entry.path().native(), "empty_folder",
                                   entry.path().native() + ": is a folder named like a picture, and holds none"));
    return true;
}

bool Lister::add_link(const fs::directory_entry& link) {
    std::error_code error;
    const fs::file_status target = fs::status(link.path(), error);
    if (target.type() == fs::file_type::directory) {
        // Following it could go round in circles.
        if (unfollowed_ && !is_own(link.path())) unfollowed_->push_back(link.path().native());
        return false;
    }
    const bool nowhere = target.type() == fs::file_type::not_found || target.type() == fs::file_type::none;
    if (nowhere && !looks_like_picture(link.path())) {  // of a picture the reader tells why
        if (!error) error = std::make_error_code(std::errc::no_such_file_or_directory);
        std::error_code ignored;
        const std::string leads = "is a link to " + fs::read_symlink(link.path(), ignored).native();
        inputs_.push_back(unreadable(link.path().native(), leads, error));
        return true;
    }
    return add_picture(link.path());
}

bool Lister::add_picture(const fs::path& path) {
    if (!looks_like_picture(path) || is_own(path)) return false;
    inputs_.push_back({path.native(), path, "", ""});
    return true;
}

void Lister::add_path(const std::string& name) {
    if (!is_folder(name))
        inputs_.push_back({name, name, "", ""});
    else if (!walk(name))
        inputs_.push_back(failed_input(name, "empty_folder", name + ": no picture (.jpg .png .webp) in this folder"));
}

void Lister::add_named(const std::string& name) {
    if (is_folder(name) && is_own(name))
        throw UsageError(
            name +
                " is a folder of inputs and of outputs: the pictures of this run would be the photos of the "
                "next one; choose another folder for --pictures and --strips, such as " +
                (fs::path(name) / "marked").native(),
            "output_is_input");
    add_path(name);
}

/// Where glob() could not look while it ran; it takes a function and nothing beside it.
thread_local std::vector<std::pair<std::string, int>> t_unreadable;

extern "C" int on_glob_error(const char* path, int error) {
    t_unreadable.emplace_back(path, error);
    return 0;  // go on
}

void Lister::add_matches(const std::string& pattern) {
    t_unreadable.clear();
    glob_t found = {};
    const int result = glob(pattern.c_str(), GLOB_NOSORT, on_glob_error, &found);
    std::vector<std::string> names(found.gl_pathv, found.gl_pathv + (result == 0 ? found.gl_pathc : 0));
    globfree(&found);
    if (result == GLOB_NOSPACE) throw ResourceError("out_of_memory", "too little memory to list " + pattern);
    std::sort(names.begin(), names.end());
    for (const std::string& name : names)
        if (!is_own(name)) add_path(name);
    std::sort(t_unreadable.begin(), t_unreadable.end());
    bool any = !names.empty();
    for (const auto& [path, error] : t_unreadable) {
        std::error_code ignored;  // a folder that is not there at all is a pattern without a match
        if (error == ENOENT && !fs::is_symlink(path, ignored)) continue;
        inputs_.push_back(unreadable(path, "cannot list the folder", {error, std::generic_category()}));
        any = true;
    }
    if (!any) inputs_.push_back(failed_input(pattern, "no_match", pattern + ": no file matches this pattern"));
}

}  // namespace

bool looks_like_picture(const fs::path& path) {
    const std::string extension = lower_case(path.extension().native());
    return std::find(kPictureExtensions.begin(), kPictureExtensions.end(), extension) != kPictureExtensions.end();
}

std::vector<Input> list_inputs(const InputWords& words, const FileIdentities& own,
                               std::vector<std::string>* unfollowed) {
    if (std::count(words.typed.begin(), words.typed.end(), "-") > 1)
        throw UsageError("\"-\" (stdin) can be named only once");
    Lister lister(own, unfollowed);
    for (const std::string& word : words.typed) {
        std::error_code ignored;
        const bool exists = fs::symlink_status(word, ignored).type() != fs::file_type::not_found;
        if (word == "-")
            lister.add({"-", {}, "", ""});
        else if (!exists && word.find_first_of("*?[") != std::string::npos)
            lister.add_matches(word);
        else if (word.empty())
            lister.add(failed_input(word, "not_found", "an empty name is no file"));
        else
            lister.add_named(word);
    }
    for (const std::string& word : words.listed) lister.add_named(word);
    return lister.take();
}

}  // namespace affectsr::cli
