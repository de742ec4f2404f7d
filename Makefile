# make demo    the main job, shown on a real program
# make test    every test, on a fresh machine too
# make check   the ordinary loop: the codec alone
# make matrix  every way to record against every way to replay
BUILD ?= build
JOBS ?= 2
FUZZ_SECONDS ?= 600

CMAKE = cmake -G Ninja -DCMAKE_INSTALL_PREFIX=$(CURDIR)/$(BUILD)/install
CTEST = ctest --output-on-failure -j $(JOBS)
STAGE = .ci/stage

.PHONY: all setup build asan wasmtime guests real matrix check test test-long demo bench fuzz format tidy install clean

all: build

setup:
	@$(STAGE) setup 600 .ci/setup

build: setup
	@$(STAGE) build 600 sh -c '$(CMAKE) -S . -B $(BUILD) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }; \
	  ninja -C $(BUILD) -j $(JOBS) --quiet'

# The codec again by clang, under ASan and UBSan, with the fuzz targets.
asan: setup
	@$(STAGE) asan 900 sh -c '$(CMAKE) -S . -B $(BUILD)-asan -DCMAKE_C_COMPILER=clang \
	  -DCMAKE_CXX_COMPILER=clang++ -DCROSSING_SANITIZE=ON -DCROSSING_FUZZ=ON \
	  -DCROSSING_GUESTS=$(CURDIR)/$(BUILD)/guests >$(BUILD)-asan.log 2>&1 \
	  || { cat $(BUILD)-asan.log; exit 1; }; ninja -C $(BUILD)-asan -j $(JOBS) --quiet'

# The engine of Wasmtime: cargo takes minutes, once for each version, in the user's cache folder.
wasmtime: build
	@$(STAGE) wasmtime 1200 sh -c '$(CMAKE) -S . -B $(BUILD) -DCROSSING_WASMTIME=ON >$(BUILD).log 2>&1 \
	  || { cat $(BUILD).log; exit 1; }; ninja -C $(BUILD) -j $(JOBS) --quiet'

guests: setup
	@$(STAGE) guests 600 conformance/guests/build.sh $(BUILD)/guests

# Programs as they are, from the distribution's source packages and from JavaScript.
real: guests
	@$(STAGE) real 300 conformance/guests/real/build.sh $(BUILD)/guests

matrix: wasmtime real
	@conformance/matrix/run --crossing $(BUILD)/codec/tools/crossing --guests $(BUILD)/guests \
	  --host-library $(BUILD)/conformance/engines/wasmtime/libcrossing_wasmtime_guest_hosts.so \
	  --out $(BUILD)/matrix --jobs $(JOBS)
	@echo "$(BUILD)/matrix/matrix.html"

check: build
	@$(STAGE) check 120 $(CTEST) --test-dir $(BUILD) -L codec --quiet

test: wasmtime real asan
	@$(STAGE) test 2400 $(CTEST) --test-dir $(BUILD)
	@$(STAGE) test-asan 1500 $(CTEST) --test-dir $(BUILD)-asan
	@$(STAGE) --summary

test-long: wasmtime real asan
	@$(STAGE) test-long 7200 env CROSSING_LONG=1 $(CTEST) --test-dir $(BUILD)

demo: build guests
	@conformance/demo/run $(BUILD)

bench: build
	@cmake -S . -B $(BUILD) -DCROSSING_BENCH=ON >/dev/null && ninja -C $(BUILD) -j $(JOBS) --quiet
	@codec/bench/run $(BUILD)
	@codec/bench/formats/run $(BUILD)
	@[ ! -x $(BUILD)/codec/tools/crossing-engine-wasmtime ] || conformance/engines/wasmtime/bench/replay $(BUILD)
	@[ ! -x $(BUILD)/codec/tools/crossing-engine-wasmtime ] || { conformance/engines/wasmtime/bench/record $(BUILD) --json $(BUILD)/recording.json && \
	  conformance/engines/wasmtime/bench/plot $(BUILD)/recording.json $(BUILD)/recording.svg; }

fuzz: asan
	@fuzz/run $(BUILD)-asan $(FUZZ_SECONDS)

install: build
	@cmake --install $(BUILD)

format:
	@.ci/format

tidy: asan
	@git ls-files 'codec/src/*.cpp' 'codec/tools/*.cpp' | xargs clang-tidy -p $(BUILD)-asan --quiet

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD).log $(BUILD)-asan.log
