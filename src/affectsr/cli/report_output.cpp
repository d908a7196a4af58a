#include "affectsr/cli/report_output.h"

#include <algorithm>

#include "affectsr/base/log.h"

namespace affectsr::cli {

namespace {

constexpr std::size_t kMostNamed = 10;  // failed inputs on stderr; the report has all

}  // namespace

std::string written(const Report& report, const std::string& format) {
    if (format == "json") return report.json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    return format == "csv" ? report.csv() : report.markdown();
}

std::unique_ptr<Output> opened(const std::filesystem::path& path, bool overwrite, InputFiles& files) {
    auto output = std::make_unique<Output>(path, overwrite ? IfExists::overwrite : IfExists::refuse, files);
    for (const char* suffix : {"", ".part"}) files.add(path.string() + suffix, "another output of this run");
    return output;
}

void end(Output& output, bool interrupted) {
    if (interrupted)
        output.stop();
    else
        output.finish();
}

void tell_failures(const std::vector<FailedInput>& failed) {
    for (std::size_t i = 0; i < std::min(failed.size(), kMostNamed); ++i) log(LogLevel::warning, failed[i].message);
    if (failed.empty()) return;
    log(LogLevel::warning, failure_count(failed) + (failed.size() > kMostNamed ? "; the JSON report names all" : ""));
}

int deliver(const Report& report, const std::string& format, Output& output, const Call& call) {
    output.write(written(report, format));
    end(output, report.interrupted);
    tell_failures(report.failed);
    if (report.interrupted) return call.stop.exit_code();
    return report.failed.empty() ? 0 : 3;
}

}  // namespace affectsr::cli
