// The bytes of a Python pickle as operations, numbers and texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace affectsr {

/// What a byte of a pickle asks for. Source: Python's pickletools.py, protocols 0 to 5.
enum class PickleOperation : std::uint8_t {
    // Read here.
    kMark = '(',
    kStop = '.',
    kNone = 'N',
    kInt = 'I',
    kLong = 'L',
    kFloat = 'F',
    kString = 'S',
    kUnicode = 'V',
    kBinInt = 'J',
    kBinInt1 = 'K',
    kBinInt2 = 'M',
    kBinFloat = 'G',
    kBinString = 'T',
    kShortBinString = 'U',
    kBinUnicode = 'X',
    kBinBytes = 'B',
    kShortBinBytes = 'C',
    kEmptyList = ']',
    kList = 'l',
    kAppend = 'a',
    kAppends = 'e',
    kEmptyDict = '}',
    kDict = 'd',
    kSetItem = 's',
    kSetItems = 'u',
    kEmptyTuple = ')',
    kTuple = 't',
    kGet = 'g',
    kBinGet = 'h',
    kLongBinGet = 'j',
    kPut = 'p',
    kBinPut = 'q',
    kLongBinPut = 'r',
    kGlobal = 'c',
    kReduce = 'R',
    kBuild = 'b',
    kBinPersId = 'Q',
    kProto = 0x80,
    kTuple1 = 0x85,
    kTuple2 = 0x86,
    kTuple3 = 0x87,
    kNewTrue = 0x88,
    kNewFalse = 0x89,
    kLong1 = 0x8a,
    kLong4 = 0x8b,
    kShortBinUnicode = 0x8c,
    kBinUnicode8 = 0x8d,
    kBinBytes8 = 0x8e,
    kEmptySet = 0x8f,
    kAddItems = 0x90,
    kFrozenSet = 0x91,
    kStackGlobal = 0x93,
    kMemoize = 0x94,
    kFrame = 0x95,
    // Known and refused: they construct objects, refer outside, or no checkpoint has them.
    kInst = 'i',
    kObj = 'o',
    kPersId = 'P',
    kPop = '0',
    kPopMark = '1',
    kDup = '2',
    kNewObj = 0x81,
    kExt1 = 0x82,
    kExt2 = 0x83,
    kExt4 = 0x84,
    kNewObjEx = 0x92,
    kByteArray8 = 0x96,
    kNextBuffer = 0x97,
    kReadOnlyBuffer = 0x98,
};

/// The name of a refused operation as pickletools gives it; nullptr for any other code.
constexpr const char* refused_name(PickleOperation code) {
    switch (code) {
        case PickleOperation::kInst:
            return "INST";
        case PickleOperation::kObj:
            return "OBJ";
        case PickleOperation::kPersId:
            return "PERSID";
        case PickleOperation::kPop:
            return "POP";
        case PickleOperation::kPopMark:
            return "POP_MARK";
        case PickleOperation::kDup:
            return "DUP";
        case PickleOperation::kNewObj:
            return "NEWOBJ";
        case PickleOperation::kExt1:
            return "EXT1";
        case PickleOperation::kExt2:
            return "EXT2";
        case PickleOperation::kExt4:
            return "EXT4";
        case PickleOperation::kNewObjEx:
            return "NEWOBJ_EX";
        case PickleOperation::kByteArray8:
            return "BYTEARRAY8";
        case PickleOperation::kNextBuffer:
            return "NEXT_BUFFER";
        case PickleOperation::kReadOnlyBuffer:
            return "READONLY_BUFFER";
        default:
            return nullptr;
    }
}

/// Takes a pickle's bytes one after the other and words the faults. Every take throws ModelError (`model_damaged`) at
/// the end of the bytes.
class PickleScanner {
 public:
    /// `where` begins every message and must outlive the scanner.
    PickleScanner(std::span<const std::byte> bytes, const std::string& where)
        : bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), where_(where) {}

    std::size_t at() const { return at_; }
    std::string_view rest() const { return bytes_.substr(at_); }
    PickleOperation take_operation();
    std::string_view take(std::uint64_t count);
    std::uint64_t take_number(std::size_t width);  ///< little-endian, of 1, 2, 4 or 8 bytes
    std::string_view take_line();                  ///< without its end
    std::int64_t take_decimal();                   ///< a line of digits, with the "L" of Python 2's long numbers

    /// Throws ModelError (`model_damaged`): the pickle makes no sense at the operation taken last.
    [[noreturn]] void damaged(const std::string& why) const;
    /// Throws ModelError (`forbidden_pickle`): the pickle wants what affectsr never does.
    [[noreturn]] void forbid(const std::string& why) const;

 private:
    std::string_view bytes_;
    std::size_t at_ = 0, operation_at_ = 0;
    const std::string& where_;
};

/// Text of a file as a message may show it: quoted, cut, '?' for control characters and bytes outside ASCII.
std::string shown(std::string_view text);
/// "module.name", shown.
std::string shown(std::string_view module, std::string_view name);

}  // namespace affectsr
