// Which picture was made of which: files named on the line, folders matched by name, or a list.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace affectsr::cli {

/// Two pictures, or why there are not two; names as they appear in rows.
struct PicturePair {
    std::filesystem::path before, after;  ///< one of them empty: it has no partner
    std::string error_code;  ///< stable (`no_partner`, `ambiguous_name`, or as Input's); empty: to be compared
    std::string error_message;
};

/// The name of a restored picture without what tools put behind it, and behind that again: "party_x4_out" becomes
/// "party". Known are _out, _restored, _enhanced, _sr, _SR, _rlt, _gfpgan, _codeformer, _swinir, _affectsr, _00 (face
/// crops), _x2 or _2x or -4x or (4x) and other numbers, and everything from _upscayl on; case aside. What would leave
/// nothing stays.
std::string without_suffixes(const std::string& stem);

/// Two files: one pair. Two folders, walked as list_inputs() does: pictures of one relative name belong together
/// whatever their formats; then those after whose name without suffixes is that of one before. Pictures without a
/// partner, and names that two pictures would take, are pairs with an error. In the order of `before`, then what is
/// left of `after`. Throws UsageError for a file and a folder, a folder named twice, and a path that does not exist.
std::vector<PicturePair> pictures_of(const std::filesystem::path& before, const std::filesystem::path& after);

/// The pairs of a CSV file with the columns "before" and "after"; its paths are relative to the folders. Throws
/// InputError (`dataset_unreadable`) for a file that is not such a list, UsageError unless both are folders.
std::vector<PicturePair> listed_pairs(const std::filesystem::path& list, const std::filesystem::path& before,
                                      const std::filesystem::path& after);

}  // namespace affectsr::cli
