import Host
import IR
import Testing

@Suite struct RunCommandTests {
  let nnc: NNCProgram
  let input = Tensor(random: TensorType(.f32, [1, 2, 8, 8]), seed: 5)
  init() throws { nnc = try NNCProgram() }

  private func expected() throws -> Tensor { try Graph(parsing: tinyModel, file: "tiny.nnc").evaluate(["x": input])[0] }

  @Test func computesWithBothEngines() throws {
    try NpzArchive.write(nnc.path("in.npz"), [("x", input)])
    try NpyFile.write(nnc.path("in.npy"), input)
    #expect(try nnc("run tiny.nnc --inputs in.npz --outputs out.npz --engine interpreter").exitCode == 0)
    let outputs = try NpzArchive.read(nnc.path("out.npz"))
    #expect(outputs.map(\.name) == ["y"])
    #expect(outputs[0].tensor == (try expected()))
    for target in ["generic", "host", "x86-64-v4", "aarch64", "cortex-m0", "avr"] {
      #expect(try nnc("run tiny.nnc --inputs in.npy --outputs out.npy --target \(target)").exitCode == 0, "\(target)")
      let found = try NpyFile.read(nnc.path("out.npy"))
      #expect(zip(found.reals, try expected().reals).allSatisfy { abs($0 - $1) < 1e-4 }, "\(target)")
    }
  }

