// A user's program against the installed library: reads the expression of one made-up face.
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "affectsr/pipeline/pipeline.h"

int main() {
    affectsr::PipelineOptions options;
    options.already_cropped = true;
    options.classifier_model = MODELS_DIR "/small_net.safetensors";
    const affectsr::Pipeline pipeline(options);

    affectsr::Image face(48, 48);
    for (int y = 0; y < face.height; ++y)
        for (int x = 0; x < face.width; ++x)
            for (int channel = 0; channel < 3; ++channel)
                face.pixel(x, y)[channel] =
                    static_cast<std::uint8_t>(128 + 100 * std::sin(x * 0.3) * std::cos(y * 0.2));
    const affectsr::Answer answer = pipeline.run(face);
    if (answer.faces.size() != 1 || answer.faces[0].look.expression.labels.size() != affectsr::kExpressionClasses) {
        std::cerr << "expected one face with seven probabilities\n";
        return EXIT_FAILURE;
    }
    std::cout << affectsr::name_of(answer.faces[0].look.expression.best()) << '\n';
    return EXIT_SUCCESS;
}
