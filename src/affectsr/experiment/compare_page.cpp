#include "affectsr/experiment/compare_page.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostListed = 50;  // rows of a list; the JSON report has all

std::string counted(const Json& count, const char* one, const char* many) {
    const auto n = count.get<std::int64_t>();
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string number(const Json& value, int digits) {
    if (!value.is_number()) return "–";
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value.get<double>());
    return text;
}

std::string word(const Json& value) {
    return value.is_null() ? "" : value.is_string() ? value.get<std::string>() : value.dump();
}

void add_summary(Page& page, const Report& report) {
    const Json& facts = report.facts;
    page.paragraph(counted(facts.at("pairs"), "pair of pictures", "pairs of pictures") + ": " +
                   counted(facts.at("compared"), "face", "faces") + " compared, " +
                   std::to_string(facts.at("vanished").get<std::int64_t>()) + " vanished, " +
                   std::to_string(facts.at("appeared").get<std::int64_t>()) + " appeared; " +
                   counted(facts.at("no_face"), "pair", "pairs") + " without a face" +
                   (report.failed.empty() ? "." : "; " + failure_count(report.failed) + "."));
    PageTable verdicts{
        "Verdicts", {"judge", "kept", "drifted", "changed", "undetermined", "flips", "flip rate", "95 %"}, {}, {}};
    PageTable measures{"Measures (means over faces)",
                       {"judge", "divergence, bits", "entropy change, bits", "ECM", "L_H", "L_conf",
                        "shift, eye distances", "of faces"},
                       {},
                       {}};
    for (const Json& row : report.rows) {
        std::vector<std::string> cells{word(row.at("judge"))};
        for (const char* key : {"kept", "drifted", "changed", "undetermined", "flip_count"})
            cells.push_back(word(row.at(key)));
        cells.push_back(number(row.at("flip_rate"), 3));
        cells.push_back(number(row.at("flip_rate_low"), 3) + " to " + number(row.at("flip_rate_high"), 3));
        verdicts.rows.push_back(std::move(cells));
        measures.rows.push_back({word(row.at("judge")), number(row.at("divergence_bits"), 4),
                                 number(row.at("entropy_change_bits"), 3), number(row.at("ecm"), 2),
                                 number(row.at("l_h"), 2), number(row.at("l_conf"), 4),
                                 number(row.at("landmark_shift"), 4), word(row.at("landmark_n"))});
    }
    page.table(verdicts);
    page.table(measures);
    page.list(report.notes);
}

/// A cell is the stronger the larger its share of its row is.
void add_matrix(Page& page, const Matrix& matrix) {
    PageTable table{matrix.title, {"before"}, {}, {}};
    table.head.insert(table.head.end(), matrix.columns.begin(), matrix.columns.end());
    for (std::size_t r = 0; r < matrix.cells.size(); ++r) {
        std::int64_t sum = 0;
        for (const std::int64_t count : matrix.cells[r]) sum += count;
        std::vector<std::string> cells{matrix.rows.at(r)};
        std::vector<double> shades{0};
        for (const std::int64_t count : matrix.cells[r]) {
            cells.push_back(std::to_string(count));
            shades.push_back(sum > 0 ? static_cast<double>(count) / static_cast<double>(sum) : 0);
        }
        table.rows.push_back(std::move(cells));
        table.shades.push_back(std::move(shades));
    }
    page.table(table);
}

Image enlarged(const Image& face) {
    return face.empty() ? face : resize(face, {kComparedPx, kComparedPx}, Filter::bicubic);
}

void add_worst(Page& page, std::span<const WorstPair> worst) {
    if (worst.empty()) return;
    page.heading(2, "The pairs whose readings differ most");
    page.paragraph(
        "Each face as the two pictures show it, cut alike; the divergence is the mean over the judges, largest first. "
        "Small pictures are enlarged by bicubic, as the judges see them.");
    for (const WorstPair& pair : worst) {
        std::string caption = pair.before + " → " + pair.after + ", face " + std::to_string(pair.face);
        for (const std::string& line : pair.lines) caption += "\n" + line;
        page.pictures(std::vector<PagePicture>{{enlarged(pair.picture_before), pair.caption_before, 0},
                                               {enlarged(pair.picture_after), pair.caption_after, 0}},
                      caption);
    }
}

/// Faces that were found in one picture alone.
void add_lone_faces(Page& page, const Report& report) {
    PageTable table{
        "", {"picture before", "picture after", "face", "what", "label before", "label after", "px"}, {}, {}};
    std::size_t all = 0;
    const std::string first_judge = report.rows.empty() ? "" : word(report.rows.front().at("judge"));
    for (const Json& row : report.facts.at("faces")) {
        const std::string status = word(row.at("status"));
        if ((status != "vanished" && status != "appeared") || word(row.at("judge")) != first_judge) continue;
        if (++all > kMostListed) continue;
        table.rows.push_back({word(row.at("before")), word(row.at("after")), word(row.at("face")), status,
                              status == "vanished" ? word(row.at("label_before")) : "",
                              status == "appeared" ? word(row.at("label_after")) : "", number(row.at("face_px"), 0)});
    }
    if (all == 0) return;
    page.heading(2, "Faces that vanished or appeared");
    page.table(table);
    if (all > kMostListed)
        page.paragraph("and " + std::to_string(all - kMostListed) + " more; the JSON report names all.");
}

void add_failed(Page& page, const Report& report) {
    if (report.failed.empty()) return;
    page.heading(2, "What could not be compared");
    PageTable table{failure_count(report.failed), {"picture", "code", "message"}, {}, {}};
    for (std::size_t i = 0; i < std::min(report.failed.size(), kMostListed); ++i)
        table.rows.push_back({report.failed[i].path, report.failed[i].code, report.failed[i].message});
    page.table(table);
    if (report.failed.size() > kMostListed)
        page.paragraph("and " + std::to_string(report.failed.size() - kMostListed) +
                       " more; the JSON report names all.");
}

void add_provenance(Page& page, const Report& report) {
    page.heading(2, "How it was made");
    PageTable models{"Who judged, found and located, with the SHA-256 of their weights", {"name", "SHA-256"}, {}, {}};
    for (const char* kind : {"judges", "models"})
        for (const auto& [name, sha256] : report.facts.at(kind).items())
            models.rows.push_back({name, sha256.is_null() ? "none" : word(sha256)});
    page.table(models);
    PageTable account{"", {}, {}, {}};
    const Json made_by = to_json(report.made_by);
    for (const auto& [key, value] : made_by.items())
        if (!value.is_object() && !word(value).empty()) account.rows.push_back({key, word(value)});
    for (const auto& [key, value] : made_by.at("options").items()) account.rows.push_back({key, word(value)});
    page.table(account);
}

}  // namespace

std::string comparison_page(const Report& report, std::span<const WorstPair> worst, const std::string& gate) {
    Page page(report.title);
    if (report.interrupted) page.warning("Interrupted: these figures are of a part of the pictures only.");
    if (!gate.empty()) page.warning(gate);
    add_summary(page, report);
    if (!report.matrices.empty()) {
        page.heading(2, "Which labels became which");
        for (const Matrix& matrix : report.matrices) add_matrix(page, matrix);
    }
    add_worst(page, worst);
    add_lone_faces(page, report);
    add_failed(page, report);
    add_provenance(page, report);
    return page.html();
}

}  // namespace affectsr
