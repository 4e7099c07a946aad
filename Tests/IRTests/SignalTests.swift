import Glibc
import IR
import Testing

/// Losses, windows and Fourier transforms.
@Suite struct SignalTests {
  @Test(arguments: [
    OperationCase("DFT(%a)", "[1, 0, 0, 0] : f64[4x1]", gives: "[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0] : f64[4x2]"),
    OperationCase(
      "DFT(%a) {onesided: true}", "[0, 1, 0, 0] : f64[4x1]", gives: "[1.0, 0.0, 0.0, -1.0, -1.0, 0.0] : f64[3x2]"),
    OperationCase("DFT(%a, %b)", "[1, 2] : f64[2x1]", "[1] : i64[]", gives: "[1.0, 0.0] : f64[1x2]"),
    OperationCase(
      "DFT(%a, _, %b)", "[1, 0, 0, 1] : f64[2x1x2]", "[-3] : i64[]", gives: "[1.0, 1.0, 1.0, -1.0] : f64[2x1x2]"),
    OperationCase(
      "DFT(%a) {inverse: true}", "[1, 0, 0, 0, 0, 0, 0, 0] : f64[4x2]",
      gives: "[0.25, 0.0, 0.25, 0.0, 0.25, 0.0, 0.25, 0.0] : f64[4x2]"),
    // The imaginary parts of the first and the last frequency say nothing.
    OperationCase(
      "DFT(%a) {inverse: true, onesided: true}", "[4, 9, 0, -4, 4, 9] : f64[3x2]",
      gives: "[2.0, 2.0, 2.0, -2.0] : f64[4x1]"
    ),
    OperationCase("DFT(%a)", "[] : f32[0x3x1]", gives: "[] : f32[0x3x2]"),
    OperationCase(
      "STFT(%a, %b, %c)", "[1, 2, 3, 4, 5] : f64[1x5x1]", "[3] : i64[]", "[1, -1] : f64[2]",
      gives: "[-1.0, 0.0, 3.0, 0.0, -1.0, 0.0, 9.0, 0.0] : f64[1x2x2x2]"),
  ])
  func transforms(_ testCase: OperationCase) throws { try testCase.check() }

  /// A transform whose length has several factors is the sum that defines it.
  @Test(arguments: [1, 2, 3, 12, 35, 64])
  func transformIsItsDefinition(length: Int) throws {
    let x = (0..<length).map { Double(($0 * 7 + 3) % 11) - 5 }
    let signal = Tensor(TensorType(.f64, [length, 1]), reals: x)
    let type = TensorType(.f64, [length, 2])
    let found = try DFT().evaluate(Operands([signal]), [type])[0].reals
    for frequency in 0..<length {
      let angles = (0..<length).map { 2 * Double.pi * Double($0 * frequency) / Double(length) }
      let sums = zip(x, angles).reduce((0.0, 0.0)) { ($0.0 + $1.0 * cos($1.1), $0.1 - $1.0 * sin($1.1)) }
      #expect(abs(found[2 * frequency] - sums.0) < 1e-11 && abs(found[2 * frequency + 1] - sums.1) < 1e-11)
    }
  }

