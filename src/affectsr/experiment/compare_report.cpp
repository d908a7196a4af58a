#include "affectsr/experiment/compare_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace affectsr {

namespace {

constexpr const char* kProtocol =
    "both pictures are searched for faces at one size; a face is cut from both by the same frame, its own pixels "
    "enlarged by MATLAB bicubic where a judge looks at more, and both are read by every judge, calibrated for the size "
    "that the face had before";

Json rounded(double value, double per_unit) {
    if (!std::isfinite(value)) return nullptr;
    return std::round(value * per_unit) / per_unit;
}
Json rounded(std::optional<double> value, double per_unit) {
    return value ? rounded(*value, per_unit) : Json(nullptr);
}
Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}
Json box_json(const Box& box) {
    Json json = Json::array();
    for (const float value : {box.x, box.y, box.width, box.height}) json.push_back(rounded(double{value}, 100));
    return json;
}

Json probabilities_of(const Expression& expression) {
    Json json = Json::object();
    for (std::size_t i = 0; i < expression.labels.size(); ++i)
        json[name_of(expression.labels[i])] = rounded(double{expression.probability[i]}, 1e6);
    return json;
}

std::string label_in(const Reading& reading) {
    return reading.expression.empty() ? "undetermined" : name_of(reading.expression.best());
}
Json confidence_in(const Reading& reading) {
    return reading.expression.empty() ? Json(nullptr) : rounded(double{reading.expression.confidence()}, 1e6);
}

/// A row with every key, of a pair without faces.
Json empty_row(const std::string& before, const std::string& after, const std::string& status) {
    Json row{{"before", text_or_null(before)}, {"after", text_or_null(after)}, {"status", status}};
    for (const char* key : {"error", "face", "judge", "verdict", "reason", "label_before", "confidence_before",
                            "label_after", "confidence_after", "divergence_bits", "entropy_change_bits", "flipped",
                            "landmark_shift", "face_px", "box_before", "box_after"})
        row[key] = nullptr;
    for (const char* key : {"probabilities_before", "probabilities_after"}) row[key] = Json::object();
    return row;
}

void tell_reading(Json& row, const char* when, const Reading& reading) {
    row[std::string("label_") + when] = label_in(reading);
    row[std::string("confidence_") + when] = confidence_in(reading);
    row[std::string("probabilities_") + when] = probabilities_of(reading.expression);
}

void tell_drift(Json& row, const Drift& drift) {
    row["verdict"] = name_of(drift.verdict);
    row["reason"] = text_or_null(drift.reason);
    row["divergence_bits"] = rounded(drift.divergence_bits, 1e6);
    row["entropy_change_bits"] = rounded(drift.entropy_change_bits, 1e6);
    row["flipped"] = drift.flipped;
}

std::string percent(const Reading& reading) {
    if (reading.expression.empty()) return "undetermined (" + reading.reason + ")";
    char text[64];
    std::snprintf(text, sizeof text, "%s %.0f %%", name_of(reading.expression.best()),
                  100.0 * static_cast<double>(reading.expression.confidence()));
    return text;
}

/// Mean over judges; 0 where none could read it before.
double badness_of(const ComparedFace& face) {
    double sum = 0;
    for (const Drift& drift : face.drifts)
        sum += drift.divergence_bits.value_or(drift.verdict == DriftVerdict::changed ? 1 : 0);
    return face.drifts.empty() ? 0 : sum / static_cast<double>(face.drifts.size());
}

std::string size_text(const Image& picture) {
    return std::to_string(picture.width) + " px";
}

std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::vector<std::string> notes_of(const CompareOptions& options, std::int64_t vanished, std::int64_t appeared) {
    const DriftOptions& drift = options.drift;
    return {
        "undetermined: the judge is less than " + number_text(100 * drift.sure) +
            " % sure both times, the face could not be read before, or the label is another one while the answers are "
            "nearly the same",
        "changed: another label and a Jensen-Shannon divergence of " + number_text(drift.changed_bits) +
            " bits or more, or a face that can no longer be read; drifted: " + number_text(drift.drifted_bits) +
            " bits or more, or points that moved by " + number_text(drift.drifted_shift) +
            " eye distances or more in the mean; kept: the rest",
        "a face flips if its label is another one, whatever the verdict; vanished faces (" + std::to_string(vanished) +
            ", found before alone) count as flipped, those that appeared (" + std::to_string(appeared) +
            ", found after alone) are in no figure",
        "ECM = " + number_text(options.ecm.alpha) + " L_H + " + (options.ecm.logarithm == "decimal" ? "log10" : "ln") +
            "(L_conf), lower is better: " + std::to_string(options.ecm.bins) + " bins of confidence, histograms as " +
            options.ecm.histogram + ", entropies in " + options.ecm.entropy +
            "; L_H grows as faces get fewer, so compare equal numbers of faces",
        "a judge can be wrong both times: what is measured is whether its answer stayed, not whether it is right"};
}

