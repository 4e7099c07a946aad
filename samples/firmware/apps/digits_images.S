/* The first images of samples/digits/test.bin and their labels, in flash. The file holds 200 images of 64 floats, then the
   labels, a byte each. IMAGES and IMAGES_FILE come from the Makefile. */
#define IMAGE_BYTES 256
#define LABELS_OFFSET (200 * IMAGE_BYTES)

#if defined(__AVR__)
.section .progmem.images, "a"
#else
.section .rodata.images, "a"
#endif
.balign 4

.global images
images:
.incbin IMAGES_FILE, 0, IMAGES * IMAGE_BYTES

.global labels
labels:
.incbin IMAGES_FILE, LABELS_OFFSET, IMAGES
