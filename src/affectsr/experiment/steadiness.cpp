#include "affectsr/experiment/steadiness.h"

#include <algorithm>

#include "affectsr/image/codec.h"
#include "affectsr/metric/bootstrap.h"

namespace affectsr {

namespace {

constexpr std::uint64_t kSeed = 1;  // of the bootstrap
constexpr const char* kProtocol =
    "every photograph goes through the whole path (detector, crop, restorer, classifier) as it is, which is what a PNG "
    "holds, and again encoded and decoded as JPEG, as WebP, and mirrored left to right; faces are matched by the "
    "overlap "
    "of their boxes, the mirrored ones mirrored back; a label flips if a face that is found again has another one";

double overlap_of(const Box& a, const Box& b) {
    const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    if (!(width > 0 && height > 0)) return 0;
    const double both = static_cast<double>(width) * static_cast<double>(height);
    const auto area = [](const Box& box) { return static_cast<double>(box.width) * static_cast<double>(box.height); };
    return both / (area(a) + area(b) - both);
}

Image mirrored(const Image& photo) {
    Image mirror = photo;
    for (int y = 0; y < photo.height; ++y)
        for (int x = 0; x < photo.width; ++x) std::copy_n(photo.pixel(photo.width - 1 - x, y), 3, mirror.pixel(x, y));
    return mirror;
}

std::vector<Box> boxes_of(const Answer& answer) {
    std::vector<Box> boxes;
    for (const Answer::Seen& seen : answer.faces) boxes.push_back(seen.face.box_in_photo);
    return boxes;
}

std::vector<Box> mirrored_back(std::vector<Box> boxes, int photo_width) {
    for (Box& box : boxes) box.x = static_cast<float>(photo_width) - box.x - box.width;
    return boxes;
}

Json side_of(const Expression& expression) {
    return {{"label", name_of(expression.best())}, {"confidence", expression.confidence()}};
}

}  // namespace

std::vector<int> matched(const std::vector<Box>& before, const std::vector<Box>& now, double overlap) {
    std::vector<int> matches;
    std::vector<char> taken(now.size());
    for (const Box& box : before) {
        int best = -1;
        double most = overlap;
        for (std::size_t i = 0; i < now.size(); ++i) {
            const double shared = overlap_of(box, now[i]);
            if (taken[i] || shared < most || (best >= 0 && shared == most)) continue;
            best = static_cast<int>(i);
            most = shared;
        }
        if (best >= 0) taken[static_cast<std::size_t>(best)] = 1;
        matches.push_back(best);
    }
    return matches;
}

Steadiness::Steadiness(const Pipeline& pipeline, const SteadinessOptions& options)
    : pipeline_(pipeline), options_(options) {}

void Steadiness::add(const std::string& name, const Image& photo) {
    const Answer before = pipeline_.run(photo);
    const Answer as_jpeg = pipeline_.run(decode_image(encode_jpeg(photo, options_.jpeg_quality), name + " as JPEG"));
    const Answer as_webp = pipeline_.run(decode_image(encode_webp(photo, options_.webp_quality), name + " as WebP"));
    const Answer in_mirror = pipeline_.run(mirrored(photo));
    compare(name, "jpeg", before, boxes_of(as_jpeg), as_jpeg, jpeg_);
    compare(name, "webp", before, boxes_of(as_webp), as_webp, webp_);
    compare(name, "mirror", before, mirrored_back(boxes_of(in_mirror), photo.width), in_mirror, mirror_);
    faces_ += static_cast<std::int64_t>(before.faces.size());
    photos_.push_back({{"path", name}, {"faces", before.faces.size()}});
}

void Steadiness::compare(const std::string& name, const char* variant, const Answer& before,
                         const std::vector<Box>& boxes_now, const Answer& now, Count& count) {
    const std::vector<Box> boxes = boxes_of(before);
    const std::vector<int> matches = matched(boxes, boxes_now, options_.overlap);
    std::int64_t again = 0;
    for (std::size_t i = 0; i < matches.size(); ++i) {
        if (matches[i] < 0) {
            ++count.not_found;
            continue;
        }
        ++again;
        const Expression& was = before.faces[i].look.expression;
        const Expression& is = now.faces[static_cast<std::size_t>(matches[i])].look.expression;
        if (was.empty() || is.empty()) {
            ++(was.empty() && is.empty() ? count.no_label : is.empty() ? count.lost_label : count.got_label);
            continue;
        }
        ++count.compared;
        if (was.best() == is.best()) continue;
        ++count.flipped;
        flips_.push_back({{"path", name},
                          {"variant", variant},
                          {"box", {boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height}},
                          {"before", side_of(was)},
                          {"now", side_of(is)}});
    }
    count.new_faces += static_cast<std::int64_t>(now.faces.size()) - again;
}

Report Steadiness::report(const std::string& command) const {
    Report report;
    report.title = "Labels that flip";
    report.made_by = provenance_now(command);
    report.made_by.protocol = kProtocol;
    report.made_by.seed = kSeed;
    for (const auto& [name, count] : {std::pair{"jpeg", jpeg_}, {"webp", webp_}, {"mirror", mirror_}}) {
        const Interval interval = bootstrap_share(count.flipped, count.compared, kSeed);
        const bool any = count.compared > 0;
        report.rows.push_back(
            {{"variant", name},
             {"photos", photos_.size()},
             {"faces", faces_},
             {"compared", count.compared},
             {"flipped", count.flipped},
             {"share", any ? Json(static_cast<double>(count.flipped) / static_cast<double>(count.compared)) : Json()},
             {"share_low", any ? Json(interval.low) : Json()},
             {"share_high", any ? Json(interval.high) : Json()},
             {"not_found", count.not_found},
             {"lost_label", count.lost_label},
             {"got_label", count.got_label},
             {"no_label", count.no_label},
             {"new_faces", count.new_faces}});
    }
    report.facts["photos"] = photos_;
    report.facts["flips"] = flips_;
    report.tables = {{"",
                      {{"variant", "variant", -1},
                       {"photos", "photos", -1},
                       {"faces", "faces", -1},
                       {"compared", "compared", -1},
                       {"flipped", "flipped", -1},
                       {"share", "share", 4},
                       {"share_low", "95 % from", 4},
                       {"share_high", "to", 4},
                       {"not_found", "not found again", -1},
                       {"lost_label", "label lost", -1},
                       {"got_label", "label got", -1},
                       {"no_label", "without label", -1},
                       {"new_faces", "new faces", -1}}}};
    report.notes = {
        "the share is of the faces that are found again and have a label both times; the others are counted "
        "beside it"};
    return report;
}

}  // namespace affectsr
