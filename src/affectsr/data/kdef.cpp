#include "affectsr/data/kdef.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/base/text.h"
#include "affectsr/data/folder_index.h"
#include "affectsr/data/source_labels.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

namespace fs = std::filesystem;

constexpr int kPeoplePerGender = 35;
constexpr int kHeldOutPerGender = 5;  // one in seven, for val and again for test
constexpr std::array kAngles = {"fl", "hl", "s", "hr", "fr"};

// Misnamed in every copy; confirmed by two independent surveys of the data set.
constexpr std::array<std::array<std::string_view, 2>, 2> kMisnamed = {{{"af31v", "af31sahl"}, {"am31h", "am31suhr"}}};
// Underexposed until nothing can be seen.
constexpr std::array<std::string_view, 7> kNearlyBlack = {"af01sufr", "af10affr", "af11nehl", "af20dihl",
                                                          "am25difl", "am34difr", "bf13nehr"};

std::vector<std::string> wanted_angles(const std::vector<std::string>& angles) {
    std::vector<std::string> wanted;
    for (const std::string& angle : angles) {
        wanted.push_back(lower_case(trimmed(angle)));
        if (std::find(kAngles.begin(), kAngles.end(), wanted.back()) == kAngles.end()) {
            throw UsageError("KDEF has no angle \"" + angle + "\"; it has FL, HL, S, HR, FR");
        }
    }
    return wanted;
}

PictureListContent read_kdef(const KdefOptions& options) {
    expect_folder(options.root, "kdef");
    const std::vector<std::string> angles = wanted_angles(options.angles);
    PictureListContent content;
    content.card.name = "kdef";
    content.card.source = "Lundqvist, Flykt & Öhman 1998, The Karolinska Directed Emotional Faces";
    content.card.licence = "non-commercial research; not to be passed on";
    const FolderIndex index(options.root);
    content.card.sha256 = index.sha256();
    content.note_walk(index);
    for (const fs::path& file : index.pictures()) {
        const std::optional<KdefName> name = kdef_name(file.filename().string());
        if (!name) {
            content.skip((options.root / file).string(), "its name is none of KDEF");
            continue;
        }
        if (std::find(angles.begin(), angles.end(), lower_case(name->angle)) == angles.end()) continue;
        const std::string stem = lower_case(file.stem().string());
        ListedPicture picture;
        picture.info.path = options.root / file;
        picture.info.label = name->emotion;
        picture.info.split = kdef_split(name->gender, name->identity, options.seed);
        picture.info.subject = name->person();
        picture.info.usable = std::find(kNearlyBlack.begin(), kNearlyBlack.end(), stem) == kNearlyBlack.end();
        content.pictures.push_back(std::move(picture));
    }
    return content;
}

}  // namespace

std::string KdefName::person() const {
    return std::string(1, gender) + (identity < 10 ? "0" : "") + std::to_string(identity);
}

std::optional<KdefName> kdef_name(std::string_view file_name) {
    const fs::path file(lower_case(trimmed(file_name)));
    if (file.extension().empty() || file.extension() == ".db") return std::nullopt;
    std::string stem = file.stem().string();
    for (const auto& [wrong, right] : kMisnamed) {
        if (stem == wrong) stem = right;
    }
    // a f 01 an fl
    constexpr std::size_t kBeforeAngle = 6;
    if (stem.size() <= kBeforeAngle) return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool session = stem[0] == 'a' || stem[0] == 'b', gender = stem[1] == 'f' || stem[1] == 'm';
    const std::string angle = stem.substr(kBeforeAngle);
    const auto emotion = kdef_emotion(stem.substr(4, 2));
    const bool known_angle = std::find(kAngles.begin(), kAngles.end(), angle) != kAngles.end();
    if (!session || !gender || !is_digit(stem[2]) || !is_digit(stem[3]) || !emotion || !known_angle)
        return std::nullopt;
    const int identity = (stem[2] - '0') * 10 + stem[3] - '0';
    if (identity < 1 || identity > kPeoplePerGender) return std::nullopt;
    const auto upper = [](char c) { return static_cast<char>(c - 'a' + 'A'); };
    KdefName name{upper(stem[0]), upper(stem[1]), identity, *emotion, angle};
    std::transform(name.angle.begin(), name.angle.end(), name.angle.begin(), upper);
    return name;
}

std::string kdef_split(char gender, int identity, std::uint64_t seed) {
    AFFECTSR_EXPECT(identity >= 1 && identity <= kPeoplePerGender, "KDEF has no person " + std::to_string(identity));
    std::array<int, kPeoplePerGender> people{};
    std::iota(people.begin(), people.end(), 1);
    // Fisher-Yates by hand: std::shuffle differs between libraries.
    SplitMix64 random(seed * 2 + (gender == 'F' ? 0 : 1));
    for (std::size_t last = people.size() - 1; last > 0; --last)
        std::swap(people[last], people[random.next() % (last + 1)]);
    const auto place = std::find(people.begin(), people.end(), identity) - people.begin();
    if (place < kHeldOutPerGender) return "test";
    return place < 2 * kHeldOutPerGender ? "val" : "train";
}

Kdef::Kdef(const KdefOptions& options) : PictureList(read_kdef(options), options.split) {}

}  // namespace affectsr
