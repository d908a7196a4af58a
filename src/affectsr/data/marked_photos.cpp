#include "affectsr/data/marked_photos.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/json_file.h"
#include "affectsr/base/sha256.h"
#include "affectsr/image/codec.h"

namespace affectsr {

namespace {

constexpr std::int64_t kMostBytes = 64 << 20;
constexpr std::size_t kPoints = 5;

double with_two_decimals(float value) {
    return std::round(double{value} * 100) / 100;
}

Json to_json(const MarkedFace& face) {
    const Box& box = face.box_in_photo;
    Json json{{"box",
               {with_two_decimals(box.x), with_two_decimals(box.y), with_two_decimals(box.width),
                with_two_decimals(box.height)}}};
    for (const Point& point : face.landmarks_in_photo)
        json["points"].push_back({with_two_decimals(point.x), with_two_decimals(point.y)});
    if (face.score < 1) json["score"] = with_two_decimals(face.score);
    if (face.ignore) json["ignore"] = true;
    if (face.blurry) json["blurry"] = true;
    if (face.profile) json["profile"] = true;
    return json;
}

/// Wrong marks, told with the file and the photograph.
class Marks {
 public:
    Marks(const std::filesystem::path& file, std::string photo) : file_(file), photo_(std::move(photo)) {}

    [[noreturn]] void refuse(const std::string& why) const {
        throw InputError("bad_marks", file_.string() + ": " + photo_ + ": " + why);
    }
    std::vector<float> numbers(const Json& list, std::size_t count, const char* what) const {
        std::vector<float> values;
        if (list.is_array() && list.size() == count)
            for (const Json& value : list)
                if (value.is_number() && std::isfinite(value.get<double>())) values.push_back(value.get<float>());
        if (values.size() != count)
            refuse(std::string("\"") + what + "\" must be " + std::to_string(count) + " numbers, got " + list.dump());
        return values;
    }
    MarkedFace face(const Json& json) const {
        if (!json.is_object() || !json.contains("box")) refuse("a face without \"box\"");
        MarkedFace face;
        const std::vector<float> box = numbers(json["box"], 4, "box");
        face.box_in_photo = {box[0], box[1], box[2], box[3]};
        if (box[2] <= 0 || box[3] <= 0) refuse("a box without an area: " + json["box"].dump());
        if (json.contains("points")) {
            if (!json["points"].is_array() || json["points"].size() != kPoints) refuse("\"points\" must be five");
            for (const Json& point : json["points"]) {
                const std::vector<float> at = numbers(point, 2, "points");
                face.landmarks_in_photo.push_back({at[0], at[1]});
            }
        }
        try {
            face.score = json.value("score", 1.0F);
            face.ignore = json.value("ignore", false);
            face.blurry = json.value("blurry", false);
            face.profile = json.value("profile", false);
        } catch (const Json::exception& error) {
            refuse(error.what());
        }
        return face;
    }

 private:
    const std::filesystem::path& file_;
    std::string photo_;
};

MarkedPhoto photo_from(const Json& json, const std::filesystem::path& file) {
    MarkedPhoto photo;
    const Marks nameless(file, "a photograph");
    try {
        photo.file = json.at("file").get<std::string>();
        photo.sha256 = json.at("sha256").get<std::string>();
        photo.width = json.at("width").get<int>();
        photo.height = json.at("height").get<int>();
    } catch (const Json::exception& error) {
        nameless.refuse(error.what());
    }
    const Marks marks(file, photo.file);
    const std::filesystem::path name = photo.file;
    if (name.empty() || name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end())
        marks.refuse("a photograph's \"file\" must lie inside the folder of the photographs");
    if (photo.sha256.size() != 64 || photo.sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
        marks.refuse("\"sha256\" must be 64 hexadecimal digits");
    if (photo.width <= 0 || photo.height <= 0) marks.refuse("\"width\" and \"height\" must be above 0");
    if (!json.contains("faces") || !json["faces"].is_array()) marks.refuse("\"faces\" must be a list");
    for (const Json& face : json["faces"]) photo.faces.push_back(marks.face(face));
    return photo;
}

}  // namespace

Json to_json(const std::vector<MarkedPhoto>& photos) {
    Json list = Json::array();
    for (const MarkedPhoto& photo : photos) {
        Json faces = Json::array();
        for (const MarkedFace& face : photo.faces) faces.push_back(to_json(face));
        list.push_back({{"file", photo.file},
                        {"sha256", photo.sha256},
                        {"width", photo.width},
                        {"height", photo.height},
                        {"faces", std::move(faces)}});
    }
    return {{"photos", std::move(list)}};
}

std::vector<MarkedPhoto> read_marked_photos(const std::filesystem::path& file) {
    const Json json = read_json(file, kMostBytes);
    if (!json.is_object() || !json.contains("photos") || !json["photos"].is_array())
        throw InputError("bad_marks", file.string() + ": \"photos\" must be a list");
    std::vector<MarkedPhoto> photos;
    std::set<std::string> names;
    for (const Json& one : json["photos"]) {
        photos.push_back(photo_from(one, file));
        if (!names.insert(photos.back().file).second)
            throw InputError("bad_marks", file.string() + ": " + photos.back().file + " is named twice");
    }
    return photos;
}

Image open_marked_photo(const MarkedPhoto& photo, const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / photo.file;
    const std::vector<std::uint8_t> bytes = read_bytes(path, ImageLimits{}.file_bytes);
    const std::string hash = sha256_hex(std::as_bytes(std::span(bytes)));
    if (hash != photo.sha256)
        throw InputError("other_photo", path.string() +
                                            " is not the photograph whose faces were marked: its SHA-256 is " + hash +
                                            ", not " + photo.sha256);
    Image picture = decode_image(bytes, path.string());
    if (picture.width != photo.width || picture.height != photo.height)
        throw InputError("other_photo", path.string() + " is " + std::to_string(picture.width) + "x" +
                                            std::to_string(picture.height) + " px, its marks are for " +
                                            std::to_string(photo.width) + "x" + std::to_string(photo.height));
    return picture;
}

}  // namespace affectsr
