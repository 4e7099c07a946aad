# The boards: one block each. A board of your own is one more.
#
#   core          as people call it
#   architecture  one of those below, and the folder in boards/
#   flags         of the compiler
#   memory        where the vectors, flash and RAM begin, and how long flash and RAM are
#   tick          picoseconds of a tick of SysTick, to count instructions by
#   target        of `nnc build`
#   optimize      the option of the compiler, -O2 where none is given

BOARDS = microbit mps2-an385 mps2-an386 mps2-an500 mps2-an505 mps3-an547 rv32imc atmega328p

microbit.core = Cortex-M0
microbit.architecture = arm
microbit.flags = -mthumb -mcpu=cortex-m0 -mfloat-abi=soft
microbit.memory = VECTORS_ORIGIN=0 FLASH_ORIGIN=0x400 FLASH_LENGTH=255K RAM_ORIGIN=0x20000000 RAM_LENGTH=16K
microbit.tick = 62500
microbit.target = cortex-m0
microbit.optimize = -Os

mps2-an385.core = Cortex-M3
mps2-an385.architecture = arm
mps2-an385.flags = -mthumb -mcpu=cortex-m3 -mfloat-abi=soft
mps2-an385.memory = VECTORS_ORIGIN=0 FLASH_ORIGIN=0x400 FLASH_LENGTH=4095K RAM_ORIGIN=0x20000000 RAM_LENGTH=4M
mps2-an385.tick = 40000
mps2-an385.target = cortex-m3

mps2-an386.core = Cortex-M4F
mps2-an386.architecture = arm
mps2-an386.flags = -mthumb -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16
mps2-an386.memory = $(mps2-an385.memory)
mps2-an386.tick = 40000
mps2-an386.target = cortex-m4

mps2-an500.core = Cortex-M7
mps2-an500.architecture = arm
mps2-an500.flags = -mthumb -mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16
mps2-an500.memory = $(mps2-an385.memory)
mps2-an500.tick = 40000
mps2-an500.target = cortex-m7

mps2-an505.core = Cortex-M33
mps2-an505.architecture = arm
mps2-an505.flags = -mthumb -mcpu=cortex-m33 -mfloat-abi=hard -mfpu=fpv5-sp-d16
mps2-an505.memory = VECTORS_ORIGIN=0x10000000 FLASH_ORIGIN=0x10000400 FLASH_LENGTH=4095K \
  RAM_ORIGIN=0x38000000 RAM_LENGTH=4M
mps2-an505.tick = 50000
mps2-an505.target = cortex-m33

# Vectors in the tightly coupled memory, the rest in the flash behind QSPI.
mps3-an547.core = Cortex-M55
mps3-an547.architecture = arm
mps3-an547.flags = -mthumb -mcpu=cortex-m55 -mfloat-abi=hard -mfpu=auto
mps3-an547.memory = VECTORS_ORIGIN=0 FLASH_ORIGIN=0x28000000 FLASH_LENGTH=8M RAM_ORIGIN=0x21000000 RAM_LENGTH=4M
mps3-an547.tick = 31250
mps3-an547.target = cortex-m55

rv32imc.core = RISC-V RV32IMC
rv32imc.architecture = riscv
rv32imc.flags = -march=rv32imc -mabi=ilp32 -mcmodel=medany
rv32imc.memory = FLASH_ORIGIN=0x80000000 FLASH_LENGTH=4M RAM_ORIGIN=0x80400000 RAM_LENGTH=4M
rv32imc.target = riscv32

# The counter of this one counts clock cycles.
atmega328p.core = AVR ATmega328P
atmega328p.architecture = avr
atmega328p.flags = -mmcu=atmega328p
atmega328p.memory = FLASH_LENGTH=32K RAM_ORIGIN=0x800100 RAM_LENGTH=2K
atmega328p.target = avr
atmega328p.optimize = -Os

# The architectures:
#
#   prefix     of the compiler's name
#   emulator   what runs a firmware: the command, before the name of the file
#   libm       the library and the option to find its headers, only for models that need a function of it
#   headers
#   images     of the digits, that fit into flash
#   without    which of the common sources are not for it
#   packages   of Debian, with the compiler and the emulator

# One instruction takes one nanosecond of emulated time.
qemu = -icount shift=0 -nographic -monitor none -serial none -semihosting-config enable=on,target=native -kernel

arm.prefix = arm-none-eabi-
arm.emulator = qemu-system-arm -M $(BOARD) $(qemu)
arm.libm = $(shell $(prefix)gcc $($(BOARD).flags) -print-file-name=libm.a)
arm.images = 20
arm.packages = gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm

riscv.prefix = riscv64-unknown-elf-
riscv.emulator = qemu-system-riscv32 -M virt -bios none $(qemu)
riscv.libm = /usr/lib/picolibc/riscv64-unknown-elf/lib/$(shell $(prefix)gcc $($(BOARD).flags) -print-multi-directory)/libc.a
riscv.headers = --specs=picolibc.specs
riscv.images = 20
riscv.packages = gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc

avr.prefix = avr-
avr.emulator = scripts/simavr
avr.libm = $(arm.libm)
avr.images = 8
avr.without = boards/semihosting.c
avr.packages = gcc-avr avr-libc simavr