void lay_out_judges(Report& report) {
    report.tables = {{"",
                      {{"judge", "judge"},
                       {"faces", "faces"},
                       {"kept", "kept"},
                       {"drifted", "drifted"},
                       {"changed", "changed"},
                       {"undetermined", "undetermined"},
                       {"flip_count", "flips"},
                       {"flip_rate", "flip rate", 3},
                       {"flip_rate_low", "95 % from", 3},
                       {"flip_rate_high", "to", 3},
                       {"divergence_bits", "divergence, bits", 4},
                       {"entropy_change_bits", "entropy change, bits", 3},
                       {"ecm", "ECM", 2},
                       {"l_h", "L_H", 2},
                       {"l_conf", "L_conf", 4},
                       {"landmark_shift", "shift", 4},
                       {"landmark_n", "of faces"}}}};
    for (const Json& row : report.rows) {
        if (row.at("flips").is_null()) continue;
        Matrix matrix;
        matrix.title = "Labels by " + row.at("judge").get<std::string>() + " (rows: before, columns: after)";
        matrix.rows = matrix.columns = row.at("flip_labels").get<std::vector<std::string>>();
        matrix.cells = row.at("flips").get<std::vector<std::vector<std::int64_t>>>();
        report.matrices.push_back(std::move(matrix));
    }
}

}  // namespace

FaceComparison::FaceComparison(const CompareParty& party, const CompareOptions& options)
    : party_(party), options_(options) {
    for (std::size_t j = 0; j < party.judges.size(); ++j) tallies_.push_back({ReadingTally(options.ecm, options.seed)});
}

std::vector<Json> FaceComparison::add(const std::string& before, const std::string& after,
                                      std::vector<ComparedFace> faces) {
    ++pairs_;
    std::vector<Json> rows;
    if (faces.empty()) {
        ++no_face_;
        rows.push_back(empty_row(before, after, "no_face"));
    }
    for (std::size_t i = 0; i < faces.size(); ++i) {
        ComparedFace& face = faces[i];
        count(face);
        for (std::size_t j = 0; j < party_.judges.size(); ++j) {
            Json row = empty_row(before, after, name_of(face.status));
            row["face"] = i + 1;
            row["judge"] = party_.judges[j].name;
            row["face_px"] = rounded(face.face_px, 100);
            if (face.status != PairStatus::appeared) row["box_before"] = box_json(face.box_before);
            if (face.status != PairStatus::vanished) row["box_after"] = box_json(face.box_after);
            tell_reading(row, "before", face.before[j]);
            tell_reading(row, "after", face.after[j]);
            row["landmark_shift"] = rounded(face.landmark_shift, 1e6);
            if (face.status == PairStatus::compared) tell_drift(row, face.drifts[j]);
            rows.push_back(std::move(row));
        }
        keep_if_bad(before, after, i + 1, face);
    }
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    return rows;
}

Json FaceComparison::add_failed(const std::string& before, const std::string& after, const std::string& code,
                                const std::string& message) {
    failed_.push_back({before.empty() ? after : before, 0, code, message});
    Json row = empty_row(before, after, "failed");
    row["error"] = {{"code", code}, {"message", message}};
    rows_.push_back(row);
    return row;
}

void FaceComparison::count(const ComparedFace& face) {
    ++statuses_[static_cast<std::size_t>(face.status)];
    if (face.landmark_shift) {
        ++shifts_;
        shift_sum_ += *face.landmark_shift;
    }
    for (std::size_t j = 0; j < tallies_.size(); ++j) {
        Tally& tally = tallies_[j];
        if (face.status == PairStatus::appeared) continue;  // there is nothing that it could have kept
        tally.readings.add(face.before[j].expression, face.after[j].expression);
        const bool lost = face.status == PairStatus::vanished && !face.before[j].expression.empty();
        tally.flips += lost || (!face.drifts.empty() && face.drifts[j].flipped);
        if (face.drifts.empty()) continue;
        const Drift& drift = face.drifts[j];
        ++tally.verdicts[static_cast<std::size_t>(drift.verdict)];
        if (!drift.divergence_bits) continue;
        ++tally.read;
        tally.divergence_sum += *drift.divergence_bits;
        tally.entropy_sum += *drift.entropy_change_bits;
    }
}

