#include "affectsr/experiment/training_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// A log file, removed at the end.
struct LogFile {
    explicit LogFile(const std::string& text)
        : path(std::filesystem::temp_directory_path() / ("affectsr_run_" + std::to_string(::getpid()) + ".log.jsonl")) {
        std::ofstream(path, std::ios::binary) << text;
    }
    ~LogFile() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

const char* const kTwoEpochs =
    R"({"epoch":1,"step":10,"loss":0.5,"losses":{"l1":0.4}})"
    "\n"
    R"({"epoch":2,"step":20,"loss":0.25,"losses":{"l1":0.2},"validation":{"expression":{"25":0.8,"13":0.6}}})"
    "\n";

TEST(TrainingLog, HasEveryNumberByItsPlace) {
    const LogFile file(kTwoEpochs);
    const TrainingLog log = read_training_log(file.path);
    EXPECT_EQ(log.epochs, (std::vector<double>{1, 2}));
    EXPECT_EQ(log.figures.at("losses.l1"), (std::vector<double>{0.4, 0.2}));
    EXPECT_TRUE(std::isnan(log.figures.at("validation.expression.25")[0])) << "validated later";
    EXPECT_EQ(log.figures.at("validation.expression.13")[1], 0.6);
    EXPECT_EQ(log.name, "affectsr_run_" + std::to_string(::getpid()));
}

TEST(TrainingLog, ALineThatIsBeingWrittenIsLeftOut) {
    const LogFile file(std::string(kTwoEpochs) + R"({"epoch":3,"lo)");
    EXPECT_EQ(read_training_log(file.path).epochs.size(), 2U);
}

TEST(TrainingLog, RefusesWhatIsNone) {
    for (const char* text : {"", "{\"epoch\":1}\nno JSON\n", "{\"n\":1}\n", "[1]\n"}) {
        const LogFile file(text);
        EXPECT_THROW(read_training_log(file.path), InputError) << text;
    }
    EXPECT_THROW(read_training_log("/nowhere.log.jsonl"), InputError);
}

TEST(TrainingLog, APageHasAPlotForEveryFigureAndALineForEveryTraining) {
    const LogFile file(kTwoEpochs);
    const std::vector<TrainingLog> logs(2, read_training_log(file.path));
    const std::string page = training_page(logs);
    EXPECT_NE(page.find(">validation.expression<"), std::string::npos);
    EXPECT_NE(page.find(", 25 px<"), std::string::npos);
    EXPECT_LT(page.find(">loss<"), page.find(">validation.expression<"));
    EXPECT_LT(page.find(">validation.expression<"), page.find(">losses.l1<"));
}

}  // namespace
}  // namespace affectsr
