import CodegenC
import Foundation
import Host
import IR
import Targets
import TestSupport
import Testing

/// How the C has the weights: the text, and that each compiler takes it and computes the same.
@Suite struct WeightGoldenTests {
  @Test(arguments: GoldenFile.all(in: "Weights"))
  func golden(_ file: GoldenFile) throws {
    let form = try #require(WeightForm(rawValue: file.name))
    let graph = try file.graph(file.cases[0])
    let model = try CModel(graph, options: .init(name: "model", weights: form))
    let source = model.source
    let start = source.range(of: "/* Weights")!.lowerBound
    let end = source.range(of: "/* Description for programs")!.lowerBound
    try file.check([String(source[start..<end])])
    var inputs = try file.inputs(file.cases[0], graph)
    for condition in [true, false] {
      inputs["c"] = Tensor([condition])
      let expected = try graph.evaluate(inputs)
      for command in Self.hostCompilers {
        guard let compiler = try compiler(command, for: form) else { continue }
        let options = Array(command.dropFirst()) + ["-O1"] + CompilerMatrix.warnings
        let library = try CompiledLibrary([model], compiler: compiler, options: options)
        for (a, b) in zip(try CompiledModel(model, of: graph, in: library)(inputs), expected) {
          #expect(isClose(a, b), "\(form) by \(command): \(a.reals) is not \(b.reals)")
        }
      }
    }
  }

  /// The compilers of small targets make an object file of each form.
  @Test(arguments: WeightForm.allCases)
  func compilesForSmallTargets(form: WeightForm) throws {
    let graph = try #require(GoldenFile.all(in: "Weights").first.map { try $0.graph($0.cases[0]) })
    for command in Self.crossCompilers {
      guard let compiler = try compiler(command, for: form) else { continue }
      let isAVR = command.contains { $0.hasPrefix("-mmcu") }
      if isAVR && form == .external { continue }
      let target = isAVR ? Target.all.first { $0.name == "avr" }! : .generic
      let model = try CModel(graph, options: .init(name: "model", target: target, weights: form))
      let folder = try TemporaryFolder()
      try folder.write(model)
      let options = Array(command.dropFirst()) + ["-std=c99", "-ffreestanding", "-Os", "-c"]
      try compiler.run(options + CompilerMatrix.warnings + ["model.c", "-o", "model.o"], in: folder.url)
    }
  }

  @Test(arguments: WeightForm.allCases)
  func everyFormHasAGoldenFile(form: WeightForm) {
    #expect(GoldenFile.all(in: "Weights").contains { $0.name == form.rawValue })
  }

  private static let hostCompilers = [
    ["gcc", "-std=c99"], ["g++", "-x", "c++"], ["clang-14", "-std=c99"], ["clang", "-std=c99"], ["clang", "-x", "c++"],
  ]

  private static let crossCompilers = [
    ["clang", "--target=thumbv7em-none-eabi", "-nostdlibinc"], ["clang", "--target=riscv32-none-elf", "-nostdlibinc"],
    ["clang", "--target=avr", "-mmcu=atmega328p", "-nostdlibinc"],
    ["clang", "--target=arm64-apple-macos11", "-nostdlibinc"],
    ["clang", "--target=x86_64-pc-windows-msvc", "-nostdlibinc"], ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"],
    ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32"], ["avr-gcc", "-mmcu=atmega328p"],
  ]

  /// The compiler of a command, unless it is missing, or has no `#embed` where that is needed.
  private func compiler(_ command: [String], for form: WeightForm) throws -> CCompiler? {
    guard let compiler = CCompiler(command[0]) else {
      print("skipped: there is no \(command[0])")
      return nil
    }
    if form == .embed, try !compiler.hasEmbed(Array(command.dropFirst())) {
      print("skipped: \(command[0]) has no #embed")
      return nil
    }
    return compiler
  }
}