void FaceComparison::keep_if_bad(const std::string& before, const std::string& after, std::size_t number,
                                 ComparedFace& face) {
    if (face.status != PairStatus::compared) return;
    const double bits = badness_of(face);
    const auto place = std::upper_bound(worst_.begin(), worst_.end(), bits, [](double value, const WorstPair& pair) {
        return value > pair.divergence_bits;
    });
    if (place == worst_.end() && worst_.size() >= kMostWorst) return;
    WorstPair pair{before, after, number, bits, {}, {}, {}, {}, {}};
    for (std::size_t j = 0; j < face.drifts.size(); ++j) {
        const Drift& drift = face.drifts[j];
        char bits_text[48] = "";
        if (drift.divergence_bits) std::snprintf(bits_text, sizeof bits_text, ", %.3f bits", *drift.divergence_bits);
        const std::string reason = drift.verdict == DriftVerdict::undetermined ? " (" + drift.reason + ")" : "";
        pair.lines.push_back(party_.judges[j].name + ": " + percent(face.before[j]) + " → " + percent(face.after[j]) +
                             bits_text + ": " + name_of(drift.verdict) + reason);
    }
    if (face.landmark_shift) {
        char shift[64];
        std::snprintf(shift, sizeof shift, "points moved by %.3f eye distances", *face.landmark_shift);
        pair.lines.emplace_back(shift);
    }
    pair.caption_before = "before, " + size_text(face.picture_before);
    pair.caption_after = "after, " + size_text(face.picture_after);
    pair.picture_before = std::move(face.picture_before);
    pair.picture_after = std::move(face.picture_after);
    worst_.insert(place, std::move(pair));
    if (worst_.size() > kMostWorst) worst_.pop_back();
}

Json FaceComparison::row_of(std::size_t judge) const {
    const Tally& tally = tallies_[judge];
    const auto mean = [](double sum, std::int64_t n) { return n > 0 ? Json(sum / static_cast<double>(n)) : Json(); };
    Json row{{"judge", party_.judges[judge].name}, {"faces", statuses_[0]}};
    for (const DriftVerdict verdict :
         {DriftVerdict::kept, DriftVerdict::drifted, DriftVerdict::changed, DriftVerdict::undetermined})
        row[name_of(verdict)] = tally.verdicts[static_cast<std::size_t>(verdict)];
    row["flip_count"] = tally.flips;
    row.update(tally.readings.row());
    row["divergence_bits"] = mean(tally.divergence_sum, tally.read);
    row["entropy_change_bits"] = mean(tally.entropy_sum, tally.read);
    row["landmark_shift"] = mean(shift_sum_, shifts_);
    row["landmark_n"] = shifts_;
    return row;
}

Report FaceComparison::report(Provenance made_by, bool interrupted) const {
    Report report;
    report.title = "Expressions before and after";
    report.made_by = std::move(made_by);
    report.made_by.options = to_json(options_);
    report.made_by.protocol = kProtocol;
    report.made_by.seed = options_.seed;
    report.made_by.precision_asked = options_.precision;
    report.interrupted = interrupted;
    report.failed = failed_;
    report.facts = {{"pairs", pairs_},
                    {"compared", statuses_[0]},
                    {"vanished", statuses_[1]},
                    {"appeared", statuses_[2]},
                    {"no_face", no_face_},
                    {"judges", Json::object()},
                    {"models",
                     {{options_.detector, text_or_null(party_.detector_sha256)},
                      {options_.landmarker, text_or_null(party_.landmarker_sha256)}}}};
    for (const ExpressionJudge& judge : party_.judges) {
        report.facts["judges"][judge.name] = text_or_null(judge.model_sha256);
        if (const auto used = judge.classifier->precision()) report.made_by.precision = name_of(*used);
    }
    report.facts["faces"] = rows_;
    for (std::size_t j = 0; j < tallies_.size(); ++j) report.rows.push_back(row_of(j));
    lay_out_judges(report);
    report.notes = notes_of(options_, statuses_[1], statuses_[2]);
    return report;
}

std::string compared_faces_csv(const std::vector<Json>& rows) {
    Report faces;
    faces.rows = rows;
    Table table;
    for (const char* key : {"before",
                            "after",
                            "status",
                            "error.code",
                            "error.message",
                            "face",
                            "judge",
                            "verdict",
                            "reason",
                            "label_before",
                            "confidence_before",
                            "label_after",
                            "confidence_after",
                            "divergence_bits",
                            "entropy_change_bits",
                            "flipped",
                            "landmark_shift",
                            "face_px",
                            "box_before",
                            "box_after"})
        table.columns.push_back({key, key});
    for (const char* when : {"before", "after"})
        for (const Emotion emotion : seven_emotions())
            table.columns.push_back({std::string("probabilities_") + when + "." + name_of(emotion), ""});
    faces.tables.push_back(std::move(table));
    return faces.csv();
}

}  // namespace affectsr
