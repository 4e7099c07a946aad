; From reset to main on an ATmega328P.
#include <avr/io.h>

.section .vectors, "ax", @progbits
.global vectors
vectors:
  jmp reset
.rept 12
  jmp unexpected_interrupt
.endr
  jmp TIMER1_OVF_vect
.rept 12
  jmp unexpected_interrupt
.endr

.section .text.reset, "ax", @progbits
reset:
  clr r1                          ; the compiler counts on zero here
  out _SFR_IO_ADDR(SREG), r1
  ldi r28, lo8(board_stack_top - 1)
  ldi r29, hi8(board_stack_top - 1)
  out _SFR_IO_ADDR(SPH), r29
  out _SFR_IO_ADDR(SPL), r28

; The compiler asks for these two by name where there are variables.
.global __do_copy_data
__do_copy_data:
  ldi r30, lo8(data_load)         ; variables get their values from flash
  ldi r31, hi8(data_load)
  ldi r26, lo8(data_start)
  ldi r27, hi8(data_start)
  ldi r17, hi8(data_end)
  rjmp 2f
1:
  lpm r0, Z+
  st X+, r0
2:
  cpi r26, lo8(data_end)
  cpc r27, r17
  brne 1b

.global __do_clear_bss
__do_clear_bss:
  ldi r26, lo8(bss_start)         ; or zero
  ldi r27, hi8(bss_start)
  ldi r17, hi8(bss_end)
  rjmp 4f
3:
  st X+, r1
4:
  cpi r26, lo8(bss_end)
  cpc r27, r17
  brne 3b

  call board_start_counter
  call main
  jmp board_exit                  ; with what main returned

unexpected_interrupt:
  ldi r24, 70
  ldi r25, 0
  jmp board_exit
