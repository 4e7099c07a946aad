#include <Arduino.h>

#include "digit.h"

void setup() {
  Serial.begin(115200);
}

void loop() {
  Serial.print("digit ");
  Serial.println(example_digit());
  delay(1000);
}
