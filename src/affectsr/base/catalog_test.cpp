#include "affectsr/base/catalog.h"

#include <gtest/gtest.h>

#include <array>

namespace affectsr {
namespace {

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
};
struct SquareOptions {
    double side = 2;
    void fields(auto&& f) { f("side", side, "length of one side", Range{0, 10}); }
};
struct Square : Shape {
    explicit Square(const SquareOptions& options) : side(options.side) {}
    double area() const override { return side * side; }
    double side;
};
struct NoOptions {
    void fields(auto&&) {}
};
struct Dot : Shape {
    explicit Dot(const NoOptions&) {}
    double area() const override { return 0; }
};

std::span<const Entry<Shape>> shapes() {
    static const std::array kShapes{
        entry<Shape, Square, SquareOptions>("square", "Euclid, book I"),
        entry<Shape, Dot, NoOptions>("dot", "Euclid, book I"),
    };
    return kShapes;
}

TEST(Catalog, FindsAnEntryByItsName) {
    EXPECT_EQ(find(shapes(), "dot", "shape").name, "dot");
    EXPECT_EQ(find(shapes(), "square", "shape").source, "Euclid, book I");
}

TEST(Catalog, AnUnknownNameIsRefusedWithTheKnownOnes) {
    try {
        find(shapes(), "circle", "shape");
        FAIL() << "nothing was thrown";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "no shape is called \"circle\"; known are: square, dot");
        EXPECT_EQ(error.code(), "unknown_shape");
    }
}

TEST(Catalog, MakesTheThingWithDefaultsOrWithOptions) {
    const Entry<Shape>& square = find(shapes(), "square", "shape");
    EXPECT_EQ(square.make(Json::object())->area(), 4);
    EXPECT_EQ(square.make({{"side", 3}})->area(), 9);
    EXPECT_EQ(square.default_options, Json({{"side", 2.0}}));
}

TEST(Catalog, RefusesUnknownOptionsInTheNameOfTheEntry) {
    try {
        find(shapes(), "square", "shape").make({{"radius", 1}});
        FAIL() << "nothing was thrown";
    } catch (const UsageError& error) {
        EXPECT_STREQ(error.what(), "square: unknown setting \"radius\"; known are: side");
    }
}

TEST(Catalog, HelpNamesEveryOptionAndRefersToNoStruct) {
    const std::vector<Field> help = find(shapes(), "square", "shape").help();
    ASSERT_EQ(help.size(), 1u);
    EXPECT_EQ(help[0].name, "side");
    EXPECT_EQ(help[0].help, "length of one side");
    EXPECT_FALSE(help[0].set);
    EXPECT_FALSE(help[0].get);
    EXPECT_TRUE(find(shapes(), "dot", "shape").help().empty());
}

}  // namespace
}  // namespace affectsr
