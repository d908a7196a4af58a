// KDEF, the Karolinska Directed Emotional Faces: 70 people, seven expressions, five angles, two sessions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/data/picture_list.h"

namespace affectsr {

/// Where KDEF is and which part is wanted.
struct KdefOptions {
    std::filesystem::path root;
    std::string split;
    std::vector<std::string> angles = {"FL", "HL", "S", "HR", "FR"};
    std::uint64_t seed = 1;
    void fields(auto&& f) {
        f("root", root, "folder of the data set");
        f("split", split, "train, val or test, people apart; empty: all");
        f("angles", angles, "views to keep: FL, HL full and half left, S straight, HR, FR half and full right");
        f("seed", seed, "which people are held out");
    }
};

/// What a file name says, for example AF01ANFL.JPG.
struct KdefName {
    char session = 'A';  ///< A or B
    char gender = 'F';   ///< F or M
    int identity = 1;    ///< 1–35, counted per gender
    Emotion emotion = Emotion::neutral;
    std::string angle;  ///< FL, HL, S, HR or FR

    /// Gender and identity: the same person in both sessions, "F01".
    std::string person() const;
};
/// Reads a name in any case; knows the two misnamed files AF31V.JPG and AM31H.JPG. Any other name (averages,
/// Thumbs.db): std::nullopt. Source: Lundqvist et al. 1998.
std::optional<KdefName> kdef_name(std::string_view file_name);

/// KDEF names no splits. Ours holds people out, five women and five men for `test`, as many for `val`, the rest is
/// `train`; who depends on `seed` only, not on which files are there. identity: 1–35; gender: F or M.
std::string kdef_split(char gender, int identity, std::uint64_t seed);

/// Every picture under the root that bears a KDEF name, sorted by path; others are skipped and counted. The subject is
/// the person. Pictures that are known to be nearly black are not usable. Throws UsageError for an unknown split or
/// angle, InputError (`dataset_unreadable`) if there is no such picture. Source: Lundqvist, Flykt & Öhman 1998.
class Kdef : public PictureList {
 public:
    explicit Kdef(const KdefOptions& options);
};

}  // namespace affectsr
