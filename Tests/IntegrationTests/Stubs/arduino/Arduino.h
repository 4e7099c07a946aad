/* Stands in for the core of Arduino: what sketches call, which prints on a host and does nothing on a microcontroller. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stdint.h>

#if defined(__unix__)
#include <stdio.h>
#define STUB_PRINT(...) printf(__VA_ARGS__)
#else
#define STUB_PRINT(...) ((void)0)
#endif

class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper *>(text))

/* The overloads of Print in the cores; others would be ambiguous there too. */
class SerialPort {
 public:
  void begin(unsigned long) {}
  void print(const __FlashStringHelper *text) { STUB_PRINT("%s", reinterpret_cast<const char *>(text)); (void)text; }
  void print(const char text[]) { STUB_PRINT("%s", text); (void)text; }
  void print(char c) { STUB_PRINT("%c", c); (void)c; }
  void print(unsigned char x, int = 10) { STUB_PRINT("%d", x); (void)x; }
  void print(int x, int = 10) { STUB_PRINT("%d", x); (void)x; }
  void print(unsigned int x, int = 10) { STUB_PRINT("%u", x); (void)x; }
  void print(long x, int = 10) { STUB_PRINT("%ld", x); (void)x; }
  void print(unsigned long x, int = 10) { STUB_PRINT("%lu", x); (void)x; }
  void print(double x, int digits = 2) { STUB_PRINT("%.*f", digits, x); (void)x; (void)digits; }
  void println() { print('\n'); }
  template <class T> void println(T x) { print(x); println(); }
};

static SerialPort Serial;

static inline unsigned long micros() { return 0; }
static inline void delay(unsigned long) {}

void setup();
void loop();

int main() {
  setup();
  loop();
  return 0;
}

#endif
