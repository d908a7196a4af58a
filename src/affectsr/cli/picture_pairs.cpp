#include "affectsr/cli/picture_pairs.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/text.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/data/csv.h"

namespace affectsr::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMostListBytes = 64 << 20;
constexpr std::array<std::string_view, 10> kSuffixes = {"_out",    "_restored",   "_enhanced", "_sr",       "_rlt",
                                                        "_gfpgan", "_codeformer", "_swinir",   "_affectsr", "_00"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// How many bytes at the end say how many times larger a picture is: "_x4", "-4x", "(4x)", " 2x"; 0: none do.
std::size_t scale_suffix(std::string_view stem) {
    std::size_t end = stem.size();
    const bool bracketed = end > 0 && stem[end - 1] == ')';
    if (bracketed) --end;
    std::size_t at = end;
    const bool x_last = at > 0 && stem[at - 1] == 'x';
    if (x_last) --at;
    const std::size_t digits_end = at;
    while (at > 0 && is_digit(stem[at - 1]) && digits_end - at < 2) --at;
    if (at == digits_end) return 0;
    if (!x_last) {
        if (at == 0 || stem[at - 1] != 'x') return 0;
        --at;
    }
    if (at == 0) return 0;
    const char parting = stem[at - 1];
    const bool parted = bracketed ? parting == '(' : parting == '_' || parting == '-' || parting == ' ';
    return parted ? stem.size() - at + 1 : 0;
}

/// The pictures of one side: relative name without extension → the pictures that have it.
struct Side {
    fs::path folder;
    std::vector<Input> inputs;
    std::vector<std::string> stems;  ///< relative, without extension; empty for an input with an error
    std::vector<char> taken;

    explicit Side(const fs::path& root) : folder(root), inputs(list_inputs({{}, {root.native()}})) {
        for (const Input& input : inputs) {
            const fs::path relative = input.path.lexically_relative(folder);
            stems.push_back(input.error_code.empty() ? (relative.parent_path() / relative.stem()).native() : "");
        }
        taken.assign(inputs.size(), 0);
    }
    /// Those that are left and whose name, seen through `name`, is a key.
    template <class Name>
    std::map<std::string, std::vector<std::size_t>> by(const Name& name) const {
        std::map<std::string, std::vector<std::size_t>> found;
        for (std::size_t i = 0; i < inputs.size(); ++i)
            if (!taken[i] && inputs[i].error_code.empty()) found[name(stems[i])].push_back(i);
        return found;
    }
};

std::string bare(const std::string& relative_stem) {
    const fs::path path(relative_stem);
    return (path.parent_path() / without_suffixes(path.filename().native())).native();
}

std::string extension_of(const Input& input) {
    return lower_case(input.path.extension().native());
}

class Matcher {
 public:
    Matcher(const fs::path& before, const fs::path& after)
        : before_(before), after_(after), partners_(before_.inputs.size()) {}

    std::vector<PicturePair> pairs() {
        match([](const std::string& stem) { return stem; });
        match(bare);
        std::vector<PicturePair> pairs;
        for (std::size_t i = 0; i < before_.inputs.size(); ++i) {
            const Input& input = before_.inputs[i];
            if (partners_[i])
                pairs.push_back({input.path, after_.inputs[*partners_[i]].path, "", ""});
            else
                pairs.push_back(alone(input, true, rivals_[i]));
        }
        for (std::size_t i = 0; i < after_.inputs.size(); ++i)
            if (!after_.taken[i]) pairs.push_back(alone(after_.inputs[i], false, ""));
        return pairs;
    }

 private:
    /// Pairs what is left by the names before and the names after, seen through `name`.
    template <class Name>
    void match(const Name& name) {
        const auto named = after_.by(name);
        for (auto [stem, befores] : before_.by([](const std::string& whole) { return whole; })) {
            const auto found = named.find(stem);
            if (found == named.end()) continue;
            std::vector<std::size_t> afters = found->second;
            if (befores.size() > 1 || afters.size() > 1) pair_formats(befores, afters);
            if (befores.size() == 1 && afters.size() == 1)
                take(befores[0], afters[0]);
            else if (!afters.empty())
                for (const std::size_t i : befores) rivals_[i] = after_.inputs[afters[0]].name;
        }
    }

    /// Of several pictures of one name those that are alone in their format belong together; removes them.
    void pair_formats(std::vector<std::size_t>& befores, std::vector<std::size_t>& afters) {
        const auto of_format = [](const Side& side, const std::vector<std::size_t>& among, const std::string& format) {
            std::vector<std::size_t> found;
            for (const std::size_t i : among)
                if (extension_of(side.inputs[i]) == format) found.push_back(i);
            return found;
        };
        for (const std::size_t i : std::vector<std::size_t>(befores)) {
            const std::string format = extension_of(before_.inputs[i]);
            const auto mine = of_format(before_, befores, format), theirs = of_format(after_, afters, format);
            if (mine.size() != 1 || theirs.size() != 1) continue;
            take(i, theirs[0]);
            std::erase(befores, i);
            std::erase(afters, theirs[0]);
        }
    }

    void take(std::size_t before, std::size_t after) {
        partners_[before] = after;
        before_.taken[before] = after_.taken[after] = 1;
    }

    static PicturePair alone(const Input& input, bool is_before, const std::string& rival) {
        PicturePair pair;
        (is_before ? pair.before : pair.after) = input.path;
        pair.error_code = input.error_code;
        pair.error_message = input.error_message;
        if (!pair.error_code.empty()) return pair;
        if (!rival.empty()) {
            pair.error_code = "ambiguous_name";
            pair.error_message = input.name + ": " + rival + " could be made of it, and so could others; list what " +
                                 "belongs together in --pairs FILE.csv";
        } else {
            pair.error_code = "no_partner";
            pair.error_message = input.name + ": no picture " + (is_before ? "after" : "before") +
                                 " has its name; list what belongs together in --pairs FILE.csv";
        }
        return pair;
    }

    Side before_, after_;
    std::vector<std::optional<std::size_t>> partners_;
    std::map<std::size_t, std::string> rivals_;  ///< of a picture before: one that others could be made of, too
};

bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

void expect_there(const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored))
        throw UsageError(path.native() + " does not exist; name a picture or a folder", "not_found");
}

}  // namespace

