#include "affectsr/program/measurement.h"

#include <memory>
#include <optional>

#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

int run_measurement(const std::string& title, const MeasurementSettings& settings, const Call& call,
                    const std::function<Measured(const MeasurementProgress&)>& measure) {
    const std::unique_ptr<Output> output =
        settings.output.empty()
            ? std::make_unique<Output>()
            : std::make_unique<Output>(settings.output, settings.overwrite ? IfExists::overwrite : IfExists::refuse);
    std::optional<Progress> bar;  // made when the number of steps is known
    const Measured measured = measure([&](std::size_t done, std::size_t total, const std::string& what) {
        if (!bar) bar.emplace(title, static_cast<std::int64_t>(total), !settings.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), what);
    });
    bar.reset();
    output->write(measured.text);
    if (measured.interrupted)
        output->stop();
    else
        output->finish();
    return measured.interrupted ? call.stop.exit_code() : 0;
}

}  // namespace affectsr::cli
