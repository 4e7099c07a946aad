import IR

/// Finds activations that a model spells out in simple operations.
///
///     %a = Add(%x, 3)
///     %b = Clip(%a, 0, 6)
///     %c = Mul(%x, %b)
///     %y = Div(%c, 6)
///   →
///     %y = HardSwish(%x)
///
/// So Gelu, by the error function or the hyperbolic tangent, Swish, Mish, HardSwish and HardSigmoid are found, in whatever
/// order their operations are: as a product of x and a gate, in which the argument of the gate's function is a polynomial
/// of x. A layer before can then apply them to its results.
let findActivations = Pass(
  "find-activations", "Finds activations that a model spells out in simple operations.", preserves: .upToRounding,
  rules: [
    Rule(onAny: { node, rewriter in
      // Attributes are f32, and so are the constants that models have: doubles would lose by them.
      guard node.op is Mul || node.op is Div, node.types[0].element.isFloat, node.types[0].element != .f64 else {
        return nil
      }
      guard let (op, x) = rewriter.gatedActivation(node) ?? rewriter.hardSigmoid(node) else { return nil }
      guard rewriter.graph.type(of: x) == node.types[0] else { return nil }
      return [try rewriter.add(op, [x], like: node)]
    })
  ])

/// A function of x by which x is multiplied, times a factor.
private struct Gate {
  /// The function, of an argument that is a polynomial of x.
  enum Function {
    case clip(low: Double, high: Double)
    case sigmoid, erf, tanh, tanhOfSoftplus
  }
  var function: Function
  var argument: ScalarPolynomial
  /// What is computed of the function's result: an offset and a slope.
  var result: ScalarPolynomial

  /// The activation that x times the gate is.
  var activation: (any Operation)? {
    switch function {
    case .clip: return hardSigmoid.flatMap { $0.isHardSwish ? HardSwish() : nil }
    case .sigmoid: return result.isNearly([0, 1]) ? swish(argument) : nil
    case .tanhOfSoftplus: return result.isNearly([0, 1]) && argument.isNearly([0, 1]) ? Mish() : nil
    case .erf where result.isNearly([0.5, 0.5]) && argument.isNearly([0, 0.5.squareRoot()]): return Gelu()
    case .tanh where result.isNearly([0.5, 0.5]):
      let slope = (2 / Double.pi).squareRoot()
      guard argument.isNearly([0, slope, 0, slope * 0.044715]) else {
        // The logistic function of 2x is that.
        return swish(argument * ScalarPolynomial([2]))
      }
      var gelu = Gelu()
      gelu.approximate = .tanh
      return gelu
    default: return nil
    }
  }

  /// The gate itself, if it is a line between 0 and 1.
  var hardSigmoid: HardSigmoid? {
    guard case .clip(let low, let high) = function, result.coefficients.count == 2, argument.coefficients.count == 2
    else {
      return nil
    }
    let (offset, slope) = (result.coefficients[0], result.coefficients[1])
    guard slope > 0, abs(offset + slope * low) < 1e-6, abs(offset + slope * high - 1) < 1e-6 else { return nil }
    var op = HardSigmoid()
    op.alpha = Float(slope * argument.coefficients[1])
    op.beta = Float(offset + slope * argument.coefficients[0])
    return op
  }

  private func swish(_ argument: ScalarPolynomial) -> Swish? {
    guard argument.coefficients.count == 2, argument.coefficients[0] == 0 else { return nil }
    var swish = Swish()
    swish.alpha = Float(argument.coefficients[1])
    return swish
  }
}

extension HardSigmoid {
  fileprivate var isHardSwish: Bool { ScalarPolynomial([Double(beta), Double(alpha)]).isNearly([0.5, 1.0 / 6]) }
}

extension Rewriter {
  /// The activation that a node computes as a product of x and a function of x, and x.
  fileprivate func gatedActivation(_ node: Node) -> (any Operation, Value)? {
    guard let (product, factor) = scaledProduct(node) else { return nil }
    for (left, right) in [(0, 1), (1, 0)] {
      for x in affineOrigins(of: product.inputs[left]!) {
        guard let multiple = polynomial(of: product.inputs[left]!, in: x), multiple.coefficients.count == 2,
          multiple.coefficients[0] == 0, var gate = gate(product.inputs[right]!, of: x)
        else { continue }
        gate.result = gate.result * ScalarPolynomial([factor * multiple.coefficients[1]])
        if let op = gate.activation { return (op, x) }
      }
    }
    return nil
  }

  /// The line between 0 and 1 that a node makes of one with other bounds, and its argument.
  fileprivate func hardSigmoid(_ node: Node) -> (any Operation, Value)? {
    guard let index = node.inputs.firstIndex(where: { scalar($0) == nil }), node.op is Mul || index == 0,
      let number = scalar(node.inputs[1 - index]), let input = node.inputs[index], graph[input].op is Clip,
      let argument = graph[input].inputs[0], let x = affineOrigins(of: argument).last, var gate = gate(input, of: x)
    else { return nil }
    gate.result = gate.result * ScalarPolynomial([node.op is Mul ? number : 1 / number])
    return gate.hardSigmoid.map { ($0, x) }
  }

  /// The product of two tensors of which a node is a multiple, and the factor.
  private func scaledProduct(_ node: Node) -> (Node, Double)? {
    var (node, factor) = (node, 1.0)
    for _ in 0..<3 {
      guard node.op is Mul || node.op is Div else { return nil }
      let numbers = node.inputs.map(scalar)
      if let divisor = numbers[1], divisor != 0 {
        factor *= node.op is Div ? 1 / divisor : divisor
        node = graph[node.inputs[0]!]
      } else if node.op is Mul, let number = numbers[0] {
        factor *= number
        node = graph[node.inputs[1]!]
      } else {
        return node.op is Mul ? (node, factor) : nil
      }
    }
    return nil
  }

  /// The gate that `value` is of x.
  private func gate(_ value: Value, of x: Value) -> Gate? {
    let core = affineOrigins(of: value).last!
    guard let result = polynomial(of: value, in: core), let (function, operand, line) = gateFunction(graph[core]),
      let inner = polynomial(of: operand, in: x)
    else { return nil }
    let argument = inner * ScalarPolynomial([line[1]]) + ScalarPolynomial([line[0]])
    return Gate(function: function, argument: argument, result: result)
  }

  /// The function that a node is, if it is one of gates, its operand, and the offset and slope of its argument.
  private func gateFunction(_ node: Node) -> (Gate.Function, Value, line: [Double])? {
    guard let operand = node.inputs.first ?? nil else { return nil }
    switch node.op {
    case is Sigmoid: return (.sigmoid, operand, [0, 1])
    case is Erf: return (.erf, operand, [0, 1])
    case is Tanh:
      if let (_, softplus) = producer(of: operand, as: Softplus.self) {
        return (.tanhOfSoftplus, softplus.inputs[0]!, [0, 1])
      }
      return (.tanh, operand, [0, 1])
    case let op as HardSigmoid: return (.clip(low: 0, high: 1), operand, [Double(op.beta), Double(op.alpha)])
    case is Clip:
      guard node.inputs.count == 3, let low = scalar(node.inputs[1]), let high = scalar(node.inputs[2]) else {
        return nil
      }
      return (.clip(low: low, high: high), operand, [0, 1])
    case is Min:
      guard node.inputs.count == 2, let (_, relu) = producer(of: operand, as: Relu.self),
        let high = scalar(node.inputs[1])
      else { return nil }
      return (.clip(low: 0, high: high), relu.inputs[0]!, [0, 1])
    default: return nil
    }
  }
}
