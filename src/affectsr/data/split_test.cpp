#include "affectsr/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "affectsr/base/test_folder.h"
#include "affectsr/data/picture_list.h"

namespace affectsr {
namespace {

// `people` people with three pictures each, then `strangers` pictures of nobody known.
PictureList faces(int people, int strangers, const std::string& root = "/data") {
    PictureListContent content;
    const auto add = [&](const std::string& name, const std::string& subject) {
        ListedPicture picture;
        picture.info.path = root + "/faces/" + name + ".png";
        picture.info.subject = subject;
        content.pictures.push_back(picture);
    };
    for (int person = 0; person < people; ++person) {
        for (int i = 0; i < 3; ++i)
            add(std::to_string(person) + "_" + std::to_string(i), "person " + std::to_string(person));
    }
    for (int i = 0; i < strangers; ++i) add("stranger" + std::to_string(i), "");
    return PictureList(content, "");
}

TEST(Split, EverySampleStandsInOnePartAndInOrder) {
    const PictureList dataset = faces(50, 50);
    const IndexSplit split = split_by_subject(dataset, 0.3, 1);
    std::set<std::size_t> all(split.part.begin(), split.part.end());
    all.insert(split.rest.begin(), split.rest.end());
    EXPECT_EQ(all.size(), dataset.size());
    EXPECT_EQ(split.part.size() + split.rest.size(), dataset.size());
    EXPECT_TRUE(std::is_sorted(split.part.begin(), split.part.end()));
    EXPECT_TRUE(std::is_sorted(split.rest.begin(), split.rest.end()));
}

TEST(Split, NobodyStandsInBothParts) {
    const PictureList dataset = faces(200, 0);
    const IndexSplit split = split_by_subject(dataset, 0.5, 7);
    std::set<std::string> people;
    for (std::size_t i : split.part) people.insert(dataset.info(i).subject);
    EXPECT_FALSE(people.empty());
    for (std::size_t i : split.rest) EXPECT_EQ(people.count(dataset.info(i).subject), 0u);
}

TEST(Split, ThePartHasAboutItsShare) {
    const PictureList dataset = faces(0, 2000);
    // Four standard deviations of a binomial with p = 0.2.
    EXPECT_NEAR(static_cast<double>(split_by_subject(dataset, 0.2, 3).part.size()), 400, 72);
    EXPECT_TRUE(split_by_subject(dataset, 0, 3).part.empty());
    EXPECT_TRUE(split_by_subject(dataset, 1, 3).rest.empty());
}

TEST(Split, TheSameSeedGivesTheSamePartsOnEveryMachine) {
    const IndexSplit here = split_by_subject(faces(4, 8, "/home/ann"), 0.4, 5);
    EXPECT_EQ(here.part, split_by_subject(faces(4, 8, "/mnt/bob/sets"), 0.4, 5).part);
    // From a second program of the same rule: a change would silently mix training and validation of models already
    // made.
    EXPECT_EQ(here.part, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 14, 15}));
    EXPECT_NE(here.part, split_by_subject(faces(4, 8), 0.4, 6).part);
}

TEST(Split, ASampleAddedLaterMovesNoOther) {
    const IndexSplit before = split_by_subject(faces(0, 100), 0.5, 1), after = split_by_subject(faces(0, 120), 0.5, 1);
    const auto old_end = std::lower_bound(after.part.begin(), after.part.end(), std::size_t{100});
    EXPECT_EQ(before.part, std::vector<std::size_t>(after.part.begin(), old_end));
}

TEST(Split, AShareOutsideZeroToOneIsRefused) {
    const PictureList dataset = faces(1, 0);
    EXPECT_THROW(split_by_subject(dataset, -0.1, 1), UsageError);
    EXPECT_THROW(split_by_subject(dataset, 1.1, 1), UsageError);
    EXPECT_THROW(split_by_subject(dataset, std::nan(""), 1), UsageError);
}

TEST(Split, NamesThePeopleWhoStandInSeveralSplits) {
    PictureListContent content;
    const auto add = [&](const char* split, const char* subject) {
        ListedPicture picture;
        picture.info.split = split;
        picture.info.subject = subject;
        content.pictures.push_back(picture);
    };
    add("train", "F02");
    add("train", "F01");
    add("test", "F02");
    add("test", "M01");
    add("test", "");
    add("train", "");
    EXPECT_EQ(subjects_in_several_splits(PictureList(content, "")), (std::vector<std::string>{"F02"}));
}

}  // namespace
}  // namespace affectsr
