# The commands of this project; `make` alone lists them.
BUILD  ?= build/release
PREFIX ?= /usr/local
JOBS   ?= $(shell tools/jobs.sh)
OUT    ?= out
# More settings for the build, for example CMAKE_FLAGS="-D AFFECTSR_OPENCV=OFF".
CMAKE_FLAGS ?=
# So far examples/astronaut.png is reduced: the face found on it is then 24 px wide.
DEMO_SCALE  ?= 4

build   = cmake --build $(BUILD) --parallel $(JOBS)
program = $(BUILD)/src/affectsr/cli/affectsr

.PHONY: help deps demo test check bench install clean configure
.DEFAULT_GOAL := help

help:
	@echo "make deps      install the Debian packages that are missing (demo and test do it too; asks for sudo)"
	@echo "make demo      build the program, read the face on examples/astronaut.png, large and 24 px small"
	@echo "make test      build everything and run every test"
	@echo "make check     what must hold before a commit: format, tests, floors (TIDY=1: clang-tidy too)"
	@echo "make bench     build and run the speed measurements"
	@echo "make install   install program, libraries, headers and models (PREFIX=$(PREFIX))"
	@echo "make clean     remove $(BUILD) and $(OUT)"

deps:
	@tools/install_deps.sh

$(BUILD)/build.ninja:
	@echo "Configuring $(BUILD)"
	@cmake -S . -B $(BUILD) -G Ninja -D CMAKE_BUILD_TYPE=Release -D AFFECTSR_EXAMPLES=ON $(CMAKE_FLAGS) --log-level=WARNING

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

test: deps configure
	@$(build)
	@ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS)

check:
	@tools/check.sh $(if $(TIDY),--tidy)

bench: configure
	@tools/install_deps.sh --bench
	@cmake $(BUILD) -D AFFECTSR_BENCH=ON --log-level=WARNING
	@$(build) --target bench
	@for bench in $(BUILD)/src/affectsr/*/*_bench; do echo "$$bench"; $$bench || exit 1; done

install: configure
	@$(build)
	@cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	@cmake -E rm -rf $(BUILD) $(OUT)
