// What the user named (files, folders, patterns, a list, stdin) → one ordered list of inputs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/program/input_files.h"

namespace affectsr::cli {

/// One picture to be read, or the reason why there is none.
struct Input {
    std::string name;            ///< as it appears in the row; "-" is stdin
    std::filesystem::path path;  ///< empty for stdin
    std::string error_code;      ///< stable (`empty_folder`, `no_match`, `not_readable`); empty: to be read
    std::string error_message;
    bool from_stdin() const { return error_code.empty() && path.empty(); }
};

/// What was named. Words of the command line may be files, folders, patterns with * ? [ ] where no such file exists, or
/// "-" for picture bytes on stdin; words of a list are files or folders, taken literally.
struct InputWords {
    std::vector<std::string> typed;
    std::vector<std::string> listed;
};

/// Every input, in the order named; folders are walked to the bottom in byte order of their paths.
/// Of a folder count the files with a picture's extension in any case, also of formats that only give a failed row
/// (.gif, .heic, …), but not names that begin with a dot. Links to files are followed; links to folders are not, and
/// are named in `unfollowed` where that is given. Folders and files that the run writes itself (`own`) are left out of
/// walks and patterns; files that were named stay. A folder without pictures, a folder named like a picture that is
/// empty, a folder or name that cannot be looked at (`not_readable`), a link to nowhere (`not_found`, `not_readable`)
/// and a pattern without a match each give one input with an error. Throws UsageError if stdin is named twice or a
/// named folder is one of `own`
/// (`output_is_input`), ResourceError (`out_of_descriptors`, `out_of_memory`).
std::vector<Input> list_inputs(const InputWords& words, const FileIdentities& own = {},
                               std::vector<std::string>* unfollowed = nullptr);

/// Whether the extension is one of a picture: of the formats we read and of those that people keep beside them.
bool looks_like_picture(const std::filesystem::path& path);

}  // namespace affectsr::cli
