#include "affectsr/image/reconstruction.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <sstream>
#include <string_view>
#include <utility>

#include "affectsr/base/fields.h"

namespace affectsr {

namespace {

using namespace std::string_view_literals;

/// Characters that XML gives a meaning, and their names.
constexpr std::pair<char, std::string_view> kEntities[] = {
    {'&', "&amp;"sv}, {'<', "&lt;"sv}, {'>', "&gt;"sv}, {'"', "&quot;"sv}, {'\'', "&apos;"sv}};

std::string escaped(const std::string& text) {
    const std::string sound = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
    std::string xml;
    for (const char c : sound) {
        std::string_view shown(&c, 1);
        for (const auto& [character, name] : kEntities)
            if (c == character) shown = name;
        if (static_cast<unsigned char>(c) < 0x20) shown = " ";  // XML has no other control characters
        xml += shown;
    }
    return xml;
}

std::string unescaped(std::string_view xml) {
    std::string text;
    while (!xml.empty()) {
        std::size_t taken = 1;
        char c = xml.front();
        for (const auto& [character, name] : kEntities)
            if (xml.starts_with(name)) c = character, taken = name.size();
        text += c;
        xml.remove_prefix(taken);
    }
    return text;
}

std::string sizes_text(const std::vector<double>& sizes) {
    std::string text;
    char number[32];
    for (const double size : sizes) {
        std::snprintf(number, sizeof number, "%.6g", std::round(size * 100) / 100);
        text += (text.empty() ? "" : " ") + std::string(number);
    }
    return text;
}

/// The value of an attribute of the packet; std::nullopt: it is not there.
std::optional<std::string> attribute(std::string_view xmp, const std::string& name) {
    const std::string begin = " affectsr:" + name + "=\"";
    const std::size_t at = xmp.find(begin);
    if (at == std::string_view::npos) return std::nullopt;
    xmp.remove_prefix(at + begin.size());
    const std::size_t end = xmp.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    return unescaped(xmp.substr(0, end));
}

Json to_json(const Reconstruction& made) {
    Json sizes = Json::array();
    for (const double size : made.face_px) sizes.push_back(std::round(size * 100) / 100);
    return {{"reconstruction", true},
            {"digital_source_type", digital_source_type(made)},
            {"restorer", made.restorer},
            {"model_sha256", made.model_sha256.empty() ? Json(nullptr) : Json(made.model_sha256)},
            {"affectsr", made.version},
            {"scale", made.scale},
            {"face_px", sizes}};
}

constexpr std::string_view kPacketBegin = R"(<?xpacket begin=")"
                                          "\xEF\xBB\xBF"
                                          R"(" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmlns:affectsr="urn:affectsr:xmp:1.0:")";
constexpr std::string_view kPacketEnd = R"(/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>)";

}  // namespace

std::string digital_source_type(const Reconstruction& made) {
    return std::string("http://cv.iptc.org/newscodes/digitalsourcetype/") +
           (made.is_trained() ? "compositeWithTrainedAlgorithmicMedia" : "algorithmicallyEnhanced");
}

PictureNotes notes_of(const Reconstruction& made) {
    const std::string software = "affectsr " + made.version;
    std::vector<std::pair<std::string, std::string>> attributes{
        {"xmp:CreatorTool", software},
        {"Iptc4xmpExt:DigitalSourceType", digital_source_type(made)},
    };
    if (made.is_trained()) {
        attributes.emplace_back("Iptc4xmpExt:AISystemUsed", software + ", " + made.restorer);
        attributes.emplace_back("Iptc4xmpExt:AISystemVersionUsed", "model file sha256 " + made.model_sha256);
    }
    attributes.insert(attributes.end(), {{"affectsr:Reconstruction", "True"},
                                         {"affectsr:Restorer", made.restorer},
                                         {"affectsr:ModelSha256", made.model_sha256},
                                         {"affectsr:Version", made.version},
                                         {"affectsr:Scale", std::to_string(made.scale)},
                                         {"affectsr:Faces", std::to_string(made.face_px.size())},
                                         {"affectsr:FaceSizesPx", sizes_text(made.face_px)}});
    PictureNotes notes;
    notes.xmp = kPacketBegin;
    for (const auto& [name, value] : attributes) notes.xmp += "\n    " + name + "=\"" + escaped(value) + "\"";
    notes.xmp += kPacketEnd;
    notes.texts = {{"Software", software},
                   {"affectsr", to_json(made).dump(-1, ' ', true, Json::error_handler_t::replace)}};
    return notes;
}

std::optional<Reconstruction> reconstruction_in(const PictureNotes& notes) {
    if (attribute(notes.xmp, "Reconstruction") != "True") return std::nullopt;
    const auto restorer = attribute(notes.xmp, "Restorer"), sha256 = attribute(notes.xmp, "ModelSha256"),
               version = attribute(notes.xmp, "Version"), scale = attribute(notes.xmp, "Scale"),
               sizes = attribute(notes.xmp, "FaceSizesPx");
    if (!restorer || !sha256 || !version || !scale || !sizes) return std::nullopt;
    Reconstruction made{*restorer, *sha256, *version, 0, {}};
    const char* const end = scale->data() + scale->size();
    const auto read = std::from_chars(scale->data(), end, made.scale);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    std::istringstream words(*sizes);
    words.imbue(std::locale::classic());
    for (double size = 0; words >> size;) made.face_px.push_back(size);
    return words.eof() ? std::optional(std::move(made)) : std::nullopt;
}

}  // namespace affectsr
