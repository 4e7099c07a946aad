# make demo       installs what is missing, builds nnc, compiles samples/digits to C and runs it on held-out digits
# make test       installs what is missing and runs every test
# make            builds nnc: .build/release/nnc
# make stories    compiles samples/stories, a language model, and lets it tell a story
# make rows       compiles samples/rows, a recurrent network, and lets it read digits row by row
# make fuzz       compiles damaged models, COUNT=N of each kind from number FIRST=N on; build/fuzz gets those that fail
# make firmware-test  builds firmware for emulated boards and runs it; what needs a tool that is missing is skipped
# make accuracy   runs trained models over whole data sets, where `make test` takes the first samples of the large ones

CC ?= cc
ifeq ($(origin CC),default)
CC = clang
endif
NNC = .build/release/nnc
CFLAGS = -std=c99 -O2 -Wall -Wextra -Wconversion -Wshadow -pedantic -Werror
DIGITS = build/digits
STORIES = build/stories
ROWS = build/rows
SHARED = $(or $(NNC_SHARED),../shared)
MODELS = $(SHARED)/models
COUNT = 10000
FIRST = 0

.PHONY: all build demo stories rows test firmware-test fuzz accuracy bless format lint clean

all: build

build:
	@scripts/setup build
	swift build -c release --product nnc

demo: build
	@mkdir -p $(DIGITS)
	$(NNC) build samples/digits/digits.json -o $(DIGITS)/digits.c --report -
	$(CC) $(CFLAGS) -I$(DIGITS) $(DIGITS)/digits.c samples/digits/main.c samples/digits/test_set.c -o $(DIGITS)/digits -lm
	$(DIGITS)/digits samples/digits/test.bin

stories: build
	@mkdir -p $(STORIES)
	$(NNC) build $(MODELS)/stories260k/model.onnx -o $(STORIES)/stories.c
	$(CC) $(CFLAGS) -I$(STORIES) $(STORIES)/stories.c samples/stories/main.c samples/stories/tokenizer.c \
	  -o $(STORIES)/stories -lm
	$(STORIES)/stories $(MODELS)/stories260k/tok512.bin "Once upon a time"

rows: build
	@mkdir -p $(ROWS)
	$(NNC) build samples/rows/rows.json --stream all -o $(ROWS)/rows.c
	$(CC) $(CFLAGS) -I$(ROWS) -Isamples/digits $(ROWS)/rows.c samples/rows/main.c samples/digits/test_set.c \
	  -o $(ROWS)/rows -lm
	$(ROWS)/rows samples/digits/test.bin

# The tests run optimized: the interpreter, to which generated C is compared, is slow otherwise.
test:
	@scripts/setup test
	@NNC_ONNX_CASES="$${NNC_ONNX_CASES:-$$(scripts/onnx-cases)}" swift test -c release --disable-xctest

# NNC=path takes an nnc that is there.
firmware-test: $(if $(filter file,$(origin NNC)),build)
	$(MAKE) --no-print-directory -C samples/firmware test NNC=$(abspath $(NNC))

fuzz:
	@scripts/setup build
	swift build -c release --product Fuzz
	.build/release/Fuzz --count $(COUNT) --first $(FIRST) $(addprefix --models ,$(wildcard $(SHARED)/zoo))

accuracy:
	@scripts/setup test
	NNC_FULL=1 swift test -c release --disable-xctest --filter AccuracyTests

# Writes what the tests got into the golden files; read the difference before you commit it.
bless:
	@NNC_ONNX_CASES="$${NNC_ONNX_CASES:-$$(scripts/onnx-cases)}" NNC_BLESS=1 \
	  swift test -c release --disable-xctest --filter "Golden|Table|publishedCases"

format:
	swift format -i --recursive Package.swift Sources Tests

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

clean:
	rm -rf .build build .cache
