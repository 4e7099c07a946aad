# A firmware with the C of two compilers: those of samples/firmware, which must be the working directory, with one more
# application. PEER is the C of the other compiler. `sizes` prints the bytes of the objects of both.
override APP = compare
compare.models = own model
compare.sources = compare.c
compare.objects = $(out)/peer.o

include Makefile

$(out)/apps/compare.o: ../../Benchmarks/firmware/compare.c
	mkdir -p $(@D)
	$(compile) -std=c99 $(warnings) -c $< -o $@

# What the other compiler writes is not freestanding: it includes <math.h> and <string.h>. It has warnings, too.
$(out)/peer.o: $(PEER)
	mkdir -p $(@D)
	$(filter-out -ffreestanding,$(compile)) $($(architecture).headers) -std=c99 -c $< -o $@

$(out)/own.c: $(MODEL)

.PHONY: sizes
sizes: $(out)/own.o $(out)/peer.o
	$(prefix)size $^ | awk 'NR == 2 { print "nnc-flash", $$1 + $$2, "bytes" } NR == 3 { print "peer-flash", $$1 + $$2, "bytes" }'
