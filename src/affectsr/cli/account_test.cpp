#include "affectsr/cli/account.h"

#include <gtest/gtest.h>

namespace affectsr::cli {
namespace {

TEST(Account, TellsInputsFailuresByCodeAndFaces) {
    Account account;
    account.inputs = 4;
    account.add("", 3, 1);
    account.add("truncated", 0, 0);
    account.add("truncated", 0, 0);
    account.add("empty_file", 0, 0);
    EXPECT_EQ(account.text(2, ""),
              "4 inputs seen, 3 failed (empty_file 1, truncated 2), 3 faces (1 undetermined), 2.0 s, 2.0 inputs/s");
}

TEST(Account, CallsFacesWithoutAnAnswerAsItsCommandDoes) {
    Account account;
    account.inputs = 1;
    account.unanswered_word = "left as they were";
    account.add("", 3, 2);
    EXPECT_EQ(account.text(1, ""), "1 input seen, 0 failed, 3 faces (2 left as they were), 1.0 s, 1.0 inputs/s");
}

TEST(Account, SaysHowFarAStoppedRunCame) {
    Account account;
    account.inputs = 10;
    account.add("", 1, 0);
    EXPECT_EQ(account.text(1, "SIGINT"),
              "stopped by SIGINT: 1 input of 10 seen, 0 failed, 1 face, 1.0 s, 1.0 inputs/s");
}

TEST(Account, CountsAnEarlierRunButNotItsSpeed) {
    Account account;
    account.inputs = 3;
    account.add_earlier("", 4, 1);
    account.add_earlier("not_found", 0, 0);
    account.add("", 1, 0);
    EXPECT_EQ(
        account.text(1, ""),
        "3 inputs seen (2 in an earlier run), 1 failed (not_found 1), 5 faces (1 undetermined), 1.0 s, 1.0 inputs/s");
    EXPECT_EQ(account.note(), "1 failed  5 faces");
}

}  // namespace
}  // namespace affectsr::cli
