#include "affectsr/checkpoint/pickle.h"

#include <gtest/gtest.h>

#include <array>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/test_checkpoints.h"

namespace affectsr {
namespace {

using namespace test_checkpoints;

constexpr std::array kGlobals = {PickleGlobal{"collections OrderedDict", PickleUse::dict},
                                 PickleGlobal{"torch FloatStorage"}, PickleGlobal{"torch Size", PickleUse::call},
                                 PickleGlobal{"numpy dtype", PickleUse::call_with_state}};
const PickleRules kRules{kGlobals, true};
const std::string kWhere = "x.pth";

Pickle read(const std::string& bytes, const PickleRules& rules = kRules) {
    return Pickle(std::as_bytes(std::span(bytes)), rules, kWhere);
}

/// The error's code and message; empty if the bytes were read.
std::string refusal(const std::string& bytes, const PickleRules& rules = kRules) {
    try {
        read(bytes, rules);
    } catch (const ModelError& error) {
        return error.code() + ": " + error.what();
    }
    return "";
}

std::vector<std::int64_t> integers(const Pickle& pickle) {
    std::vector<std::int64_t> found;
    for (const PickleValue* item : pickle.items(pickle.root())) found.push_back(item->integer);
    return found;
}

TEST(Pickle, ReadsNumbersOfEveryProtocol) {
    // pickle.dumps([1, -2, 300, 70000, -5, True, False], protocol=…) of Python 3.11, joined.
    const std::string bytes = pickle("](K\x01J\xfe\xff\xff\xffM\x2c\x01\x8a\x03p\x11\x01\x8a\x01\xfb\x88\x89" +
                                     std::string("I01\nI00\nI7\nL8L\n\x8b\x02\x00\x00\x00\xff\xff", 22) + "e");
    EXPECT_EQ(integers(read(bytes)), (std::vector<std::int64_t>{1, -2, 300, 70000, -5, 1, 0, 1, 0, 7, 8, -1}));
    const Pickle read_back = read(bytes);
    EXPECT_EQ(read_back.items(read_back.root())[5]->kind, PickleKind::boolean);
    EXPECT_EQ(read_back.items(read_back.root())[7]->kind, PickleKind::boolean);
    EXPECT_EQ(read_back.items(read_back.root())[9]->kind, PickleKind::integer);
    EXPECT_EQ(read_back.length(), bytes.size());
}

TEST(Pickle, ReadsTextsOfEveryProtocol) {
    const std::string bytes = pickle(std::string("](S'one'\nVtwo\nU\x05threeT\x04\0\0\0four", 30) + text("five") +
                                     std::string("\x8c\x03six\x8d\x05\0\0\0\0\0\0\0seven", 19) + "e");
    const Pickle made = read(bytes);
    std::string all;
    for (const PickleValue* item : made.items(made.root())) {
        EXPECT_EQ(item->kind, PickleKind::text);
        all += std::string(item->text) + " ";
    }
    EXPECT_EQ(all, "one two three four five six seven ");
}

TEST(Pickle, ReadsWhatPythonWritesInProtocol4) {
    // pickle.dumps({'a': (1, 2.5, None), 'b': [b'x', 'a']}, protocol=4) of Python 3.11
    const std::string bytes(
        "\x80\x04\x95\x25\0\0\0\0\0\0\0}\x94(\x8c\x01"
        "a\x94K\x01G@\x04\0\0\0\0\0\0N\x87\x94\x8c\x01"
        "b\x94]\x94("
        "C\x01x\x94h\x01"
        "eu.",
        48);
    const Pickle made = read(bytes);
    const PickleValue* a = find(made, made.root(), "a");
    ASSERT_NE(a, nullptr);
    ASSERT_EQ(a->kind, PickleKind::tuple);
    EXPECT_EQ(made.items(*a)[0]->integer, 1);
    EXPECT_EQ(made.items(*a)[1]->kind, PickleKind::number);
    EXPECT_EQ(made.items(*a)[2]->kind, PickleKind::none);
    const PickleValue* b = find(made, made.root(), "b");
    EXPECT_EQ(made.items(*b)[0]->kind, PickleKind::bytes);
    EXPECT_EQ(made.items(*b)[1]->text, "a");
    EXPECT_EQ(find(made, made.root(), "c"), nullptr);
}

TEST(Pickle, WritesDownACallInsteadOfCalling) {
    const std::string bytes = pickle(call(global("torch", "Size"), {tuple({number(2)})}));
    const Pickle made = read(bytes);
    EXPECT_EQ(made.root().kind, PickleKind::call);
    EXPECT_EQ(made.items(made.root())[0]->text, "torch Size");
    EXPECT_EQ(made.items(made.root())[1]->kind, PickleKind::tuple);
}

TEST(Pickle, MakesADictOfThePairsThatPython2Wrote) {
    const std::string bytes =
        pickle(call(global("collections", "OrderedDict"), {list({list({text("a"), number(3)})})}));
    const Pickle made = read(bytes);
    EXPECT_EQ(find(made, made.root(), "a")->integer, 3);
}

TEST(Pickle, SharesARememberedValue) {
    const std::string bytes = pickle("](]q\x05h\x05" + number(1) + "h\x05" + number(2) + "e");
    const Pickle made = read(bytes);
    const auto found = made.items(made.root());
    ASSERT_EQ(found.size(), 5u);
    EXPECT_EQ(found[0], found[1]);
    EXPECT_EQ(found[0], found[3]);
}

TEST(Pickle, ListsItsReferencesOutside) {
    const std::string bytes = pickle(tuple({storage("Float", "0", 4), storage("Float", "1", 2)}));
    const Pickle made = read(bytes);
    ASSERT_EQ(made.persistent().size(), 2u);
    EXPECT_EQ(made.items(*made.items(*made.persistent()[1])[0])[2]->text, "1");
    EXPECT_NE(refusal(bytes, {kGlobals, false}).find("refers to something outside"), std::string::npos);
}

struct RefusedPickle {
    std::string bytes, message;
};

TEST(Pickle, RefusesWhatCouldRunCode) {
    const std::string os = global("os", "system");
    for (const RefusedPickle& one : std::vector<RefusedPickle>{
             {os, "\"os.system\""},
             {global("posix", "system"), "\"posix.system\""},
             {global("builtins", "eval"), "\"builtins.eval\""},
             {text("os") + text("system") + "\x93", "\"os.system\""},
             {text("torch") + text("FloatStorage.__class__") + "\x93", "\"torch.FloatStorage.__class__\""},
             {number(1) + text("system") + "\x93", "a global that is no text"},
             {"(ios\nsystem\n", "(INST) of \"os.system\""},
             {"(" + global("torch", "Size") + "o", "operation OBJ"},
             {global("torch", "Size") + ")\x81", "operation NEWOBJ"},
             {global("torch", "Size") + ")}\x92", "operation NEWOBJ_EX"},
             {"\x82\x01", "operation EXT1"},
             {"P/etc/passwd\n", "operation PERSID"},
             {text("/etc/passwd") + "Q", "by a name or path"},
             {"N2", "operation DUP"},
             {call(global("torch", "FloatStorage"), {}), "may only be named"},
             {text("eval") + ")R", "calls what is no name"},
             {call(global("torch", "Size"), {}) + dict({{"a", none()}}) + "b", "gives a state"},
             {"]" + dict({{"a", none()}}) + "b", "gives a state"},
             {ordered_dict({}) + dict({{"__setstate__", none()}}) + "b", "sets \"__setstate__\""},
             {ordered_dict({}) + dict({{"__class__", none()}}) + "b", "sets \"__class__\""},
             {ordered_dict({}) + tuple({none()}) + "b", "of the wrong kind"},
         }) {
        const std::string said = refusal(pickle(one.bytes));
        EXPECT_TRUE(said.starts_with("forbidden_pickle: x.pth: ")) << said;
        EXPECT_NE(said.find(one.message), std::string::npos) << one.message << " is not in " << said;
    }
}

TEST(Pickle, RefusesWhatGrowsWithoutEnd) {
    const PickleRules small{kGlobals, true, 100, 50};
    std::string laughs = "]q" + std::string(1, '\0');  // every list holds the one before ten times
    for (int i = 1; i < 100; ++i) {
        const std::string before(1, static_cast<char>(i - 1)), now(1, static_cast<char>(i));
        laughs += "(" + repeated("h" + before, 10) + "lq" + now;
    }
    laughs = "(" + laughs + "l";
    const std::string pairs = list(std::vector<std::string>(10, list({text("a"), none()}))) + "q\x07";
    for (const RefusedPickle& one : std::vector<RefusedPickle>{
             {repeated("]q\x01", 60), "over 100 operations"},
             {repeated("]", 51), "over 50 values"},
             {"]q\x01" + repeated("h\x01", 60), "stack is too high"},
             {"]r\xff\xff\xff\xff", "remembers a value as number 4294967295"},
         }) {
        const std::string said = refusal(pickle(one.bytes), small);
        EXPECT_TRUE(said.starts_with("forbidden_pickle: ")) << said;
        EXPECT_NE(said.find(one.message), std::string::npos) << one.message << " is not in " << said;
    }
    // Sharing costs nothing, so a billion laughs are 100 lists; they are read and nobody walks them.
    const std::string bytes = pickle(laughs);
    const Pickle laughing = read(bytes);
    EXPECT_EQ(laughing.root().kind, PickleKind::list);
    // Making dicts of one long list again and again does cost something.
    const std::string again =
        pickle("(" + pairs + repeated(global("collections", "OrderedDict") + "h\x07\x85R", 12) + "t");
    EXPECT_NE(refusal(again, {kGlobals, true, 1000, 100}).find("too many pairs"), std::string::npos);
}

TEST(Pickle, RefusesDeepNesting) {
    for (const std::string& bytes : {repeated("(", 10000), repeated("]", 10000) + repeated("a", 9999),
                                     ")" + repeated("\x85", 10000), repeated("](", 10000) + repeated("e", 10000)})
        EXPECT_NE(refusal(pickle(bytes)).find("nested over 500 deep"), std::string::npos);
}

TEST(Pickle, RefusesWhatMakesNoSense) {
    for (const RefusedPickle& one : std::vector<RefusedPickle>{
             {"", "cut off"},
             {"\x80\x02", "cut off"},
             {"\x80\x06.", "protocol 6"},
             {".", "ends with 0 values"},
             {"NN.", "ends with 2 values"},
             {"(N.", "ends with 1 values"},
             {"X\xff\xff\xff\xff", "cut off"},
             {"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", "cut off"},
             {"\x95\xff\xff\xff\xff\xff\xff\xff\xff.", "cut off"},
             {"\x8b\xff\xff\xff\x7f.", "cut off"},
             {"S'a", "does not end"},
             {"Sa'\n.", "no quotation marks"},
             {"I1x\n.", "a number is \"1x\""},
             {"t.", "a MARK is missing"},
             {"(N\x86.", "not there"},
             {"\x86.", "not there"},
             {"N(a.", "nothing to add to"},
             {"NNa.", "cannot be added to"},
             {"}(Nu.", "a key has no value"},
             {"(Nd.", "a key has no value"},
             {"]NNs.", "cannot be added to"},
             {"h\x01.", "never remembered"},
             {"g-1\n.", "never remembered"},
             {"q\x01.", "is not there"},
             {"(q\x01.", "is not there"},
             {"R.", "is not there"},
             {"NNR.", "arguments are no tuple"},
             {"b.", "is not there"},
             {"Q.", "is not there"},
             {std::string(1, '\0') + ".", "there is no operation 0"},
             {"\xff.", "there is no operation 255"},
         }) {
        const std::string said = refusal(one.bytes);
        EXPECT_TRUE(said.starts_with("model_damaged: x.pth: ")) << said << " for " << one.bytes;
        EXPECT_NE(said.find(one.message), std::string::npos) << one.message << " is not in " << said;
    }
}

TEST(Pickle, ShowsHostileNamesHarmlessly) {
    const std::string said = refusal(pickle(global(std::string(10000, 'm'), "\x1b[2Jx\xff")));
    EXPECT_LT(said.size(), 500u);
    EXPECT_EQ(said.find('\x1b'), std::string::npos);
    EXPECT_EQ(refusal(pickle(global("a\x1b[2J", "b"))).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace affectsr
