import CodegenC
import Foundation
import Host
import IR
import TestSupport
import Testing

/// Files of weights that the C includes.
@Suite struct WeightFileTests {
  /// The network with a file in which a weight of the last layer is missing.
  private func folder(_ form: WeightForm, keeping count: Int? = nil) throws -> TemporaryFolder {
    let model = try CModel(SmallNetwork.graph(fused: true), options: .init(name: "model", weights: form))
    let folder = try TemporaryFolder()
    try folder.write(model)
    if let count {
      let url = folder.url.appendingPathComponent("model.weights.bin")
      try Data(contentsOf: url).prefix(count).write(to: url)
    }
    return folder
  }

  @Test(arguments: [(WeightForm.incbin, "gcc"), (.incbin, "clang"), (.incbin, "clang-14"), (.embed, "clang")])
  func refusesAFileThatIsTooShort(form: WeightForm, compiler name: String) throws {
    guard let compiler = CCompiler(name) else {
      print("skipped: there is no \(name)")
      return
    }
    let folder = try folder(form, keeping: 1000)
    let error = #expect(throws: Diagnostic.self) { try compiler.run(["-std=c99", "-c", "model.c"], in: folder.url) }
    let words =
      form == .embed ? "model_weights_are_whole" : name == "gcc" ? "invalid for file size" : "the file is too short"
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  /// A build in another folder names the folder of the file, or its path.
  @Test(arguments: ["gcc", "clang", "clang-14"])
  func findsTheFileInTheFoldersOfI(compiler name: String) throws {
    guard let compiler = CCompiler(name) else {
      print("skipped: there is no \(name)")
      return
    }
    let (folder, other) = (try folder(.incbin), try TemporaryFolder())
    let source = folder.path + "/model.c"
    let error = #expect(throws: Diagnostic.self) { try compiler.run(["-std=c99", "-c", source], in: other.url) }
    #expect(error?.message.contains("model.weights.bin") == true)
    try compiler.run(["-std=c99", "-c", source, "-I", folder.path], in: other.url)
    try compiler.run(
      ["-std=c99", "-c", source, "-DMODEL_WEIGHTS_FILE=\"\(folder.path)/model.weights.bin\""], in: other.url)
  }

  @Test func putsTheFileIntoASection() throws {
    guard let compiler = CCompiler("gcc"), let objdump = CCompiler("objdump") else {
      print("skipped: there is no gcc with objdump")
      return
    }
    let folder = try folder(.incbin)
    try compiler.run(
      ["-std=c99", "-DNNC_WEIGHTS_SECTION=\".external_flash\"", "-c", "model.c", "-o", "model.o"], in: folder.url)
    #expect(try objdump.run(["-h", "model.o"], in: folder.url).contains(" .external_flash "))
  }

  /// A compiler without #embed says so first.
  @Test func saysThatThereIsNoEmbed() throws {
    guard let compiler = CCompiler("clang-14") ?? CCompiler("gcc"), try !compiler.hasEmbed([]) else {
      print("skipped: there is no compiler without #embed")
      return
    }
    let folder = try folder(.embed)
    let error = #expect(throws: Diagnostic.self) { try compiler.run(["-std=c99", "-c", "model.c"], in: folder.url) }
    let lines = try #require(error?.message.split(separator: "\n"))
    #expect(lines.count > 1 && lines[1].contains("This compiler has no #embed"))
  }

  /// The large weights of models that run on this machine.
  @Test func hostsLargeModelsWithAnIncludedFile() throws {
    let compiler = try CCompiler.system()
    #expect(try compiler.fastestForm(forWeightsOf: SmallNetwork.graph(fused: true)) == .array)
    var graph = Graph(name: "large")
    let input = try graph.add(Input("x", TensorType(.f32, [1, 512])), name: "x")
    let weights = try graph.add(Constant(Tensor(random: TensorType(.f32, [512, 513]), seed: 1)), name: "w")
    graph.outputs.append(("y", try graph.add(MatMul(), [input, weights], name: "y")))
    #expect(try compiler.fastestForm(forWeightsOf: graph) == .incbin)
    let inputs = ["x": Tensor(random: TensorType(.f32, [1, 512]), seed: 2)]
    let expected = try graph.evaluate(inputs)[0].reals
    for form in [nil, WeightForm.array, .string, .external] {
      let found = try CompiledModel(graph, compiler: compiler, weights: form)(inputs)[0].reals
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(form.map(\.rawValue) ?? "by itself")")
    }
  }
}
