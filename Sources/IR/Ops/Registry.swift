/// Every operation, by name. An operation that is not listed here does not exist.
public let allOperations: [any Operation.Type] = [
  Add.self,
  AveragePool.self,
  Constant.self,
  Conv.self,
  ConvTranspose.self,
  GlobalAveragePool.self,
  GlobalLpPool.self,
  GlobalMaxPool.self,
  Input.self,
  LpPool.self,
  MaxPool.self,
  Relu.self,
]

private let operationsByName = Dictionary(uniqueKeysWithValues: allOperations.map { ($0.name, $0) })

/// The operation called `name`, or nil.
public func operation(named name: String) -> (any Operation.Type)? { operationsByName[name] }
