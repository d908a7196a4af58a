#include "affectsr/checkpoint/pickle_scanner.h"

#include <charconv>

#include "affectsr/base/error.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostShown = 120;  // bytes of a hostile text that are looked at for a message

}  // namespace

std::string shown(std::string_view text) {
    std::string clean(text.substr(0, kMostShown));
    for (char& c : clean)
        if (c < ' ' || c > '~') c = '?';
    return in_quotes(clean);
}

std::string shown(std::string_view module, std::string_view name) {
    return shown(std::string(module.substr(0, kMostShown)) + "." + std::string(name.substr(0, kMostShown)));
}

PickleOperation PickleScanner::take_operation() {
    operation_at_ = at_;
    return static_cast<PickleOperation>(take_number(1));
}

std::string_view PickleScanner::take(std::uint64_t count) {
    if (count > bytes_.size() - at_) damaged("it is cut off");
    const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
}

std::uint64_t PickleScanner::take_number(std::size_t width) {
    const std::string_view taken = take(width);
    std::uint64_t number = 0;
    for (std::size_t i = width; i-- > 0;) number = number << 8 | static_cast<unsigned char>(taken[i]);
    return number;
}

std::string_view PickleScanner::take_line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) damaged("a line does not end");
    const std::string_view line = take(end - at_);
    ++at_;
    return line;
}

std::int64_t PickleScanner::take_decimal() {
    std::string_view line = take_line();
    if (line.ends_with('L')) line.remove_suffix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc() || end != line.data() + line.size()) damaged("a number is " + shown(line));
    return number;
}

void PickleScanner::damaged(const std::string& why) const {
    throw ModelError("model_damaged",
                     where_ + ": the pickle is damaged: at its byte " + std::to_string(operation_at_) + " " + why);
}

void PickleScanner::forbid(const std::string& why) const {
    throw ModelError("forbidden_pickle", where_ + ": at byte " + std::to_string(operation_at_) + " of its pickle " +
                                             why +
                                             "; affectsr reads tensors beside plain values and runs nothing: save the "
                                             "network's state_dict() alone");
}

}  // namespace affectsr