  @Test func saysWhatIsWrongWithTheData() throws {
    func errors(_ arrays: [(String, Tensor)]) throws -> String {
      try NpzArchive.write(nnc.path("in.npz"), arrays.map { (name: $0.0, tensor: $0.1) })
      let result = try nnc("run tiny.nnc --inputs in.npz --outputs out.npz --engine interpreter")
      #expect(result.exitCode == 1)
      return result.errors
    }
    #expect(
      try errors([("z", input)]).contains(
        "there is no array 'x' for input 'x', which is f32[1x2x8x8]; the arrays are z"))
    #expect(try errors([("x", input), ("z", input)]).contains("there is no input 'z'; the inputs are x"))
    #expect(
      try errors([("x", input.reshaped(to: [2, 1, 8, 8]))]).contains(
        "is f32[1x2x8x8], but the array 'x' is f32[2x1x8x8]"))
    let wide = Tensor(TensorType(.f64, input.shape), reals: input.reals)
    #expect(try errors([("x", wide)]).contains("convert it in Python with array.astype(\"float32\")"))
    #expect(try nnc("run tiny.nnc --inputs none.npz --outputs out.npz").exitCode == 1)
    #expect(try nnc("run tiny.nnc --outputs out.npz").errors.contains("--inputs is missing"))
    #expect(try nnc("run tiny.nnc --inputs in.txt --outputs out.npz").exitCode == 64)
    #expect(try nnc.files() == ["in.npz", "tiny.nnc"])
  }

  /// Types that files of arrays lack: others that hold their numbers stand for them.
  @Test func takesNumbersOfFewBits() throws {
    let model = """
      graph narrow {
        %a = Input : i4[3x5]
        %b = Input : f8e4m3fn[3]
        %t = Transpose(%a)
        %u = BitCast(%a) {to: u4}
        %c = Cast(%b) {to: f8e5m2}
        return %t, %u, %c
      }
      """
    try nnc.folder.write(model, to: "narrow.nnc")
    let b = Tensor([Float(448), -0.5, .nan])
    try NpzArchive.write(nnc.path("in.npz"), [("a", Tensor([Int8](-8..<7), shape: [3, 5])), ("b", b)])
    for engine in ["c", "interpreter"] {
      #expect(try nnc("run narrow.nnc --inputs in.npz --outputs out.npz --engine \(engine)").exitCode == 0)
      let outputs = try NpzArchive.read(nnc.path("out.npz")).map(\.tensor)
      #expect(outputs[0] == Tensor([-8, -3, 2, -7, -2, 3, -6, -1, 4, -5, 0, 5, -4, 1, 6] as [Int8], shape: [5, 3]))
      #expect(outputs[1] == Tensor([UInt8](8...15) + [UInt8](0...6), shape: [3, 5]))
      #expect(outputs[2].reals[..<2] == [448, -0.5] && outputs[2].reals[2].isNaN)
    }
    try NpzArchive.write(nnc.path("in.npz"), [("a", Tensor([Int8](-9..<6), shape: [3, 5])), ("b", b)])
    #expect(
      try nnc("run narrow.nnc --inputs in.npz --outputs out.npz").errors.contains("with numbers that i4 does not have"))
    #expect(try nnc("check narrow.nnc").exitCode == 0)
  }

  /// A layer is measured by what it makes of its operands, not by how those before it were rounded.
  @Test func checksLayersByThemselves() throws {
    // In single precision the sum is 1, and half of it rounds to 0; in double precision it is a little more.
    let model = """
      graph tie {
        %x = Input : f32[1x3]
        %w = Constant [1, 1, 1] : f32[3x1]
        %two = Constant [2] : f32[]
        %tiny = Constant [1e-6] : f32[]
        %y = MatMul(%x, %w)
        %q = QuantizeLinear(%y, %two)
        %d = DequantizeLinear(%q, %tiny)
        %z = Add(%y, %d)
        return %z
      }
      """
    try nnc.folder.write(model, to: "tie.nnc")
    let x = Tensor([1, 0x1p-24, 0x1p-24] as [Float], shape: [1, 3])
    let graph = try Graph(parsing: model, file: "tie.nnc")
    #expect(try graph.evaluate(["x": x])[0].reals[0] > 1.000001)
    try NpzArchive.write(nnc.path("in.npz"), [("x", x)])
    let result = try nnc("check tie.nnc --data in.npz")
    #expect(result.exitCode == 0 && result.output.contains("QuantizeLinear"), "\(result.errors)")
  }

  @Test func provesTheCOfAModel() throws {
    let result = try nnc("check tiny.nnc")
    #expect(result.exitCode == 0)
    #expect(result.output.contains("ok: the C computes what the model says"))
    #expect(result.output.contains("Conv2D"))
  }

  @Test func namesTheFirstLayerThatDiffers() throws {
    let result = try nnc("check tiny.nnc --tolerance 0")
    #expect(result.exitCode == 1)
    #expect(result.errors.contains("(Conv2D) is the first that differs"))
  }

  @Test func comparesWithRecordedOutputsOfManySamples() throws {
    let inputs = Tensor(random: TensorType(.f32, [3, 2, 8, 8]), seed: 9)
    let graph = try Graph(
      parsing: tinyModel.replacing("1x2x8x8", with: "3x2x8x8"), file: "")
    var outputs = try graph.evaluate(["x": inputs])[0]
    try NpzArchive.write(nnc.path("data.npz"), [("in_x", inputs), ("y", outputs)])
    let good = try nnc("check tiny.nnc --data data.npz")
    #expect(good.exitCode == 0 && good.output.contains("on 3 samples"))
    outputs = Tensor(outputs.type, reals: outputs.reals.enumerated().map { $0 == 25 ? $1 + 1 : $1 })
    try NpzArchive.write(nnc.path("data.npz"), [("x", inputs), ("out_y", outputs)])
    let bad = try nnc("check tiny.nnc --data data.npz")
    #expect(bad.exitCode == 1)
    #expect(bad.errors.contains("recorded output 'y' (MatMul) is the first that differs: element 5 of f32[1x10]"))
    try NpzArchive.write(nnc.path("data.npz"), [("x", inputs), ("out_z", outputs)])
    #expect(try nnc("check tiny.nnc --data data.npz").errors.contains("the array 'out_z' is for no output"))
    try NpzArchive.write(nnc.path("data.npz"), [("in_0", inputs), ("out_0", outputs)])
    #expect(try nnc("check tiny.nnc --data data.npz").errors.contains("recorded output 'y'"))
  }
}
