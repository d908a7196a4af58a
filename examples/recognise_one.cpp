// A photo in, the expression of every face out:  recognise_one PHOTO
#include <cstdio>

#include "affectsr/image/codec.h"
#include "affectsr/pipeline/pipeline.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: recognise_one PHOTO\n");
        return 2;
    }
    try {
        const affectsr::Pipeline pipeline{affectsr::PipelineOptions{}};  // built once, then only asked, from any thread
        const affectsr::Answer answer = pipeline.run(affectsr::read_image(argv[1]));
        for (const affectsr::Answer::Seen& seen : answer.faces) {
            const affectsr::Box& box = seen.face.box_in_photo;
            std::printf("%4.0f px at (%.0f, %.0f): ", box.size_px(), box.x, box.y);
            if (seen.look.expression.empty()) {
                std::printf("undetermined (%s)\n", seen.look.reason.c_str());
            } else {
                const affectsr::Expression& expression = seen.look.expression;
                std::printf("%s, %.0f %%\n", affectsr::name_of(expression.best()), 100 * expression.confidence());
            }
        }
        return 0;
    } catch (const affectsr::Error& error) {
        std::fprintf(stderr, "recognise_one: %s\n", error.what());
        return error.exit_code();
    }
}
