// A restricted reader of Python pickles: it writes down what a pickle describes and never does what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr {

/// What a value of a pickle is.
enum class PickleKind : std::uint8_t {
    none,
    boolean,
    integer,      ///< fits 64 bits
    big_integer,  ///< does not; `text` holds its bytes, little-endian two's complement
    number,       ///< a float; its value is not kept, nothing here asks for it
    text,
    bytes,
    list,  ///< also a set: order and repetition do not matter to our callers
    tuple,
    dict,        ///< items: key, value, key, value, …
    global,      ///< the name of a Python class or function of the allow-list, as "module name"
    call,        ///< what calling a global would give; items: the global and the tuple of its arguments
    persistent,  ///< a reference that the pickle's reader must resolve; one item
};

/// One value. Its text lies in the pickle's own bytes, which must outlive it.
struct PickleValue {
    PickleKind kind = PickleKind::none;
    std::uint16_t depth = 0;   ///< values nested below it
    std::uint32_t items = 0;   ///< for Pickle::items
    std::int64_t integer = 0;  ///< of an integer; a boolean is 0 or 1
    std::string_view text;     ///< of text, bytes, big_integer and global
};

/// How the values of a pickle may use a global.
enum class PickleUse : std::uint8_t {
    name,             ///< only be named, as an argument
    call,             ///< be called
    call_with_state,  ///< be called, and the result be given a state by BUILD, which is dropped
    dict,             ///< be called to make a dict, which may be given a state, which is dropped
};

/// A Python class or function that a pickle may name.
struct PickleGlobal {
    std::string_view name;  ///< "module name"
    PickleUse use = PickleUse::name;
};

/// What a pickle may hold. A pickle over a limit is refused; so memory and time do not depend on what it claims.
struct PickleRules {
    std::span<const PickleGlobal> globals;  ///< every other one is refused
    bool persistent = false;                ///< whether it may refer outside itself
    std::size_t most_operations = 1u << 20;
    std::size_t most_values = 1u << 18;  ///< ten thousand tensors take this many
};

/// A pickle as it was written down: a value and the values it is made of.
///
/// Protocols 0 to 5 as far as PyTorch checkpoints use them. Nothing is imported, called or constructed: a call becomes
/// a value that says so. Values may share others and, in lists and dicts, may contain themselves; whoever walks them
/// bounds the walk. Source: Python's pickletools.py, which defines every operation.
class Pickle {
 public:
    /// Reads the pickle at the beginning of `bytes`, which must outlive the object. `where` begins every message.
    /// Throws ModelError: `forbidden_pickle` for an operation or a global outside the allow-list, a persistent
    /// reference that is text, a state with Python's own methods, or a pickle over the limits (also nesting over 500);
    /// `model_damaged` for one that is cut off or makes no sense.
    Pickle(std::span<const std::byte> bytes, const PickleRules& rules, const std::string& where);

    Pickle(const Pickle&) = delete;  // its values point at each other
    Pickle(Pickle&&) = default;

    const PickleValue& root() const { return *root_; }
    /// What a list, tuple, dict, call or persistent reference is made of.
    std::span<const PickleValue* const> items(const PickleValue& value) const { return items_[value.items]; }
    /// Bytes that the pickle takes of those it was given.
    std::size_t length() const { return length_; }
    /// Every persistent reference, in the order of the pickle.
    std::span<const PickleValue* const> persistent() const { return persistent_; }

 private:
    friend class PickleMachine;
    std::deque<PickleValue> values_;
    std::deque<std::vector<const PickleValue*>> items_;
    std::vector<const PickleValue*> persistent_;
    const PickleValue* root_ = nullptr;
    std::size_t length_ = 0;
};

/// The value of `key` in a dict, the last one if it is there twice; nullptr if it is not there or `dict` is no dict.
const PickleValue* find(const Pickle& pickle, const PickleValue& dict, std::string_view key);

}  // namespace affectsr
