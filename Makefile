# The commands of this project; `make` alone lists them.
BUILD  ?= build/release
PREFIX ?= /usr/local
JOBS   ?= $(shell tools/jobs.sh)
OUT    ?= out
# More settings for the build, for example CMAKE_FLAGS="-D AFFECTSR_OPENCV=ON" for OpenCV's detectors.
CMAKE_FLAGS ?=
# More for ctest, for example CTEST_FLAGS="-R ^detect/".
CTEST_FLAGS ?=
# So far examples/astronaut.png is reduced: the face found on it is then 24 px wide.
DEMO_SCALE  ?= 4

build   = cmake --build $(BUILD) --parallel $(JOBS)
program = $(BUILD)/bin/affectsr

# One folder for all: `make demo` builds what answers, the others turn on what they need besides; no object is compiled anew.
configure = cmake -S . -B $(BUILD) -G Ninja --log-level=WARNING
runtime   = -D CMAKE_BUILD_TYPE=Release -D AFFECTSR_TRAIN=OFF -D AFFECTSR_TESTS=OFF
train     = -D CMAKE_BUILD_TYPE=Release -D AFFECTSR_TRAIN=ON
everything = $(train) -D AFFECTSR_TESTS=ON -D AFFECTSR_EXAMPLES=ON -D AFFECTSR_BENCH=ON $(opencv)  # so that none of them rots
# OpenCV's detectors are tested where OpenCV is installed.
opencv    = -D AFFECTSR_OPENCV=$(if $(wildcard /usr/include/opencv4/opencv2/objdetect.hpp),ON,OFF)

.PHONY: help deps demo train test check bench install clean configure
.DEFAULT_GOAL := help

help:
	@echo "make deps      install the Debian packages that affectsr needs and that are missing (asks for sudo)"
	@echo "make demo      build affectsr, read the face on examples/astronaut.png, large and 24 px small"
	@echo "make train     build affectsr-train, which brings LibTorch with it"
	@echo "make test      build everything and run every test"
	@echo "make check     what must hold before a commit: format, tests, floors (TIDY=1: clang-tidy too)"
	@echo "make bench     build and run the speed measurements"
	@echo "make install   install what was built: programs, libraries, headers and models (PREFIX=$(PREFIX))"
	@echo "make clean     remove $(BUILD) and $(OUT)"

deps:
	@tools/install_deps.sh

$(BUILD)/build.ninja:
	@echo "Configuring $(BUILD)"
	@$(configure) $(runtime) $(CMAKE_FLAGS)

configure: $(BUILD)/build.ninja

demo: deps configure
	@$(build) --target affectsr
	@mkdir -p $(OUT)
	@echo; echo "The photograph as it is:"
	@$(program) analyze examples/astronaut.png --format text --overwrite --pictures $(OUT)/pictures --strips $(OUT)/strips
	@$(program) degrade examples/astronaut.png -o $(OUT)/astronaut_24px.png --overwrite --scale $(DEMO_SCALE)
	@echo; echo "The same, reduced until the face is 24 px wide:"
	@$(program) analyze $(OUT)/astronaut_24px.png --format text --overwrite --pictures $(OUT)/pictures --strips $(OUT)/strips
	@echo; echo "Pictures with the answers:  $(OUT)/pictures"; echo "What the model saw:         $(OUT)/strips"

train:
	@tools/install_deps.sh --train
	@$(configure) $(train) $(CMAKE_FLAGS)
	@$(build) --target affectsr-train

test:
	@tools/install_deps.sh --test
	@$(configure) $(everything) $(CMAKE_FLAGS)
	@$(build)
	@ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS) $(CTEST_FLAGS)

check:
	@tools/check.sh $(if $(TIDY),--tidy)

bench:
	@tools/install_deps.sh --bench
	@$(configure) $(runtime) -D AFFECTSR_BENCH=ON $(CMAKE_FLAGS)
	@$(build) --target bench
	@for bench in $(BUILD)/src/affectsr/*/*_bench; do echo "$$bench"; $$bench || exit 1; done

install: configure
	@$(build)
	@cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	@cmake -E rm -rf $(BUILD) $(OUT)
