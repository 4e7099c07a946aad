/* Weights that are bytes: in a string, or in a file that the program includes or is given. */
#ifndef NNC_WEIGHTS_H
#define NNC_WEIGHTS_H

#include "base.h"

/* Before a definition with a string of more than 4095 characters, which is all that C99 asks of compilers. */
#if defined(__GNUC__) || defined(__clang__)
#define NNC_LONG_STRING __extension__
#else
#define NNC_LONG_STRING
#endif

/* The array of elements of a type that begins at a byte of a file. */
#define NNC_WEIGHTS_AT(type, file, place) ((const type *)(const void *)((const unsigned char *)(file) + (place)))

/* Before the array of a file that begins at a multiple of some bytes. */
#if defined(__GNUC__) || defined(__clang__)
#define NNC_ALIGNED_FILE(alignment) __attribute__((aligned(alignment)))
#else
#define NNC_ALIGNED_FILE(alignment) alignas(alignment)
#endif

/* Which section the assembler puts weights into, and how it goes back. Define NNC_WEIGHTS_SECTION as the name of another,
   as in "\".external_flash\"". */
#if defined(__APPLE__)
#ifndef NNC_WEIGHTS_SECTION
#define NNC_WEIGHTS_SECTION "__TEXT,__const"
#endif
#define NNC_BEGIN_WEIGHTS(symbol) ".section " NNC_WEIGHTS_SECTION "\n\t.globl " symbol "\n\t.private_extern " symbol
#define NNC_END_WEIGHTS ".previous"
#elif defined(_WIN32)
#ifndef NNC_WEIGHTS_SECTION
#define NNC_WEIGHTS_SECTION ".rdata"
#endif
#define NNC_BEGIN_WEIGHTS(symbol) ".section " NNC_WEIGHTS_SECTION ",\"dr\"\n\t.globl " symbol
#define NNC_END_WEIGHTS ".text"
#else
#if defined(NNC_WEIGHTS_SECTION)
#define NNC_SECTION_OF_WEIGHTS(symbol) NNC_WEIGHTS_SECTION
#elif defined(NNC_PROGRAM_MEMORY) && defined(__AVR__)
#define NNC_SECTION_OF_WEIGHTS(symbol) ".progmem.data." symbol
#else
#define NNC_SECTION_OF_WEIGHTS(symbol) ".rodata." symbol
#endif
#define NNC_BEGIN_WEIGHTS(symbol) \
  ".pushsection " NNC_SECTION_OF_WEIGHTS(symbol) ",\"a\"\n\t.globl " symbol "\n\t.hidden " symbol "\n\t.type " symbol ", %object"
#define NNC_END_WEIGHTS ".popsection"
#endif

/* What the assembler says of a file that is too short: that of GNU does so itself. */
#ifdef __clang__
#define NNC_CHECK_WEIGHTS(symbol, count) \
  "\t.space . - " symbol " - " count " /* negative where the file is too short, which is not that of this C */\n"
#else
#define NNC_CHECK_WEIGHTS(symbol, count)
#endif

/* Lets the assembler include some bytes of a file, from a place on, as an array. */
#define NNC_INCLUDE_WEIGHTS(symbol, file, place, count, alignment) \
  __asm__( \
      "\t" NNC_BEGIN_WEIGHTS(#symbol) "\n\t.balign " #alignment "\n" #symbol ":\n\t.incbin \"" file "\", " #place ", " #count \
      "\n" NNC_CHECK_WEIGHTS(#symbol, #count) "\t" NNC_END_WEIGHTS "\n")

/* Behind the declaration of such an array: its name for the assembler, which no other library sees. */
#ifdef _WIN32
#define NNC_INCLUDED(symbol) __asm__(#symbol)
#else
#define NNC_INCLUDED(symbol) __asm__(#symbol) __attribute__((visibility("hidden")))
#endif

/* Why a model cannot run with a file of weights: the number that it returns, or 0 if it can. The file begins with four
   words: "NNCW", the version of its form, its bytes, and the CRC-32 of all that follows these words. */
NNC_INLINE int nnc_weights_error(const void *file, uint32_t alignment, uint32_t size, uint32_t crc) {
  const uint32_t *const words = (const uint32_t *)file;
  if (file == NULL) return 1;
  if ((uintptr_t)file % alignment != 0) return 2;
  return words[0] == 0x57434e4eU && words[1] == 1 && words[2] == size && words[3] == crc ? 0 : 3;
}

/* The CRC-32 of some bytes as IEEE 802.3 and zlib have it, computed by half bytes. */
NNC_SHARED uint32_t nnc_crc32(const uint8_t *x, nnc_index count) {
  static const uint32_t remainders[16] = {
      0x00000000U, 0x1db71064U, 0x3b6e20c8U, 0x26d930acU, 0x76dc4190U, 0x6b6b51f4U, 0x4db26158U, 0x5005713cU,
      0xedb88320U, 0xf00f9344U, 0xd6d6a3e8U, 0xcb61b38cU, 0x9b64c2b0U, 0x86d3d2d4U, 0xa00ae278U, 0xbdbdf21cU};
  uint32_t crc = 0xffffffffU;
  for (nnc_index i = 0; i < count; ++i) {
    crc ^= x[i];
    crc = remainders[crc & 15] ^ (crc >> 4);
    crc = remainders[crc & 15] ^ (crc >> 4);
  }
  return ~crc;
}

#endif
