#include "affectsr/cli/account.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

Row with_faces(int determined, int undetermined) {
    Row row;
    row.input = "x.jpg";
    for (int i = 0; i < determined; ++i)
        row.faces.push_back({{}, 1, {seven_emotions(), std::vector<float>(7, 1.0f / 7)}, "", "direct"});
    for (int i = 0; i < undetermined; ++i) row.faces.push_back({{}, 1, {}, "too_small", "undetermined"});
    return row;
}

TEST(Account, TellsInputsFailuresByCodeAndFaces) {
    Account account;
    account.inputs = 4;
    account.add(with_faces(2, 1));
    account.add(failed_row("a", "truncated", ""));
    account.add(failed_row("b", "truncated", ""));
    account.add(failed_row("c", "empty_file", ""));
    EXPECT_EQ(account.text(2, ""),
              "4 inputs seen, 3 failed (empty_file 1, truncated 2), 3 faces (1 undetermined), 2.0 s, 2.0 inputs/s");
}

TEST(Account, SaysHowFarAStoppedRunCame) {
    Account account;
    account.inputs = 10;
    account.add(with_faces(1, 0));
    EXPECT_EQ(account.text(1, "SIGINT"),
              "stopped by SIGINT: 1 input of 10 seen, 0 failed, 1 face, 1.0 s, 1.0 inputs/s");
}

TEST(Account, CountsAnEarlierRunButNotItsSpeed) {
    Account account;
    account.inputs = 3;
    account.add_earlier("", 4, 1);
    account.add_earlier("not_found", 0, 0);
    account.add(with_faces(1, 0));
    EXPECT_EQ(
        account.text(1, ""),
        "3 inputs seen (2 in an earlier run), 1 failed (not_found 1), 5 faces (1 undetermined), 1.0 s, 1.0 inputs/s");
    EXPECT_EQ(account.note(), "1 failed  5 faces");
}

}  // namespace
}  // namespace affectsr::cli
