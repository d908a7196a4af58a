#include "affectsr/checkpoint/pickle.h"

#include <algorithm>

#include "affectsr/checkpoint/pickle_scanner.h"

namespace affectsr {

namespace {

// No checkpoint nests deeper than a few dozen; the limit keeps a walk over the values from being a deep one.
constexpr std::uint16_t kMostDepth = 500;

}  // namespace

/// Reads one pickle operation after the other, as pickle.py's load() does, but only writes down.
class PickleMachine : PickleScanner {
 public:
    PickleMachine(std::span<const std::byte> bytes, const PickleRules& rules, const std::string& where, Pickle& made)
        : PickleScanner(bytes, where), rules_(rules), made_(made) {
        made_.items_.emplace_back();  // what empty tuples share
    }

    void run() {
        for (std::size_t count = 0;; ++count) {
            if (count == rules_.most_operations) forbid("it has over " + std::to_string(count) + " operations");
            const PickleOperation code = take_operation();
            if (code == PickleOperation::kStop) break;
            play(code);
        }
        if (stack_.size() != 1 || !marks_.empty()) damaged("it ends with " + std::to_string(stack_.size()) + " values");
        made_.root_ = stack_.front();
        made_.length_ = at();
    }

 private:
    using Value = PickleValue;
    using Kind = PickleKind;
    using Op = PickleOperation;

    Value& push(Kind kind) {
        if (made_.values_.size() >= rules_.most_values)
            forbid("it has over " + std::to_string(rules_.most_values) + " values");
        Value& value = made_.values_.emplace_back();
        value.kind = kind;
        stack_.push_back(&value);
        return value;
    }
    void push_integer(std::int64_t number, Kind kind = Kind::integer) { push(kind).integer = number; }
    void push_text(std::string_view text, Kind kind = Kind::text) { push(kind).text = text; }
    /// Text of protocol 0, where a backslash begins an escape; no name of a tensor needs one.
    void push_line(std::string_view line) {
        if (line.find('\\') != std::string_view::npos) forbid("a text has an escape, " + shown(line));
        push_text(line);
    }
    void push_quoted_line() {
        const std::string_view line = take_line();
        if (line.size() < 2 || line.front() != line.back() || (line.front() != '\'' && line.front() != '"'))
            damaged("a text has no quotation marks");
        push_line(line.substr(1, line.size() - 2));
    }
    void push_long(std::uint64_t width) {
        const std::string_view digits = take(width);
        if (digits.size() > 8) return push_text(digits, Kind::big_integer);
        std::uint64_t number = !digits.empty() && (digits.back() & 0x80) ? ~std::uint64_t{0} : 0;
        for (std::size_t i = digits.size(); i-- > 0;) number = number << 8 | static_cast<unsigned char>(digits[i]);
        push_integer(static_cast<std::int64_t>(number));
    }
    Value& push_container(Kind kind) {
        Value& value = push(kind);
        value.items = static_cast<std::uint32_t>(made_.items_.size());
        made_.items_.emplace_back();
        return value;
    }

    /// The lowest place of the stack that the operation may take from: a MARK is a floor.
    std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
    Value* pop() {
        if (stack_.size() <= floor()) damaged("it takes a value that is not there");
        Value* value = stack_.back();
        stack_.pop_back();
        return value;
    }
    Value& top() {
        if (stack_.size() <= floor()) damaged("it needs a value that is not there");
        return *stack_.back();
    }
    /// Where the values above the last MARK begin; the MARK is gone.
    std::size_t pop_mark() {
        if (marks_.empty()) damaged("a MARK is missing");
        const std::size_t first = marks_.back();
        marks_.pop_back();
        return first;
    }

