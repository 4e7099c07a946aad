/* The functions of the C library that compilers call by themselves, to copy structs and to clear arrays. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  for (; bytes > 0; --bytes) *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  unsigned char *t = to;
  const unsigned char *f = from;
  if (t < f) return memcpy(to, from, bytes);
  for (; bytes > 0; --bytes) t[bytes - 1] = f[bytes - 1];
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  unsigned char *t = to;
  for (; bytes > 0; --bytes) *t++ = (unsigned char)value;
  return to;
}