std::string without_suffixes(const std::string& stem) {
    std::string small = lower_case(stem);
    const std::size_t upscayl = small.find("_upscayl");
    if (upscayl != std::string::npos && upscayl > 0) small.resize(upscayl);
    for (bool again = true; again;) {
        again = false;
        std::size_t cut = scale_suffix(small);
        for (const std::string_view suffix : kSuffixes)
            if (small.ends_with(suffix)) cut = suffix.size();
        if (cut == 0 || cut >= small.size()) break;
        small.resize(small.size() - cut);
        again = true;
    }
    return stem.substr(0, small.size());
}

std::vector<PicturePair> pictures_of(const fs::path& before, const fs::path& after) {
    expect_there(before);
    expect_there(after);
    if (is_folder(before) != is_folder(after))
        throw UsageError("name two pictures or two folders; of " + before.native() + " and " + after.native() +
                         " one is a folder");
    std::error_code ignored;
    if (fs::equivalent(before, after, ignored))
        throw UsageError(before.native() + " is named twice; name what was made of it as the second");
    if (!is_folder(before)) return {{before, after, "", ""}};
    return Matcher(before, after).pairs();
}

std::vector<PicturePair> listed_pairs(const fs::path& list, const fs::path& before, const fs::path& after) {
    if (!is_folder(before) || !is_folder(after))
        throw UsageError("with --pairs the two names are the folders that its paths are relative to");
    const std::vector<std::uint8_t> bytes = read_bytes(list, kMostListBytes);
    const std::string text(bytes.begin(), bytes.end());
    CsvReader reader(text, list.native());
    CsvRow row;
    if (!reader.next(row))
        throw InputError("dataset_unreadable", list.native() + ": is empty; its columns are before,after");
    const CsvHeader header(row, list.native());
    const std::size_t first = header.require("before"), second = header.require("after");
    std::vector<PicturePair> pairs;
    while (reader.next(row)) {
        const std::string was(cell_of(row, first)), is(cell_of(row, second));
        PicturePair pair{was.empty() ? fs::path() : before / was, is.empty() ? fs::path() : after / is, "", ""};
        if (was.empty() || is.empty()) {
            pair.error_code = "no_partner";
            pair.error_message = list.native() + ": line " + std::to_string(row.line) + " names one picture alone";
        }
        pairs.push_back(std::move(pair));
    }
    return pairs;
}

}  // namespace affectsr::cli