    void nest(Value& outer, const Value& inner) {
        if (inner.depth >= kMostDepth) forbid("values are nested over " + std::to_string(kMostDepth) + " deep");
        outer.depth = std::max<std::uint16_t>(outer.depth, static_cast<std::uint16_t>(inner.depth + 1));
    }
    void append(Value& container, const Value& item) {
        nest(container, item);
        made_.items_[container.items].push_back(&item);
    }
    /// Takes the values from place `first` of the stack on and puts them into a new container.
    void gather(Kind kind, std::size_t first) {
        if (first > stack_.size() || first < floor()) damaged("it takes a value that is not there");
        std::vector<const Value*> taken(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end());
        stack_.resize(first);
        if (kind == Kind::dict && taken.size() % 2 != 0) damaged("a key has no value");
        Value& container = taken.empty() && kind == Kind::tuple ? push(kind) : push_container(kind);
        for (const Value* item : taken) nest(container, *item);
        if (!taken.empty()) made_.items_.back() = std::move(taken);
    }
    void gather_last(std::size_t count) {
        if (stack_.size() < count) damaged("it takes a value that is not there");
        gather(Kind::tuple, stack_.size() - count);
    }
    /// Takes the values from place `first` of the stack on and adds them to the container below them.
    void extend(Kind kind, std::size_t first) {
        if (first > stack_.size() || first <= floor()) damaged("there is nothing to add to");
        Value& container = *stack_[first - 1];
        if (container.kind != kind) damaged("it adds to what cannot be added to");
        if (kind == Kind::dict && (stack_.size() - first) % 2 != 0) damaged("a key has no value");
        for (std::size_t i = first; i < stack_.size(); ++i) append(container, *stack_[i]);
        stack_.resize(first);
    }
    void extend_by_last(Kind kind, std::size_t count) {
        if (stack_.size() < count) damaged("it takes a value that is not there");
        extend(kind, stack_.size() - count);
    }

    void remember(std::uint64_t slot) {
        if (slot >= rules_.most_values) forbid("it remembers a value as number " + std::to_string(slot));
        if (slot >= memo_.size()) memo_.resize(slot + 1, nullptr);
        memo_[slot] = &top();
        memoized_ = std::max<std::size_t>(memoized_, slot + 1);
    }
    void recall(std::uint64_t slot) {
        if (slot >= memo_.size() || memo_[slot] == nullptr)
            damaged("it recalls value " + std::to_string(slot) + ", which it never remembered");
        // Not a new value, but room on the stack all the same.
        if (stack_.size() >= rules_.most_values) forbid("its stack is too high");
        stack_.push_back(memo_[slot]);
    }

    void push_global(std::string_view module, std::string_view name) {
        for (const PickleGlobal& global : rules_.globals)
            if (global.name.size() == module.size() + 1 + name.size() && global.name[module.size()] == ' ' &&
                global.name.starts_with(module) && global.name.ends_with(name))
                return push_text(global.name, Kind::global);
        forbid("it names " + shown(module, name) + ", which is not on the list of what a checkpoint may name");
    }
    void push_stacked_global() {
        const Value* name = pop();
        const Value* module = pop();
        if (name->kind != Kind::text || module->kind != Kind::text) forbid("it names a global that is no text");
        push_global(module->text, name->text);
    }
    PickleUse use_of(const Value& global) const {
        for (const PickleGlobal& known : rules_.globals)
            if (known.name == global.text) return known.use;
        return PickleUse::name;
    }

