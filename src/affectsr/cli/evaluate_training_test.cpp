#include "affectsr/cli/evaluate_training.h"

#include <gtest/gtest.h>

#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

TEST(EvaluateTraining, DrawsLogsAsOnePage) {
    const TemporaryFolder folder;
    folder.fill("a.log.jsonl", "{\"epoch\":1,\"loss\":0.5}\n{\"epoch\":2,\"loss\":0.4}\n");
    folder.fill("b.log.jsonl", "{\"epoch\":1,\"loss\":0.6}\n");
    const Ran ran = run(folder, "affectsr evaluate training a.log.jsonl b.log.jsonl -o page.html");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "page.html\n");
    EXPECT_NE(run(folder, "cat page.html").out.find("<svg "), std::string::npos);
}

TEST(EvaluateTraining, WritesOntoNoLogAndReadsNothingElse) {
    const TemporaryFolder folder;
    folder.fill("a.log.jsonl", "{\"epoch\":1,\"loss\":0.5}\n");
    folder.fill("b.txt", "hello\n");
    EXPECT_EQ(run(folder, "affectsr evaluate training a.log.jsonl").exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr evaluate training a.log.jsonl -o a.log.jsonl").exit_code, 2);
    const Ran other = run(folder, "affectsr evaluate training b.txt -o page.html");
    EXPECT_NE(other.exit_code, 0);
    EXPECT_NE(other.err.find("b.txt line 1"), std::string::npos) << other.err;
}

}  // namespace
}  // namespace affectsr::cli
