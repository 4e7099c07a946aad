extension Graph {
  /// Reads a graph from its text form; docs/ir.md has the grammar.
  ///
  /// - Throws: A diagnostic with line and column.
  public init(parsing text: String, file: String) throws {
    var parser = Parser(text: text, file: file)
    self = try parser.graph()
    try parser.expectEnd()
  }

  /// Reads all graphs of a file, one after the other.
  public static func parsing(all text: String, file: String) throws -> [Graph] {
    var parser = Parser(text: text, file: file)
    var graphs: [Graph] = []
    while !parser.isAtEnd { graphs.append(try parser.graph()) }
    return graphs
  }
}

extension Attributes {
  /// Reads attributes as in `a: 1, b: [2, 3]`, for the options of passes.
  public init(parsing text: String, file: String) throws {
    var parser = Parser(text: text, file: file)
    self = try parser.attributes(until: nil)
    try parser.expectEnd()
  }
}

/// A recursive-descent parser: one method for each rule of the grammar.
private struct Parser {
  private var lexer: Lexer
  private var values: [String: Value] = [:]
  private var depth = 0

  init(text: String, file: String) { lexer = Lexer(text: text, file: file) }

  var isAtEnd: Bool { lexer.isAtEnd }

  func expectEnd() throws {
    if !isAtEnd { throw Diagnostic("expected nothing after this", at: lexer.location) }
  }

  /// graph := "graph" NAME "{" node* "return" [output ("," output)*] "}"
  mutating func graph() throws -> Graph {
    values = [:]
    try lexer.expect("graph")
    var graph = Graph(name: try lexer.name("the name of the graph"))
    try lexer.expect("{")
    while !lexer.accept("return") { try node(in: &graph) }
    if !lexer.sees("}") { graph.outputs = try list { try $0.output() } }
    try lexer.expect("}")
    return graph
  }

  /// output := [NAME ":"] VALUE
  private mutating func output() throws -> (name: String, value: Value) {
    if lexer.sees("%") {
      let (name, value) = try use()
      return (name, value)
    }
    let name = try lexer.name("an output")
    try lexer.expect(":")
    return (name, try use().value)
  }

  /// node := VALUE ("," VALUE)* "=" NAME (literal | [operands] [attributes]) [":" type ("," type)*]
  private mutating func node(in graph: inout Graph) throws {
    let location = lexer.location
    let names = try list { try $0.definition() }
    try lexer.expect("=")
    let opLocation = lexer.location
    let word = try lexer.word("an operation")
    guard let operation = operation(named: word) else {
      throw Diagnostic("there is no operation '\(word)'", at: opLocation)
    }
    let op: any Operation
    var operands: [Value?] = []
    if operation == Constant.self {
      op = Constant(try tensor())
    } else {
      operands = lexer.accept("(") ? try list(until: ")") { try $0.lexer.accept("_") ? nil : $0.use().value } : []
      var attributes = lexer.accept("{") ? try attributes(until: "}") : Attributes()
      if operation == Input.self { attributes = try inputAttributes(attributes, name: names[0]) }
      do { op = try operation.init(attributes) } catch let error as Diagnostic { throw error.located(at: location) }
    }
    let results = try add(op, operands, names, in: &graph, at: location)
    guard names.count <= results.count else {
      throw Diagnostic("\(word) has \(results.count) results, not \(names.count)", at: location)
    }
    for (name, value) in zip(names, results) {
      guard values.updateValue(value, forKey: name) == nil else {
        throw Diagnostic("%\(name) is defined twice", at: location)
      }
    }
    if operation != Constant.self, operation != Input.self, lexer.accept(":") {
      let declared = try list { try $0.type() }
      for (index, type) in declared.enumerated() where index < results.count {
        let inferred = graph.type(of: results[index])
        guard type == inferred else {
          throw Diagnostic(
            "%\(names[min(index, names.count - 1)]) is declared \(type) but has type \(inferred)", at: location)
        }
      }
    }
  }

  private func add(
    _ op: some Operation, _ operands: [Value?], _ names: [String], in graph: inout Graph, at location: Location
  ) throws -> [Value] {
    try graph.add(op, operands, names: names.map { Int($0) == nil ? $0 : nil }, at: location)
  }

  private mutating func inputAttributes(_ attributes: Attributes, name: String) throws -> Attributes {
    try lexer.expect(":")
    let type = try type()
    var result = attributes
    if result["name"] == nil { result.entries.append(("name", .string(name))) }
    result.entries.append(("element", .string(type.element.rawValue)))
    result.entries.append(("shape", .list(type.shape.map { .int($0) })))
    return result
  }