    /// OrderedDict([[key, value], …]), as Python 2 wrote it.
    void fill_from_pairs(Value& dict, const Value& arguments) {
        const auto given = made_.items(arguments);
        if (given.empty()) return;
        if (given.size() > 1 || given[0]->kind != Kind::list) damaged("a dict is made of what is no list of pairs");
        for (const Value* pair : made_.items(*given[0])) {
            const bool sound = pair->kind == Kind::list || pair->kind == Kind::tuple;
            if (!sound || made_.items(*pair).size() != 2) damaged("a dict is made of what is no list of pairs");
            // Counts as a value, so that one long list cannot be made into many dicts.
            if (++copied_pairs_ > rules_.most_values) forbid("its dicts are made of too many pairs");
            append(dict, *made_.items(*pair)[0]);
            append(dict, *made_.items(*pair)[1]);
        }
    }
    void call() {
        const Value* arguments = pop();
        const Value* callee = pop();
        if (arguments->kind != Kind::tuple) damaged("a call's arguments are no tuple");
        if (callee->kind != Kind::global) forbid("it calls what is no name");
        const PickleUse use = use_of(*callee);
        if (use == PickleUse::name) forbid("it calls " + shown(callee->text) + ", which may only be named");
        if (use == PickleUse::dict) return fill_from_pairs(push_container(Kind::dict), *arguments);
        Value& result = push_container(Kind::call);
        append(result, *callee);
        append(result, *arguments);
    }
    void drop_state() {
        const Value* state = pop();
        const Value& object = top();
        const bool is_dict = object.kind == Kind::dict;
        const bool may =
            is_dict || (object.kind == Kind::call && use_of(*made_.items(object)[0]) == PickleUse::call_with_state);
        if (!may) forbid("it gives a state to what may have none");
        if (state->kind == Kind::dict) {
            const auto items = made_.items(*state);
            for (std::size_t i = 0; i < items.size(); i += 2)
                if (items[i]->kind == Kind::text && items[i]->text.starts_with("__"))
                    forbid("a state sets " + shown(items[i]->text));
        } else if (is_dict || state->kind != Kind::tuple) {
            forbid("a state is of the wrong kind");
        }
    }
    void refer() {
        if (!rules_.persistent) forbid("it refers to something outside itself");
        const Value* id = pop();
        if (id->kind != Kind::tuple) forbid("it refers to something outside itself by a name or path");
        append(push_container(Kind::persistent), *id);
        made_.persistent_.push_back(stack_.back());
    }
    void mark() {
        if (marks_.size() >= kMostDepth) forbid("values are nested over " + std::to_string(kMostDepth) + " deep");
        marks_.push_back(stack_.size());
    }

    void play(Op code);
    [[noreturn]] void refuse(Op code);
    bool play_scalar(Op code);
    bool play_container(Op code);

