extension Target {
  /// Any compiler of C99, with floats in hardware.
  public static let generic = Target(
    name: "generic", summary: "any processor with floating point", pointerBits: 64, laneBits: 128, bitCosts: .sse2,
    sparseCosts: .sse2, bandBytes: 32768)

  /// All targets, in the order of `nnc build --help`.
  ///
  /// The stack of the library was read off the code of libgcc 12 (AVR: 5.4): at most 108 bytes for Cortex-M0, 52 for
  /// others, 48 for RISC-V with 32 bits and 80 with 64, 30 for AVR; here with some room for other versions.
  public static let all = [
    generic,
    Target(
      name: "x86-64-v3", summary: "x86-64 with AVX2", pointerBits: 64, laneBits: 256, bitCosts: .avx2,
      sparseCosts: .avx2, bandBytes: 32768, constantGrowth: .infinity, arenaAlignment: 32,
      machineOptions: ["-march=x86-64-v3"]),
    Target(
      name: "x86-64-v4", summary: "x86-64 with AVX-512", pointerBits: 64, laneBits: 512, panelWidth: 16,
      bitCosts: .avx512,
      sparseCosts: .avx512, bandBytes: 32768, constantGrowth: .infinity, arenaAlignment: 64,
      machineOptions: ["-march=x86-64-v4"]),
    Target(
      name: "aarch64", summary: "AArch64 with NEON", pointerBits: 64, laneBits: 128, bitCosts: .neon,
      sparseCosts: .neon,
      bandBytes: 32768, constantGrowth: .infinity),
    Target(
      name: "cortex-m0", summary: "Arm Cortex-M0, M0+", floats: .inSoftware,
      libraryStackBytes: 128, compilers: arm("armv6m", ["-mcpu=cortex-m0", "-mfloat-abi=soft"])),
    Target(
      name: "cortex-m3", summary: "Arm Cortex-M3", floats: .inSoftware, libraryStackBytes: 64,
      compilers: arm("armv7m", ["-mcpu=cortex-m3", "-mfloat-abi=soft"])),
    Target(
      name: "cortex-m4", summary: "Arm Cortex-M4 with FPU", libraryStackBytes: 64,
      compilers: arm("armv7em", ["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"])),
    Target(
      name: "cortex-m7", summary: "Arm Cortex-M7 with FPU", libraryStackBytes: 64,
      compilers: arm("armv7em", ["-mcpu=cortex-m7", "-mfloat-abi=hard", "-mfpu=fpv5-d16"])),
    Target(
      name: "cortex-m33", summary: "Arm Cortex-M33 with FPU", libraryStackBytes: 64,
      compilers: arm("armv8m.main", ["-mcpu=cortex-m33", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16"])),
    Target(
      name: "cortex-m55", summary: "Arm Cortex-M55 with Helium", libraryStackBytes: 64,
      compilers: arm("armv8.1m.main", ["-mcpu=cortex-m55", "-mfloat-abi=hard"], gcc: ["-mfpu=auto"])),
    Target(
      name: "riscv32", summary: "RISC-V RV32IMC", floats: .inSoftware, libraryStackBytes: 64,
      compilers: riscv("riscv32", ["-march=rv32imc", "-mabi=ilp32"])),
    Target(
      name: "riscv32f", summary: "RISC-V RV32IMAFC", libraryStackBytes: 64,
      compilers: riscv("riscv32", ["-march=rv32imafc", "-mabi=ilp32f"])),
    Target(
      name: "riscv64", summary: "RISC-V RV64GC", pointerBits: 64, libraryStackBytes: 96,
      compilers: riscv("riscv64", ["-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany"])),
    Target(
      name: "avr", summary: "AVR ATmega328P", floats: .inSoftware, pointerBits: 16, hasSeparateProgramMemory: true,
      arenaAlignment: 2, hasDouble: false, libraryStackBytes: 48,
      compilers: [
        CrossCompiler(
          program: "avr-gcc", objdump: "avr-objdump", options: ["-mmcu=atmega328p", "-ffreestanding"]),
        // It states neither the address to which a function returns nor the registers that it saves, 18 at most.
        CrossCompiler(
          program: "clang", objdump: "llvm-objdump", options: ["--target=avr", "-mmcu=atmega328p", "-ffreestanding"],
          uncountedStackBytes: 20),
      ]),
  ]

  private static func arm(_ architecture: String, _ options: [String], gcc: [String] = []) -> [CrossCompiler] {
    let isHard = options.contains("-mfloat-abi=hard")
    return [
      CrossCompiler(
        program: "arm-none-eabi-gcc", objdump: "arm-none-eabi-objdump",
        options: ["-mthumb", "-ffreestanding"] + options + gcc),
      CrossCompiler(
        program: "clang", objdump: "llvm-objdump",
        options: ["--target=\(architecture)-none-eabi\(isHard ? "hf" : "")", "-mthumb", "-ffreestanding"] + options),
    ]
  }

  private static func riscv(_ architecture: String, _ options: [String]) -> [CrossCompiler] {
    [
      CrossCompiler(
        program: "riscv64-unknown-elf-gcc", objdump: "riscv64-unknown-elf-objdump",
        options: ["-ffreestanding"] + options),
      CrossCompiler(
        program: "clang", objdump: "llvm-objdump",
        options: ["--target=\(architecture)-unknown-elf", "-ffreestanding"] + options),
    ]
  }
}