  @Test(arguments: [
    OperationCase("HannWindow(%a)", "[2] : i64[]", gives: "[0.0, 1.0] : f32[2]"),
    OperationCase("HannWindow(%a) {periodic: false}", "[1] : i64[]", gives: "[1.0] : f32[1]"),
    OperationCase("HammingWindow(%a) {output_datatype: i32}", "[2] : i32[]", gives: "[0, 1] : i32[2]"),
    OperationCase("BlackmanWindow(%a)", "[0] : i32[]", gives: "[] : f32[0]"),
    OperationCase(
      "AffineGrid(%a, %b)", "[1, 0, 10, 0, 2, 0] : f32[1x2x3]", "[1, 1, 1, 2] : i64[4]",
      gives: "[9.5, 0.0, 10.5, 0.0] : f32[1x1x2x2]"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b) {ignore_index: 9}", "[1, 2, 3, 4] : f32[2x2]", "[1, 9] : i64[2]",
      gives: "[-2.0] : f32[]"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b) {ignore_index: 0, reduction: none}", "[-inf, 2] : f32[1x2]", "[0] : i64[1]",
      gives: "[0.0] : f32[1]"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b, %c)", "[1, 2, 3, 4] : f32[2x2]", "[0, 1] : i64[2]", "[1, 3] : f32[2]",
      gives: "[-3.25] : f32[]"),
  ])
  func windowsAndLosses(_ testCase: OperationCase) throws { try testCase.check() }

  @Test(arguments: [
    OperationCase("DFT(%a, _, %b)", "[1] : f32[1x1]", "[1] : i64[]", gives: "cannot be transformed"),
    OperationCase("DFT(%a)", "[1, 2, 3] : f32[1x3]", gives: "should have extent 1 for real numbers or 2"),
    OperationCase("DFT(%a)", "[1] : i32[1x1]", gives: "is not defined for elements of type i32"),
    OperationCase("DFT(%a, %b)", "[1] : f32[1x1]", "[0] : i64[]", gives: "length 0 does not exist"),
    OperationCase("DFT(%a, %b)", "[1] : f32[1x1]", "[9223372036854775807] : i64[]", gives: "at most 1048576"),
    OperationCase("DFT(%a, %b)", "[1] : f32[1x1]", "[1048573] : i64[]", gives: "has the prime factor 1048573"),
    OperationCase("DFT(%a) {inverse: true, onesided: true}", "[1, 0] : f32[1x2]", gives: "length 0 does not exist"),
    OperationCase("STFT(%a, %b)", "[1] : f32[1]", "[1] : i64[]", gives: "axes for batch, samples and perhaps parts"),
    OperationCase("STFT(%a, %b)", "[1] : f32[1x1x1]", "[0] : i64[]", gives: "'frame_step' is 0"),
    OperationCase(
      "STFT(%a, %b, %c)", "[1] : f32[1x1x1]", "[1] : i64[]", "[1, 1] : f32[2]", gives: "a frame has 2 samples"),
    OperationCase(
      "STFT(%a, %b, %c, %b)", "[1] : f32[1x1x1]", "[1] : i64[]", "[1, 1] : f32[2]", gives: "frames have 1 samples"),
    OperationCase("HannWindow(%a)", "[-1] : i64[]", gives: "'size' is -1"),
    OperationCase("HannWindow(%a)", "[9223372036854775807] : i64[]", gives: "is too large"),
    OperationCase("HannWindow(%a) {output_datatype: i4}", "[1] : i64[]", gives: "of which there are no windows"),
    OperationCase(
      "MelWeightMatrix(%a, %a, %a, %b, %b)", "[9] : i32[]", "[9] : f32[]", gives: "go beyond the highest frequency"),
    OperationCase(
      "MelWeightMatrix(%a, %a, %a, %b, %c)", "[9] : i32[]", "[9] : f32[]", "[8] : f32[]", gives: "the lower one first"),
    OperationCase(
      "AffineGrid(%a, %b)", "[1] : f32[1x1x1]", "[1, 1, 1, 1] : i64[4]", gives: "should have [1x2x3]"),
    OperationCase(
      "AffineGrid(%a, %b)", "[1] : f32[1x1x1]", "[1, 1, 1, 9223372036854775807] : i64[4]", gives: "in 1...16777216"),
    OperationCase("AffineGrid(%a, %b)", "[1] : f32[1x1x1]", "[1, 1, 1] : i64[3]", gives: "two or three axes"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b)", "[1] : f32[1x1]", "[1] : i64[1]", gives: "index 1 is out of range"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b)", "[1] : f32[1x1]", "[0, 0] : i64[2]", gives: "'target' is i64[2]"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b)", "[1] : f32[1]", "[0] : i64[1]", gives: "axes for samples and classes"),
    OperationCase(
      "NegativeLogLikelihoodLoss(%a, %b) {ignore_index: 4294967296}", "[1] : f32[1x1]", "[0] : i32[1]",
      gives: "no number of type i32"),
    OperationCase(
      "SoftmaxCrossEntropyLoss(%a, %b, %c)", "[1] : f32[1x1]", "[0] : i32[1]", "[1, 2] : f32[2]",
      gives: "there is one for each class"),
  ])
  func faults(_ testCase: OperationCase) { testCase.checkFault() }
}
