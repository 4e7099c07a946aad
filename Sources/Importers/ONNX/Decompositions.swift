import IR

/// How an operator that only ONNX files have is expressed by operations of the IR. So it shares their kernels, and what
/// passes know of them.
///
/// It is for operators whose attributes the IR has no place for: lists of strings, or trees spread over twenty lists. An
/// operator whose attributes are plain is a `CompositeOperation` instead, which text and JSON have too.
///
/// It takes the attributes that it understands; one that remains is not supported.
typealias Decomposition = @Sendable (inout NodeDraft, inout Graph) throws -> [Value?]

/// The operators that are decomposed, by qualified name.
let decompositions: [String: Decomposition] = [
  "TfIdfVectorizer": { try $0.countGrams(in: &$1) },
  "ai.onnx.ml.ArrayFeatureExtractor": { try $0.extractFeatures(in: &$1) },
  "ai.onnx.ml.Binarizer": { try $0.binarize(in: &$1) },
  "ai.onnx.ml.FeatureVectorizer": { try $0.joinFeatures(in: &$1) },
  "ai.onnx.ml.Imputer": { try $0.impute(in: &$1) },
  "ai.onnx.ml.LabelEncoder": { try $0.encodeLabels(in: &$1) },
  "ai.onnx.ml.LinearClassifier": { try $0.linearClassifier(in: &$1) },
  "ai.onnx.ml.LinearRegressor": { try $0.linearRegressor(in: &$1) },
  "ai.onnx.ml.Normalizer": { try $0.normalize(in: &$1) },
  "ai.onnx.ml.OneHotEncoder": { try $0.encodeOneHot(in: &$1) },
  "ai.onnx.ml.SVMClassifier": { try $0.supportClassifier(in: &$1) },
  "ai.onnx.ml.SVMRegressor": { try $0.supportRegressor(in: &$1) },
  "ai.onnx.ml.Scaler": { try $0.scale(in: &$1) },
  "ai.onnx.ml.TreeEnsemble": { try $0.treeEnsemble(in: &$1) },
  "ai.onnx.ml.TreeEnsembleClassifier": { try $0.treeClassifier(in: &$1) },
  "ai.onnx.ml.TreeEnsembleRegressor": { try $0.treeRegressor(in: &$1) },
  "ai.onnx.ml.ZipMap": { try $0.zipMap(in: &$1) },
]

extension NodeDraft {
  /// Adds an operation that has one result, or of which only the first is needed.
  func add(_ op: some Operation, _ operands: [Value?], in graph: inout Graph) throws -> Value {
    try graph.add(op, operands, name: nil, at: location)
  }

  /// Adds a constant.
  func constant(_ tensor: Tensor, in graph: inout Graph) throws -> Value {
    try graph.add(Constant(tensor), name: nil, at: location)
  }

  /// Adds a constant of rank 0 with elements of another type.
  func scalar(_ number: Double, _ element: ElementType, in graph: inout Graph) throws -> Value {
    try constant(Tensor(TensorType(element, []), reals: [number]), in: &graph)
  }

  /// The value with elements of type `element`.
  func cast(_ value: Value, to element: ElementType, in graph: inout Graph) throws -> Value {
    graph.type(of: value).element == element ? value : try add(Cast(to: element), [value], in: &graph)
  }

  /// The operand at `index` as a matrix with a row for each sample; a vector is one sample.
  func matrix(_ index: Int, in graph: inout Graph) throws -> Value {
    let value = try required(index)
    let shape = graph.type(of: value).shape
    if shape.rank == 2 { return value }
    guard shape.rank == 1 else {
      throw fault("operand \(index) is \(graph.type(of: value)), but should be a row of features for each sample")
    }
    return try graph.reshape(value, to: [1, shape[0]], at: location)
  }

  /// A diagnostic about this node.
  func fault(_ message: String) -> Diagnostic { Diagnostic("\(type): \(message)", at: location) }

  /// Throws a diagnostic about this node unless `condition` holds.
  func check(_ condition: Bool, _ message: @autoclosure () -> String) throws(Diagnostic) {
    if !condition { throw fault(message()) }
  }
}

/// Why some operators are not supported.
let reasons: [String: String] = [
  "Bernoulli": randomness, "ImageDecoder": "decode images before they are given to the model",
  "Multinomial": randomness, "RandomNormal": randomness, "RandomNormalLike": randomness, "RandomUniform": randomness,
  "RandomUniformLike": randomness, "RegexFullMatch": noStrings, "StringConcat": noStrings,
  "StringNormalizer": noStrings, "StringSplit": noStrings,
  "ai.onnx.ml.CastMap": noMaps, "ai.onnx.ml.CategoryMapper": noStrings, "ai.onnx.ml.DictVectorizer": noMaps,
]

/// What to say of strings.
let noStrings = "there are no strings on the device; replace them by integers before the model"
private let randomness = "its results are random; export the model for inference, or give it random numbers"
private let noMaps = "there are no maps on the device; give the model a tensor"