  private mutating func definition() throws -> String {
    try lexer.expect("%")
    return try lexer.name("the name of a value")
  }

  private mutating func use() throws -> (name: String, value: Value) {
    let location = lexer.location
    let name = try definition()
    guard let value = values[name] else { throw Diagnostic("%\(name) is not defined before its use", at: location) }
    return (name, value)
  }

  /// attributes := "{" [NAME ":" attribute ("," NAME ":" attribute)*] "}"
  mutating func attributes(until end: String?) throws -> Attributes {
    if end == nil, isAtEnd { return Attributes() }
    var seen: Set<String> = []
    return Attributes(
      try list(until: end) { parser in
        let location = parser.lexer.location
        let name = try parser.lexer.word("the name of an attribute")
        guard seen.insert(name).inserted else { throw Diagnostic("attribute '\(name)' is given twice", at: location) }
        try parser.lexer.expect(":")
        return (name, try parser.attribute())
      })
  }

  /// attribute := NUMBER | "true" | "false" | "none" | NAME | STRING | "[" attribute, … "]" | "tensor" "(" tensor ")"
  ///   | graph
  private mutating func attribute() throws -> Attribute {
    if lexer.sees("\"") { return .string(try lexer.string()) }
    if lexer.accept("[") {
      depth += 1
      defer { depth -= 1 }
      guard depth < 16 else { throw Diagnostic("lists are nested too deeply", at: lexer.location) }
      return .list(try list(until: "]") { try $0.attribute() })
    }
    if lexer.seesWord("graph") { return .graph(try body()) }
    let word = try lexer.word("the value of an attribute")
    if word == "tensor" {
      try lexer.expect("(")
      let value = try tensor()
      try lexer.expect(")")
      return .tensor(value)
    }
    if word == "none" { return .none }
    if let value = Bool(word) { return .bool(value) }
    if let value = Int(word) { return .int(value) }
    if let value = Decimal.attribute(word) { return .float(value) }
    return .string(word)
  }

  /// A graph inside another, of which it does not see the names.
  private mutating func body() throws -> Graph {
    depth += 1
    defer { depth -= 1 }
    guard depth < 16 else { throw Diagnostic("graphs are nested too deeply", at: lexer.location) }
    let outer = values
    defer { values = outer }
    return try graph()
  }

  /// tensor := literal ":" type
  private mutating func tensor() throws -> Tensor {
    let location = lexer.location
    let literal = try literal()
    try lexer.expect(":")
    let type = try type()
    try type.validate()
    do { return try literal.tensor(of: type) } catch { throw error.located(at: location) }
  }

  /// literal := "[" NUMBER, … "]" | "splat" "(" NUMBER ")" | "random" "(" SEED ")" | "bytes" "(" HEX ")"
  private mutating func literal() throws -> Literal {
    if lexer.accept("[") { return .numbers(try list(until: "]") { try $0.lexer.word("a number") }) }
    let location = lexer.location
    let kind = try lexer.word("a literal")
    try lexer.expect("(")
    let argument = lexer.sees(")") ? "" : try lexer.word("an argument")
    try lexer.expect(")")
    guard let literal = Literal(kind: kind, argument: argument) else {
      throw Diagnostic(
        "'\(kind)(\(argument))' is not a literal; use [...], splat(x), random(seed) or bytes(hex)", at: location)
    }
    return literal
  }

  /// type := NAME "[" [N ("x" N)*] "]"
  private mutating func type() throws -> TensorType {
    let location = lexer.location
    let word = try lexer.word("a type")
    guard let element = ElementType(rawValue: word) else {
      throw Diagnostic(
        "'\(word)' is not an element type; they are \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))",
        at: location)
    }
    try lexer.expect("[")
    if lexer.accept("]") { return TensorType(element, []) }
    let text = try lexer.word("extents")
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard !extents.contains(nil) else { throw Diagnostic("'\(text)' are not extents such as 1x3x8", at: location) }
    try lexer.expect("]")
    return TensorType(element, Shape(extents.map { $0! }))
  }

  /// Elements separated by commas, up to `end` if there is one.
  private mutating func list<T>(until end: String? = nil, _ element: (inout Parser) throws -> T) throws -> [T] {
    if let end, lexer.accept(end) { return [] }
    var result = [try element(&self)]
    while lexer.accept(",") { result.append(try element(&self)) }
    if let end { try lexer.expect(end) }
    return result
  }
}
