#include "affectsr/program/program.h"

#include <gtest/gtest.h>

#include <new>

#include "affectsr/base/error.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/output.h"

namespace affectsr::cli {
namespace {

std::string g_typed;        // what the command saw of its line
std::string g_handed_over;  // the first word that hand_over() saw

struct BoilSettings {
    int minutes = 4;
    std::vector<std::string> eggs;
    void fields(auto&& f) { f("minutes", minutes, "how long", Range{1, 60}); }
};

Action declare_boil(CLI::App& command) {
    static BoilSettings settings;
    settings = {};
    command.add_option("EGG", settings.eggs);
    add_flags(command, list_fields(settings), "Options");
    return [](const Call& call) {
        g_typed = call.typed;
        return settings.minutes == 5 ? 3 : 0;
    };
}

Action declare_fail(CLI::App& command) {
    static std::string how;
    command.add_option("HOW", how)->required();
    return [](const Call&) -> int {
        if (how == "model") throw ModelError("no_such_model", "the model is gone");
        if (how == "memory") throw std::bad_alloc();
        if (how == "reader") throw ReaderGone{};
        throw std::runtime_error("nobody expected this");
    };
}

CommandTable kitchen() {
    CommandTable table;
    table.name = "kitchen";
    table.summary = "It cooks.";
    table.examples = "  kitchen boil egg";
    table.version_text = [] { return std::string("kitchen 1.2"); };
    table.commands = {{"boil", "boils eggs", "  kitchen boil egg --minutes 5", declare_boil},
                      {"fail", "goes wrong", "  kitchen fail", declare_fail}};
    return table;
}

/// How a line ended and what it printed.
struct Printed {
    int exit_code;
    std::string out, err;
};

Printed run(const CommandTable& table, const std::vector<std::string>& words) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int exit_code = run_program(table, words);
    std::string out = testing::internal::GetCapturedStdout();
    return {exit_code, std::move(out), testing::internal::GetCapturedStderr()};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Program, TheNearestWordIsSuggestedIfItIsNear) {
    const std::vector<std::string> known = {"analyze", "evaluate", "train"};
    EXPECT_EQ(nearest("analyse", known), "analyze");
    EXPECT_EQ(nearest("trian", known), "train");
    EXPECT_EQ(nearest("serve", known), "");
}

TEST(Program, ACommandSeesItsFlagsAndItsLine) {
    EXPECT_EQ(run(kitchen(), {"boil", "brown egg", "--minutes", "5"}).exit_code, 3) << "the command's own code";
    EXPECT_EQ(g_typed, "kitchen boil 'brown egg' --minutes 5");
    EXPECT_EQ(run(kitchen(), {"boil"}).exit_code, 0);
}

TEST(Program, HelpBeginsWithExamplesAndVersionIsWhatTheTableSays) {
    const Printed help = run(kitchen(), {"--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.out.rfind("Examples:\n  kitchen boil egg\n\nIt cooks.", 0), 0u) << help.out;
    EXPECT_TRUE(contains(help.out, "`kitchen COMMAND --help` tells more.")) << help.out;
    EXPECT_EQ(run(kitchen(), {"boil", "--help"}).out.rfind("Examples:\n  kitchen boil egg --minutes 5", 0), 0u);
    EXPECT_EQ(run(kitchen(), {"--version"}).out, "kitchen 1.2\n");
    const Printed nothing = run(kitchen(), {});
    EXPECT_EQ(nothing.exit_code, 2);
    EXPECT_EQ(nothing.out, "");
    EXPECT_TRUE(contains(nothing.err, "Examples:"));
}

TEST(Program, WhatIsNotUnderstoodIsAnsweredWithWhatWouldBe) {
    EXPECT_TRUE(contains(run(kitchen(), {"boli"}).err,
                         "kitchen: unknown command \"boli\" (did you mean boil?); known are boil, fail"));
    EXPECT_TRUE(contains(run(kitchen(), {"boil", "--minuets=3"}).err,
                         "unknown flag --minuets (did you mean --minutes?); known are "));
    EXPECT_TRUE(contains(run(kitchen(), {"boil", "--minutes", "61"}).err, "--minutes must be from 1 to 60"));
    EXPECT_EQ(run(kitchen(), {"fail"}).exit_code, 2) << "a word is missing";
}

TEST(Program, ErrorsBecomeMessagesAndExitCodes) {
    const Printed model = run(kitchen(), {"fail", "model"});
    EXPECT_EQ(model.exit_code, 4);
    EXPECT_EQ(model.err, "affectsr: error: the model is gone [no_such_model]\n");
    EXPECT_EQ(run(kitchen(), {"fail", "memory"}).exit_code, 5);
    EXPECT_EQ(run(kitchen(), {"fail", "otherwise"}).exit_code, 1);
    const Printed reader = run(kitchen(), {"fail", "reader"});
    EXPECT_EQ(reader.exit_code, 141);
    EXPECT_EQ(reader.err, "");
}

TEST(Program, AnotherProgramMayTakeTheWordsBeforeTheyAreRead) {
    CommandTable table = kitchen();
    table.hand_over = [](const std::vector<std::string>& words) {
        g_handed_over = words.at(0);
        if (words[0] == "bake") throw UsageError("there is no oven", "no_oven");
    };
    const Printed bake = run(table, {"bake", "--nonsense"});
    EXPECT_EQ(bake.exit_code, 2);
    EXPECT_TRUE(contains(bake.err, "there is no oven [no_oven]"));
    EXPECT_EQ(run(table, {"boil"}).exit_code, 0) << "what it leaves alone is read as always";
    EXPECT_EQ(g_handed_over, "boil");
}

}  // namespace
}  // namespace affectsr::cli