    const PickleRules& rules_;
    Pickle& made_;
    std::vector<Value*> stack_;
    std::vector<std::size_t> marks_;  // heights of the stack
    std::vector<Value*> memo_;
    std::size_t memoized_ = 0;  // one past the highest memo number, where MEMOIZE goes on
    std::size_t copied_pairs_ = 0;
};

bool PickleMachine::play_scalar(Op code) {
    switch (code) {
        case Op::kNone:
            return push(Kind::none), true;
        case Op::kNewTrue:
            return push_integer(1, Kind::boolean), true;
        case Op::kNewFalse:
            return push_integer(0, Kind::boolean), true;
        case Op::kInt: {
            // Protocol 0 writes True as "I01" and False as "I00".
            const bool is_truth = rest().starts_with("01\n") || rest().starts_with("00\n");
            return push_integer(take_decimal(), is_truth ? Kind::boolean : Kind::integer), true;
        }
        case Op::kLong:
            return push_integer(take_decimal()), true;
        case Op::kBinInt:
            return push_integer(static_cast<std::int32_t>(take_number(4))), true;
        case Op::kBinInt1:
            return push_integer(static_cast<std::int64_t>(take_number(1))), true;
        case Op::kBinInt2:
            return push_integer(static_cast<std::int64_t>(take_number(2))), true;
        case Op::kLong1:
            return push_long(take_number(1)), true;
        case Op::kLong4:
            return push_long(take_number(4)), true;
        case Op::kFloat:
            return take_line(), push(Kind::number), true;
        case Op::kBinFloat:
            return take(8), push(Kind::number), true;
        case Op::kString:
            return push_quoted_line(), true;
        case Op::kUnicode:
            return push_line(take_line()), true;
        case Op::kShortBinString:
        case Op::kShortBinUnicode:
            return push_text(take(take_number(1))), true;
        case Op::kBinString:
        case Op::kBinUnicode:
            return push_text(take(take_number(4))), true;
        case Op::kBinUnicode8:
            return push_text(take(take_number(8))), true;
        case Op::kShortBinBytes:
            return push_text(take(take_number(1)), Kind::bytes), true;
        case Op::kBinBytes:
            return push_text(take(take_number(4)), Kind::bytes), true;
        case Op::kBinBytes8:
            return push_text(take(take_number(8)), Kind::bytes), true;
        default:
            return false;
    }
}

bool PickleMachine::play_container(Op code) {
    switch (code) {
        case Op::kMark:
            return mark(), true;
        case Op::kEmptyList:
        case Op::kEmptySet:
            return push_container(Kind::list), true;
        case Op::kEmptyDict:
            return push_container(Kind::dict), true;
        case Op::kEmptyTuple:
            return push(Kind::tuple), true;
        case Op::kTuple1:
            return gather_last(1), true;
        case Op::kTuple2:
            return gather_last(2), true;
        case Op::kTuple3:
            return gather_last(3), true;
        case Op::kTuple:
            return gather(Kind::tuple, pop_mark()), true;
        case Op::kList:
        case Op::kFrozenSet:
            return gather(Kind::list, pop_mark()), true;
        case Op::kDict:
            return gather(Kind::dict, pop_mark()), true;
        case Op::kAppend:
            return extend_by_last(Kind::list, 1), true;
        case Op::kAppends:
        case Op::kAddItems:
            return extend(Kind::list, pop_mark()), true;
        case Op::kSetItem:
            return extend_by_last(Kind::dict, 2), true;
        case Op::kSetItems:
            return extend(Kind::dict, pop_mark()), true;
        default:
            return false;
    }
}

void PickleMachine::play(Op code) {
    if (play_scalar(code) || play_container(code)) return;
    switch (code) {
        case Op::kProto:
            if (const std::uint64_t protocol = take_number(1); protocol > 5)
                damaged("it is of protocol " + std::to_string(protocol) + ", known are 0 to 5");
            return;
        case Op::kFrame:
            if (take_number(8) > rest().size()) damaged("it is cut off");
            return;
        case Op::kGet:
            return recall(static_cast<std::uint64_t>(take_decimal()));
        case Op::kBinGet:
            return recall(take_number(1));
        case Op::kLongBinGet:
            return recall(take_number(4));
        case Op::kPut:
            return remember(static_cast<std::uint64_t>(take_decimal()));
        case Op::kBinPut:
            return remember(take_number(1));
        case Op::kLongBinPut:
            return remember(take_number(4));
        case Op::kMemoize:
            return remember(memoized_);
        case Op::kGlobal: {
            const std::string_view module = take_line();
            return push_global(module, take_line());
        }
        case Op::kStackGlobal:
            return push_stacked_global();
        case Op::kReduce:
            return call();
        case Op::kBuild:
            return drop_state();
        case Op::kBinPersId:
            return refer();
        default:
            refuse(code);
    }
}

void PickleMachine::refuse(Op code) {
    if (code == Op::kInst) {
        const std::string_view module = take_line();
        forbid("it makes an instance (INST) of " + shown(module, take_line()));
    }
    if (const char* name = refused_name(code)) forbid(std::string("it has the operation ") + name);
    damaged("there is no operation " + std::to_string(static_cast<int>(code)));
}

Pickle::Pickle(std::span<const std::byte> bytes, const PickleRules& rules, const std::string& where) {
    PickleMachine(bytes, rules, where, *this).run();
}

const PickleValue* find(const Pickle& pickle, const PickleValue& dict, std::string_view key) {
    if (dict.kind != PickleKind::dict) return nullptr;
    const auto items = pickle.items(dict);
    for (std::size_t i = items.size(); i >= 2; i -= 2)
        if (items[i - 2]->kind == PickleKind::text && items[i - 2]->text == key) return items[i - 1];
    return nullptr;
}

}  // namespace affectsr
